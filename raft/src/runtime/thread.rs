//! Threads of this crate's own: only for what lives long or must not run among others. There are none in a simulation.

use std::io;
use std::thread::{Builder, JoinHandle};

/// Starts a thread under this name, of which the system shows the first 15 letters.
///
/// # Errors
/// The system has no thread to give.
pub fn start<T: Send + 'static>(
    name: &str,
    work: impl FnOnce() -> T + Send + 'static,
) -> io::Result<JoinHandle<T>> {
    Builder::new().name(name.to_owned()).spawn(work)
}
