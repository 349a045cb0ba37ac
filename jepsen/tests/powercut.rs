//! A few power cuts of all disks of a cluster, on every run of the tests. `.ci/long powercut` makes many, and the
//! controls.

mod executable;

use std::io::Write as _;
use std::process::Command;

/// Tells the summary of `.ci/test` that this test did not run. `print` macros would be swallowed.
fn skip(line: &str) {
    writeln!(std::io::stdout(), "{line}").expect("standard output is open");
}

#[test]
fn nothing_acknowledged_is_lost_and_no_node_forgets_when_all_disks_lose_power_at_once() {
    let home = tempfile::tempdir().unwrap();
    let run = Command::new(env!("CARGO_BIN_EXE_regent-jepsen"))
        .args(["powercut", "--cuts", "3", "--seconds-max", "240"])
        .env("REGENT_EXE", executable::regent())
        .env("TMPDIR", home.path())
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&run.stdout);
    let error = String::from_utf8_lossy(&run.stderr);
    if !run.status.success() {
        // What is left of the nodes is in there.
        panic!("{told}\n{error}\nsee {}", home.keep().display());
    }
    if let Some(line) = told.lines().find(|line| line.starts_with("SKIPPED ")) {
        return skip(line);
    }
    assert!(told.contains("3 cuts of all disks at once"), "{told}");
    assert!(!told.contains(" 0 writes acknowledged"), "{told}");
    let left: Vec<_> = std::fs::read_dir(home.path()).unwrap().collect();
    assert!(left.is_empty(), "it leaves nothing behind: {left:?}");
}
