//! Chaos in small, on every run of the tests: real processes, real signals, the whole judgement.

mod executable;

use std::process::Command;

#[test]
fn no_acknowledged_write_is_lost_or_applied_twice_when_leaders_are_killed_and_paused() {
    let home = tempfile::tempdir().unwrap();
    let run = Command::new(env!("CARGO_BIN_EXE_regent-jepsen"))
        .args(["faults", "--kills", "2", "--pauses", "1", "--pause-seconds", "2"])
        .args(["--snapshot-kills", "0", "--load-seconds-max", "1", "--seconds-max", "240"])
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
    assert!(!told.contains(" 0 writes acknowledged"), "{told}");
    let left: Vec<_> = std::fs::read_dir(home.path()).unwrap().collect();
    assert!(left.is_empty(), "it leaves nothing behind: {left:?}");
}
