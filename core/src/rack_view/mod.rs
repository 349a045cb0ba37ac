//! What concerns one rack, derived from the state: its VLANs, what their clients are told, who has which address.
//!
//! The types are what the region tells and what a rack remembers; the functions read a state. How a view travels, and
//! how a rack finds its way in one, is not here.

pub mod change;
pub mod host;
pub mod lease;
pub mod setting;
pub mod subnet;
pub mod vlan;
