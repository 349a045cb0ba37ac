//! Clients that write without a break and remember every attempt.
//!
//! Floors, lowest first: [`record`] (what they remember), [`meter`] (what is known while they run), [`intent`] (what
//! they ask for), [`attempt`] (one request), [`client`] (one of them), [`crowd`] (all of them). [`pulse`] stands apart: one small
//! write after the other, to measure by.

pub mod attempt;
pub mod client;
pub mod crowd;
pub mod intent;
pub mod meter;
pub mod pulse;
pub mod record;
