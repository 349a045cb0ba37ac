//! A mount namespace of one's own: nobody else can hold on to a mount in it, and none outlives it.
//!
//! A program starts itself again inside, with a folder that is gone afterwards. Two processes, so that the one outside
//! can clean up after whatever happens to the one inside.

use crate::absence;
use rustix::process::{Pid, Signal, kill_process, set_parent_process_death_signal};
use std::ffi::OsString;
use std::io;
use std::path::Path;
use std::process::ExitStatus;
use tokio::process::{Child, Command};
use tokio::signal::unix::{SignalKind, signal};

/// How the folders begin; the id of the process outside and a dash follow.
pub const FOLDER_PREFIX: &str = "regent-inside-";

/// Runs this program again, inside, with the arguments made for a fresh folder, and waits for it. A signal that asks
/// this process to end is passed on; the folder is removed in any case but SIGKILL.
///
/// # Errors
/// When this machine has no namespaces for us, or no room for another process.
pub fn run(arguments: impl FnOnce(&Path) -> Vec<OsString>) -> io::Result<ExitStatus> {
    let prefix = format!("{FOLDER_PREFIX}{}-", std::process::id());
    let folder = tempfile::Builder::new().prefix(&prefix).tempdir()?;
    let program = std::env::current_exe()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let tried = unshare().arg("true").output().await?;
        if !tried.status.success() {
            return Err(absence::failure("unshare", &String::from_utf8_lossy(&tried.stderr)));
        }
        let mut inside = unshare();
        inside.arg(program).args(arguments(folder.path()));
        wait_for(&mut inside.kill_on_drop(true).spawn()?).await
    })
}

/// To be called first thing inside, on the main thread: ends this process when the one outside is killed.
///
/// # Errors
/// The kernel refused.
pub fn end_with_outside() -> io::Result<()> {
    Ok(set_parent_process_death_signal(Some(Signal::KILL))?)
}

fn unshare() -> Command {
    let mut command = Command::new("unshare");
    command.args(["--mount", "--propagation", "private"]);
    command
}

async fn wait_for(inside: &mut Child) -> io::Result<ExitStatus> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    loop {
        tokio::select! {
            ended = inside.wait() => return ended,
            _ = interrupt.recv() => pass_on(inside, Signal::INT),
            _ = terminate.recv() => pass_on(inside, Signal::TERM),
        }
    }
}

fn pass_on(inside: &Child, signal: Signal) {
    let pid = inside.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
    // One that has just ended needs no signal.
    pid.and_then(|pid| kill_process(pid, signal).ok());
}
