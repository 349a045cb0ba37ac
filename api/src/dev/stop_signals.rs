//! The signals that end `regent dev`: Ctrl-C, a polite kill, a terminal that went away.

use futures::future::select_all;
use std::io;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// The signals, caught from now on.
pub struct StopSignals([Signal; 3]);

impl StopSignals {
    /// Catches them.
    ///
    /// # Errors
    /// When the system does not let us.
    pub fn catch() -> io::Result<Self> {
        let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
        let [interrupt, terminate, hangup] = kinds.map(signal);
        Ok(Self([interrupt?, terminate?, hangup?]))
    }

    /// Waits for one of them.
    pub async fn received(&mut self) {
        select_all(self.0.iter_mut().map(|signal| Box::pin(signal.recv()))).await;
    }
}
