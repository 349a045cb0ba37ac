//! Three real nodes on this machine: [`place`] (names, ports, folders), [`node`] (one process), [`status`] (what the
//! nodes say of themselves), [`group`] (all of them).

pub mod group;
pub mod node;
pub mod place;
pub mod status;
