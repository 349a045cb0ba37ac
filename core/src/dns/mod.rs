//! The DNS view: what the region answers to DNS questions, as an immutable value of its own.
//!
//! ```text
//!   state ──derivation──► facts (who says what of which name) ──► names, addresses, zones ──► lookup, transfer
//! ```
//!
//! Nothing here knows where facts come from: `derivation` makes them from the state, entry by entry. Reverse names and
//! the generated names of dynamic ranges are not stored but answered by rule.

pub mod answer;
pub mod difference;
pub mod fact;
mod generated;
pub mod lookup;
pub mod record;
mod reverse;
pub mod transfer;
pub mod view;
pub mod zone;
