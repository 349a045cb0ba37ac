//! Chaos in small, on every run of the tests: real processes, real signals, the whole judgement.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The nodes' executable, which is built with the tests of another package; built here if those were not asked for.
fn regent() -> PathBuf {
    let path = Path::new(env!("CARGO_BIN_EXE_regent-jepsen")).with_file_name("regent");
    if !path.exists() {
        let build = ["build", "--locked", "--package", "regent-api", "--bin", "regent"];
        let built = Command::new(env!("CARGO")).args(build).status().expect("cargo can be run");
        assert!(built.success());
    }
    path
}

#[test]
fn no_acknowledged_write_is_lost_or_applied_twice_when_leaders_are_killed_and_paused() {
    let home = tempfile::tempdir().unwrap();
    let run = Command::new(env!("CARGO_BIN_EXE_regent-jepsen"))
        .args(["faults", "--kills", "2", "--pauses", "1", "--pause-seconds", "2"])
        .args(["--snapshot-kills", "0", "--load-seconds-max", "1", "--seconds-max", "240"])
        .env("REGENT_EXE", regent())
        .env("TMPDIR", home.path())
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&run.stdout);
    let error = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{told}\n{error}");
    assert!(!told.contains(" 0 writes acknowledged"), "{told}");
    let left: Vec<_> = std::fs::read_dir(home.path()).unwrap().collect();
    assert!(left.is_empty(), "it leaves nothing behind: {left:?}");
}
