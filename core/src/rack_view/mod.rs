//! What concerns one rack, derived from the state: its VLANs, what their clients are told, who has which address.
//!
//! The types are what the region tells and what a rack remembers; the functions read a state. How a view travels, and
//! how a rack finds its way in one, is not here.

mod boot;
pub mod change;
pub mod follow;
pub mod host;
pub mod hosts;
pub mod lease;
pub mod leases;
pub mod network;
pub mod served;
pub mod setting;
pub mod site;
pub mod snippet;
pub mod snippets;
pub mod subnet;
pub mod telling;
pub mod touched;
pub mod vlan;
