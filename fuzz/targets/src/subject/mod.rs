//! Each thing under test as a function of bytes, with what must hold of it whatever they are.
//!
//! Floors, lowest first: [`sites`] (states to start from) and [`way`] (names of outcomes), then one file a subject.

pub mod apply;
pub mod codec;
pub mod dhcp;
pub mod dns;
pub mod dump;
pub mod http;
pub mod journal;
pub mod leases;
pub mod peer;
pub mod sites;
pub mod snapshot;
pub mod way;
