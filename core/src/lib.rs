//! The pure domain of Regent: what the region knows, what can be asked of it, and what that does.
//!
//! ```text
//!   Proposal ──► apply ──► Applied { state, reply, changes }
//!                  │
//!    &State ───────┘        no clock, no randomness, no I/O, no async, no locks
//! ```
//!
//! Everything here is a value or a function of values. The floors, lowest first: `id time net codec planted version`, `object revision`, `model`,
//! `outcome rejection change`, `dns`, `state`, `query`, `derivation`, `rack_view`, `invariant`, `command`, `apply`, `snapshot`.
//! `cost` holds tests of what an entry costs.
#![forbid(unsafe_code)]
#![deny(clippy::float_arithmetic, clippy::indexing_slicing, clippy::wildcard_enum_match_arm)]
#![cfg_attr(
    test,
    allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may fail loudly")
)]

pub mod apply;
pub mod change;
pub mod codec;
pub mod command;
#[cfg(test)]
mod cost;
pub mod derivation;
pub mod dns;
pub mod id;
pub mod invariant;
pub mod lease;
pub mod model;
pub mod net;
pub mod object;
pub mod outcome;
pub mod planted;
pub mod query;
pub mod rack_view;
pub mod rejection;
pub mod revision;
pub mod snapshot;
pub mod state;
pub mod time;
pub mod version;
