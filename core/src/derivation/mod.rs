//! From the state to the DNS view: which records follow from what the state says, by MAAS's naming rules.
//!
//! `origin` makes the facts of one object, `zone` the zones; `affected` says which of them a change reaches, `follow`
//! brings a view up to date with an entry, and rebuilds it where too much depends on what changed.

mod affected;
pub mod follow;
mod node;
mod origin;
mod zone;
