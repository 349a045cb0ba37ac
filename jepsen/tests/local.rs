//! A cluster on ports of this machine, broken for a few seconds on every run of the tests, with what needs no root: its
//! directed cuts are links that hold bytes back.
#![allow(clippy::unwrap_used, reason = "tests may fail loudly")]

mod executable;

use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// One fault of each kind that links make, and a kill.
fn plan(home: &Path) -> PathBuf {
    let fault = |track: usize, at_ms: u64, for_ms: u64, fault: Value| json!({ "track": track, "at_ms": at_ms, "for_ms": for_ms, "dice": 5, "fault": fault });
    let plan = json!({
        "seed": 5, "nodes": 3, "seconds": 8, "logs": "whole", "racks": false,
        "faults": [
            fault(0, 500, 2000, json!({ "kind": "cut", "shape": "leader-alone", "wire": "peers" })),
            fault(1, 1500, 3000, json!({
                "kind": "loss", "shape": "mute", "wire": "all", "percent": 50
            })),
            fault(0, 3000, 500, json!({ "kind": "kill", "whom": "follower" })),
        ],
    });
    let file = home.join("plan.json");
    fs::write(&file, plan.to_string()).unwrap();
    file
}

fn leaders(home: &Path) -> usize {
    let text = fs::read_to_string(home.join("results/5/history.jsonl")).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines.filter(|line| line["f"] == "leader").count()
}

#[test]
fn no_promise_is_broken_by_cuts_and_kills_where_nobody_is_root() {
    let home = tempfile::tempdir().unwrap();
    let work = home.path().join("work");
    fs::create_dir(&work).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_regent-jepsen"));
    command.args(["local", "--require", "local", "--plan"]).arg(plan(home.path()));
    command.arg("--results").arg(home.path().join("results"));
    let run = command.env("REGENT_EXE", executable::regent()).env("TMPDIR", &work).output();
    let run = run.unwrap();
    let told = String::from_utf8_lossy(&run.stdout);
    let error = String::from_utf8_lossy(&run.stderr);
    if !run.status.success() {
        // What is left of the nodes is in there.
        panic!("{told}\n{error}\nsee {}", home.keep().display());
    }
    assert!(told.contains("verdict: PASS"), "{told}");
    assert!(leaders(home.path()) > 1, "a leader that is cut off has a successor\n{told}");
    assert!(fs::read_dir(&work).unwrap().next().is_none(), "it leaves nothing behind");
}
