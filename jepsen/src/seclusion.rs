//! A room of our own for a run: mounts and named network namespaces that nobody else sees, and that go with it.
//!
//! The program starts itself again inside (`--inside FOLDER`). Whatever ends the process there, be it SIGKILL, takes
//! file systems, loop devices and namespaces along; only the folder can be left over.

use crate::judgement::{EXIT_SKIPPED, Judgement};
use crate::lab::tool::run;
use regent_power::absence::is_absence;
use regent_power::namespace;
use std::fs;
use std::path::Path;

/// Where `ip` keeps named network namespaces.
const NAMESPACES: &str = "/run/netns";

/// Starts this program again inside and waits for it. `skipped` tells why this machine cannot.
///
/// # Errors
/// When there is no room for another process.
pub fn start_again(skipped: impl Fn(&str) -> Judgement) -> anyhow::Result<Judgement> {
    if !rustix::process::geteuid().is_root() {
        return Ok(skipped("needs root"));
    }
    let own = std::env::args_os().skip(1);
    let with_folder = |work: &Path| own.chain(["--inside".into(), work.into()]).collect();
    let outcome: Result<_, _> = namespace::run(with_folder);
    match outcome {
        Ok(status) if status.success() => Ok(Judgement::Passed),
        // It has said so itself.
        Ok(status) if status.code() == Some(EXIT_SKIPPED.into()) => Ok(Judgement::Skipped),
        Ok(_) => Ok(Judgement::Failed),
        Err(error) if is_absence(&error) => {
            Ok(skipped(&format!("absent: mount namespaces ({error})")))
        }
        Err(error) => Err(error.into()),
    }
}

/// To be called first thing inside, on the main thread: ends this process with the one outside, and has network
/// namespaces be named in here alone.
///
/// # Errors
/// If the kernel refuses.
pub fn enter() -> anyhow::Result<()> {
    namespace::end_with_outside()?;
    fs::create_dir_all(NAMESPACES)?;
    run(&format!("mount -t tmpfs names {NAMESPACES}")).map(drop)
}
