//! Running a command of the system to its end, and telling what it said if it failed.

use anyhow::Context as _;
use std::process::Command;

/// Runs a command line, its words separated by blanks; gives back what it wrote.
///
/// # Errors
/// If it cannot be run or fails.
pub fn run(line: &str) -> anyhow::Result<String> {
    let mut words = line.split_whitespace();
    let program = words.next().context("no command")?;
    let output = Command::new(program).args(words).output();
    let output = output.with_context(|| format!("{program} cannot be run"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    anyhow::ensure!(output.status.success(), "`{line}` failed: {}", said.trim());
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Whether a program can be found.
#[must_use]
pub fn exists(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

/// Why there can be no lab on this host; `None` if there can.
#[must_use]
pub fn missing(programs: &[&str]) -> Option<String> {
    if !rustix::process::geteuid().is_root() {
        return Some("network namespaces need root".into());
    }
    let absent: Vec<&str> = programs.iter().copied().filter(|program| !exists(program)).collect();
    (!absent.is_empty()).then(|| format!("absent: {}", absent.join(", ")))
}
