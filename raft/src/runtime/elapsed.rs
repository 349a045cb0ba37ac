//! Measured time: how long something takes, and what is overdue. In a simulation it is the time of its tokio runtime.
//!
//! What the state depends on comes from `clock`.

use std::time::{Duration, Instant};

/// Now.
#[must_use]
pub fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}

/// How long ago that was; nothing if it is still to come.
#[must_use]
pub fn since(instant: Instant) -> Duration {
    now().saturating_duration_since(instant)
}
