//! Three real nodes on this machine: [`place`] (names, ports, folders), [`node`] (one process), [`status`] (what the
//! nodes say of themselves), [`log_lines`] (what they wrote into their logs), [`group`] (all of them), [`api`] (how they are
//! asked for what a run needs), [`usage`] (what their processes use).

pub mod api;
pub mod group;
pub mod log_lines;
pub mod node;
pub mod place;
pub mod status;
pub mod usage;
