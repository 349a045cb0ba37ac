//! A cluster on machines of its own, broken for a few seconds on every run of the tests; and nothing of it stays, whatever ends
//! the run. `.ci/long netns` breaks it for longer.
#![allow(clippy::unwrap_used, reason = "tests may fail loudly")]

mod executable;

use regent_jepsen::tell::tell;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

/// What a run of so many seconds of faults is started with.
fn netns(home: &Path, seconds: &str, kinds: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_regent-jepsen"));
    command.args(["netns", "--seed", "5", "--seconds", seconds, "--nemeses", kinds, "--results"]);
    command.arg(home.join("results"));
    command.env("REGENT_EXE", executable::regent()).env("TMPDIR", home.join("work"));
    fs::create_dir(home.join("work")).unwrap();
    command
}

fn lines_of_history(home: &Path, function: &str) -> usize {
    let text = fs::read_to_string(home.join("results/5/history.jsonl")).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines.filter(|line| line["f"] == function && line["r"] == "ok").count()
}

fn is_empty(folder: &Path) -> bool {
    fs::read_dir(folder).unwrap().next().is_none()
}

#[test]
fn no_promise_is_broken_while_cables_are_cut_and_nodes_stand_still_and_the_history_tells_all() {
    let home = tempfile::tempdir().unwrap();
    let run = netns(home.path(), "14", "pause,cut").output().unwrap();
    let told = String::from_utf8_lossy(&run.stdout);
    let error = String::from_utf8_lossy(&run.stderr);
    if !run.status.success() {
        // What is left of the nodes is in there.
        panic!("{told}\n{error}\nsee {}", home.keep().display());
    }
    if let Some(line) = told.lines().find(|line| line.starts_with("SKIPPED ")) {
        return tell(line);
    }
    assert!(told.contains("pause") && told.contains("installed"), "{told}");
    for function in ["add", "read", "write", "cas", "alloc", "usage", "dns", "watch", "digest"] {
        assert!(lines_of_history(home.path(), function) > 0, "no {function}\n{told}");
    }
    assert!(home.path().join("results/5/timeline.html").is_file(), "the run has a picture");
    assert!(is_empty(&home.path().join("work")), "it leaves nothing behind");
}

#[test]
fn run_that_is_interrupted_leaves_nothing_behind() {
    let home = tempfile::tempdir().unwrap();
    let mut run = netns(home.path(), "60", "kill").stdout(Stdio::piped()).spawn().unwrap();
    let mut told = BufReader::new(run.stdout.take().unwrap());
    let mut line = String::new();
    told.read_line(&mut line).unwrap();
    if line.starts_with("SKIPPED ") {
        run.wait().unwrap();
        return tell(&line);
    }
    // The first fault was done: everything is up.
    line.clear();
    told.read_line(&mut line).unwrap();
    kill_process(Pid::from_child(&run), Signal::INT).unwrap();
    assert_eq!(run.wait().unwrap().code(), Some(1), "{line}");
    assert!(is_empty(&home.path().join("work")), "{line}");
}
