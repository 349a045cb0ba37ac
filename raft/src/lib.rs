//! Consensus and durable state: openraft over a journal in sled, the published state, and the handle to it all.
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "tests may fail loudly"))]

pub mod clock;
pub mod config;
pub mod digest_check;
pub mod durable;
pub mod error;
pub mod exclusion;
pub mod identity;
pub mod log_store;
pub mod network;
pub mod offline_log;
mod preparation;
pub mod region;
pub mod runtime;
pub mod state_machine;
pub mod type_config;
