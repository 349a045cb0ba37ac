//! Drops what takes long to drop where nobody waits for it.

use crate::runtime::simulated::is_simulated;
use crate::runtime::thread;
use std::io;
use std::sync::mpsc::{SyncSender, sync_channel};
use tokio::runtime::Handle;

/// Values waiting to be dropped; beyond that whoever hands one over drops it.
const QUEUE_MAX: usize = 1024;

/// A thread that drops values; it ends with this handle. In a simulation they are dropped at once: it cannot be seen.
#[derive(Debug)]
pub struct Reaper<T>(Option<SyncSender<T>>);

impl<T: Send + 'static> Reaper<T> {
    /// Starts the thread under this name.
    ///
    /// # Errors
    /// The system has no thread to give.
    pub fn start(name: &str) -> io::Result<Self> {
        if is_simulated() {
            return Ok(Self(None));
        }
        let (sender, values) = sync_channel::<T>(QUEUE_MAX);
        thread::start(name, move || values.into_iter().for_each(drop))?;
        Ok(Self(Some(sender)))
    }

    /// Has `value` dropped.
    pub fn drop(&self, value: T) {
        if let Some(sender) = &self.0 {
            // A full queue or a thread that is gone gives the value back, to be dropped here.
            drop(sender.try_send(value));
        }
    }
}

/// Drops a single large value: on a thread for blocking work if there is one.
pub fn drop_aside(value: impl Send + 'static) {
    match Handle::try_current() {
        Ok(runtime) if !is_simulated() => drop(runtime.spawn_blocking(move || drop(value))),
        Ok(_) | Err(_) => drop(value),
    }
}
