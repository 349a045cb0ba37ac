//! Clients that write without a break and remember every attempt.
//!
//! Floors, lowest first: [`record`] (what they remember), [`meter`] (what is known while they run), [`intent`] (what
//! they ask for), [`attempt`] (one request), [`client`] (one of them), [`crowd`] (all of them). Two stand apart: [`pulse`], one small
//! write after the other, to measure by; and [`dhcp_client`], which remembers [`dhcp_exchange`]s.

pub mod attempt;
pub mod client;
pub mod crowd;
pub mod dhcp_client;
pub mod dhcp_exchange;
pub mod intent;
pub mod meter;
pub mod pulse;
pub mod record;
