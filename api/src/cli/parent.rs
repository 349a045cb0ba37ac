//! Dying with the process that started this one, so that a killed `regent dev` leaves no node behind.

use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use rustix::process::{Signal, getppid, set_parent_process_death_signal};

/// Asks the kernel to kill this process when its parent, process `parent`, ends.
///
/// # Errors
/// [`Failure`] if the parent is gone already, or the kernel refuses.
pub fn die_with(parent: u32) -> Result<(), Failure> {
    let refused = |why: String| {
        let next = "start the node without --die-with-parent";
        Failure::refused(Exit::Failure, "the node cannot be bound to its parent", why, next)
    };
    set_parent_process_death_signal(Some(Signal::KILL))
        .map_err(|error| refused(error.to_string()))?;
    // It may have died before we asked.
    let actual = getppid().and_then(|pid| u32::try_from(pid.as_raw_pid()).ok());
    if actual == Some(parent) {
        return Ok(());
    }
    Err(refused(format!("process {parent}, which started it, is gone")))
}
