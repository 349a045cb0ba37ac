//! The chaos harness: breaks real clusters and judges what their clients saw.
//!
//! ```text
//!   faults ──► cluster (real processes)      load (clients that write and remember)
//!      │                                        │
//!      └──────────► judge ◄── history ◄─────────┘   (histories: `regent_check`)
//! ```
//!
//! It starts the `regent` executable and speaks to it as anybody could: signals, HTTP, and, once the nodes have
//! stopped, the logs on their disks. Nothing here reaches into a running node. [`power`] does the same to a cluster whose
//! disks lose power; for its controls this executable can be a node itself, one that is made to lose data. [`chaos`] does all of it
//! to clusters whose nodes have a machine each, [`soak`] does so for hours; [`probe`] tells what of it this machine can do.
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "tests may fail loudly"))]

pub mod chaos;
pub mod cluster;
pub mod faults;
pub mod judge;
pub mod judgement;
pub mod lab;
pub mod load;
pub mod power;
pub mod probe;
pub mod racks;
pub mod seclusion;
pub mod soak;
pub mod stop;
pub mod tell;
