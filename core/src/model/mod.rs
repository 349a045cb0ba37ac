//! The nouns of the domain, as MAAS names them. Plain data: rules that span objects live in `apply`.

pub mod domain;
pub mod interface;
pub mod node;
pub mod node_status;
