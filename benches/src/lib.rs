//! What the benchmarks share: how a figure is taken and how it is written.
//!
//! The benchmarks themselves are the files beside this folder, run with `cargo bench -p regent-benches`.

pub mod throughput;
