//! What is measured: [`writes`], then on one cluster with the large site [`large`] (bringing it in), [`dns`] and
//! [`restart`].

pub mod dns;
pub mod large;
pub mod restart;
pub mod writes;
