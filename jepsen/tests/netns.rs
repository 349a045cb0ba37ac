//! A cluster on machines of its own, broken for a few seconds on every run of the tests; and nothing of it stays, whatever ends
//! the run. `.ci/long netns` breaks it for longer.
#![allow(clippy::unwrap_used, reason = "tests may fail loudly")]

mod executable;

use regent_jepsen::lab::tool;
use regent_jepsen::tell::tell;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How long the kernel may take to end what a dead process had.
const VANISH_MAX: Duration = Duration::from_secs(20);
/// Pause between two looks.
const LOOK_PAUSE: Duration = Duration::from_millis(20);

/// A run with these arguments, of which everything is below `home`.
fn netns(home: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_regent-jepsen"));
    command.arg("netns").args(arguments).arg("--results").arg(home.join("results"));
    command.env("REGENT_EXE", executable::regent()).env("TMPDIR", home.join("work"));
    fs::create_dir(home.join("work")).unwrap();
    command
}

/// One fault of each kind that every cluster has to bear on every run of the tests.
fn plan(home: &Path) -> PathBuf {
    let fault = |track: usize, at_ms: u64, for_ms: u64, fault: Value| json!({ "track": track, "at_ms": at_ms, "for_ms": for_ms, "dice": 5, "fault": fault });
    let flaky = json!({ "late_ms": 20, "jitter_ms": 20, "lost_percent": 2, "repeated_percent": 5 });
    let plan = json!({
        "seed": 5, "nodes": 3, "seconds": 8, "logs": "whole", "racks": false,
        "faults": [
            fault(0, 500, 500, json!({ "kind": "kill", "whom": "leader" })),
            fault(1, 1000, 3000, json!({ "kind": "cut", "shape": "leader-alone", "wire": "peers" })),
            fault(0, 2000, 1500, json!({ "kind": "pause", "whom": "leader" })),
            fault(0, 4000, 500, json!({ "kind": "power-off", "whom": "all" })),
            fault(1, 5000, 2500, json!({ "kind": "flaky", "shape": "halves", "wire": "all", "manner": flaky })),
        ],
    });
    let file = home.join("plan.json");
    fs::write(&file, plan.to_string()).unwrap();
    file
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
fn no_promise_is_broken_while_all_this_is_done_to_it_and_the_history_tells_all() {
    // Only as root the machine is to have all that the faults need.
    if let Some(why) = tool::missing(&["iptables"]) {
        return tell(&format!("SKIPPED netns: {why}"));
    }
    let home = tempfile::tempdir().unwrap();
    let plan = plan(home.path()).display().to_string();
    let run = netns(home.path(), &["--plan", &plan]).output().unwrap();
    let told = String::from_utf8_lossy(&run.stdout);
    let error = String::from_utf8_lossy(&run.stderr);
    if !run.status.success() {
        // What is left of the nodes is in there.
        panic!("{told}\n{error}\nsee {}", home.keep().display());
    }
    if let Some(line) = told.lines().find(|line| line.starts_with("SKIPPED ")) {
        return tell(line);
    }
    let is_done = |line: &&str| line.starts_with("  ") && line.ends_with(" installed");
    assert_eq!(told.lines().filter(is_done).count(), 5, "{told}");
    for function in ["add", "read", "write", "cas", "alloc", "usage", "dns", "watch", "digest"] {
        assert!(lines_of_history(home.path(), function) > 0, "no {function}\n{told}");
    }
    assert!(home.path().join("results/5/timeline.html").is_file(), "the run has a picture");
    assert!(is_empty(&home.path().join("work")), "it leaves nothing behind");
}

/// What a run is a part of that is still there: processes, mounts and loop devices that name its folder, each in words.
fn traces(work: &Path) -> Vec<String> {
    let work = work.display().to_string();
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").unwrap() {
        let process = entry.unwrap().path();
        for file in ["cmdline", "mountinfo"] {
            // Not all that is there is a process, and one may just have ended.
            let text = fs::read(process.join(file)).unwrap_or_default();
            if String::from_utf8_lossy(&text).contains(&work) {
                found.push(format!("{}/{file}", process.display()));
            }
        }
    }
    for entry in fs::read_dir("/sys/block").unwrap() {
        let file = entry.unwrap().path().join("loop/backing_file");
        if fs::read_to_string(&file).is_ok_and(|image| image.contains(&work)) {
            found.push(file.display().to_string());
        }
    }
    found
}

/// Waits until nothing of a run is there: the kernel takes a moment.
fn vanishes(work: &Path) {
    let until = Instant::now() + VANISH_MAX;
    loop {
        let found = traces(work);
        if found.is_empty() {
            return;
        }
        assert!(Instant::now() < until, "still there: {found:?}");
        thread::park_timeout(LOOK_PAUSE);
    }
}

/// A run whose first fault was done, so that everything is up; none where there can be none.
fn begun(home: &Path) -> Option<Child> {
    let arguments = ["--seed", "5", "--seconds", "60", "--nemeses", "kill"];
    let mut run = netns(home, &arguments).stdout(Stdio::piped()).spawn().unwrap();
    let mut told = BufReader::new(run.stdout.take().unwrap());
    let mut line = String::new();
    told.read_line(&mut line).unwrap();
    if line.starts_with("SKIPPED ") {
        run.wait().unwrap();
        tell(&line);
        return None;
    }
    line.clear();
    told.read_line(&mut line).unwrap();
    assert!(line.contains("kill"), "{line}");
    let found = traces(&home.join("work"));
    for kind in ["cmdline", "mountinfo", "backing_file"] {
        assert!(found.iter().any(|trace| trace.ends_with(kind)), "no {kind}: {found:?}");
    }
    Some(run)
}

#[test]
fn run_that_is_interrupted_leaves_nothing_behind() {
    let home = tempfile::tempdir().unwrap();
    let work = home.path().join("work");
    let Some(mut run) = begun(home.path()) else { return };
    kill_process(Pid::from_child(&run), Signal::INT).unwrap();
    assert_eq!(run.wait().unwrap().code(), Some(1));
    assert!(is_empty(&work));
    vanishes(&work);
}

#[test]
fn run_that_is_killed_leaves_a_folder_behind_and_clean_removes_it() {
    let home = tempfile::tempdir().unwrap();
    let work = home.path().join("work");
    let Some(mut run) = begun(home.path()) else { return };
    run.kill().unwrap();
    run.wait().unwrap();
    vanishes(&work);
    assert!(!is_empty(&work));
    let mut clean = Command::new(env!("CARGO_BIN_EXE_regent-jepsen"));
    assert!(clean.arg("clean").env("TMPDIR", &work).status().unwrap().success());
    assert!(is_empty(&work));
}
