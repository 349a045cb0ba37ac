//! What the benchmarks share; they themselves are the files beside this folder, run with `cargo bench -p regent-benches`.
//!
//! Floors, lowest first: [`throughput`], [`spread`] and [`table`] (how figures are taken and written), [`arguments`],
//! [`process`] (what the kernel says of a process), [`load`] (clients), [`site`] (a large site as a dump), [`peers`]
//! (what Regent is compared with), [`parts`] (what is measured); [`dhcp`] beside them, for its own benchmark. `docs/benchmarks.md` tells what the figures mean.
//!
//! Nothing here judges: no figure makes a run fail.
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "tests may fail loudly"))]

pub mod arguments;
pub mod dhcp;
pub mod load;
pub mod parts;
pub mod peers;
pub mod process;
pub mod site;
pub mod spread;
pub mod table;
pub mod throughput;
pub mod turns;
