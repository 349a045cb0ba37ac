//! An exhaustive model of the lease protocol: every order in which a few clients, two racks and a region can ask,
//! answer, lose and delay messages, crash, forget and run out of time, within a horizon of ticks.
//!
//! It runs the rules that are shipped, `regent_core::lease` and `regent_rack_agent::lease`, and repeats none of them.
//! What it models itself is the world around them: clocks, disks, the network and clients. What it leaves out is listed
//! in `docs/lease-protocol.md`.

pub mod action;
pub mod check;
pub mod choices;
pub mod client_steps;
pub mod configurations;
pub mod faults;
pub mod forget;
pub mod message;
pub mod model;
pub mod mutation;
pub mod numbers;
pub mod rack_steps;
pub mod region_steps;
pub mod scenario;
pub mod setting;
pub mod step;
pub mod witness;
pub mod world;
