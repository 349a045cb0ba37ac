//! Three real nodes on this machine: [`place`] (names, ports, folders), [`node`] (one process), [`status`] (what the
//! nodes say of themselves), [`log_lines`] (what they wrote into their logs), [`group`] (all of them).

pub mod group;
pub mod log_lines;
pub mod node;
pub mod place;
pub mod status;
