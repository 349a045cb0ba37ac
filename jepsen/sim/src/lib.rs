//! A whole region in one process, on one thread, in virtual time, from one seed.
//!
//! Real are the state machine, consensus, the log with its recovery, snapshots, the gate between peers, forwarding,
//! exactly-once, membership and upkeep. Simulated are the clock, the wires ([`network`]), the log's disk, chance, and
//! processes that are killed or frozen. In some runs there are racks with DHCP clients ([`rack`]). HTTP, DNS, HTTP/2 and
//! files' power cuts are not here: the process tiers have them.
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "tests may fail loudly"))]

pub mod batch;
pub mod chance;
pub mod client;
pub mod clock;
pub mod fault;
pub mod group;
pub mod history;
pub mod judge;
pub mod names;
pub mod nemesis;
pub mod network;
pub mod node;
pub mod options;
pub mod plan;
pub mod rack;
pub mod record;
pub mod report;
pub mod run;
pub mod runs;
pub mod shrink;
pub mod staleness;
pub mod trace;
pub mod verify;
pub mod workload;
