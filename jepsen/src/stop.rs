//! What ends a run early: a signal, or the end of its time.

use std::time::Duration;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::{Instant, sleep_until};

/// What ends a run early.
pub struct Stop {
    interrupt: Signal,
    terminate: Signal,
    deadline: Instant,
}

impl Stop {
    /// Ends the run at a signal, or when its time is over.
    ///
    /// # Errors
    /// When signals cannot be waited for.
    pub fn new(limit: Duration) -> std::io::Result<Self> {
        let interrupt = signal(SignalKind::interrupt())?;
        let terminate = signal(SignalKind::terminate())?;
        Ok(Self { interrupt, terminate, deadline: Instant::now() + limit })
    }

    /// Returns when the run is to end.
    pub async fn asked(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            () = sleep_until(self.deadline) => {}
        }
    }
}
