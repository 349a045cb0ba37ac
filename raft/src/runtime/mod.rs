//! The seam between this crate and what runs it (DESIGN D19): every task, blocking job, thread, random number and
//! measured instant of the crate comes through here; the clocks the state depends on through `clock`, the log's disk
//! through `log_store::backend`.
//!
//! In production that is tokio, threads and the system's randomness. In a simulation everything runs on the thread that
//! simulates, one thing after the other, and chance is a seed. Timers are tokio's in both: a simulation runs on a tokio
//! runtime of one thread whose clock it moves; a process that is killed or frozen is a `life`. The wires between nodes
//! come through `network::wire`.

pub mod background;
pub mod chance;
pub mod elapsed;
pub mod life;
pub mod of_openraft;
pub mod reaper;
pub mod simulated;
pub mod tasks;
pub mod thread;
mod turn;
