//! The bug planted in `api` does what it is called after, so that a harness which misses it can be blamed for it; and the
//! executable says loudly what it is.
#![allow(clippy::unwrap_used, reason = "tests may fail loudly")]

#[path = "../http_face/face.rs"]
#[expect(dead_code, reason = "little is asked of this face")]
mod face;

use crate::face::Face;
use regent_core::planted::{OnThisThread, Planted, VARIABLE};
use serde_json::{Value, json};
use std::process::{Command, Output};

/// Revision of the first change that a watcher hears of which comes back behind this revision.
async fn first_after(face: &Face, seen: u64) -> u64 {
    let request = face.client.get(face.url(&format!("/v1/events?after={seen}")));
    let mut response = request.header("accept", "application/x-ndjson").send().await.unwrap();
    let mut text = String::new();
    loop {
        text.push_str(std::str::from_utf8(&response.chunk().await.unwrap().unwrap()).unwrap());
        let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
        let messages = whole.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let change = messages.into_iter().find(|message| message["event"] == "change");
        if let Some(change) = change {
            return change["revision"].as_u64().unwrap();
        }
    }
}

/// All on one thread, so that the bug is there too.
#[tokio::test]
async fn watcher_that_comes_back_misses_a_change() {
    let face = Face::start().await;
    let mut made = Vec::new();
    for name in ["a", "b"] {
        let tag = face.create("/v1/tags", json!({ "name": name })).await;
        made.push(tag["revision"].as_u64().unwrap());
    }
    assert_eq!(first_after(&face, made[0] - 1).await, made[0]);
    let _planted = OnThisThread::plant(Planted::WatchResumeOffByOne);
    assert_eq!(first_after(&face, made[0] - 1).await, made[1]);
}

fn regent(bug: Option<&str>, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_regent"));
    command.env_remove(VARIABLE).envs(bug.map(|bug| (VARIABLE, bug)));
    command.args(arguments).output().unwrap()
}

#[test]
fn executable_says_what_it_is_wherever_its_version_is_asked_for() {
    for arguments in [&["--version"][..], &["version"], &["version", "-o", "json"]] {
        let said = String::from_utf8(regent(None, arguments).stdout).unwrap();
        assert!(said.contains("WITH PLANTED BUGS"), "{arguments:?}: {said}");
    }
}

#[test]
fn executable_plants_the_bug_that_its_environment_names_and_no_other() {
    let planted = regent(Some("vote-not-synced"), &["version"]);
    let said = String::from_utf8(planted.stderr).unwrap();
    assert!(planted.status.success() && said.contains("A BUG IS PLANTED"), "{said}");
    let unknown = regent(Some("no-such-bug"), &["version"]);
    let said = String::from_utf8(unknown.stderr).unwrap();
    assert!(!unknown.status.success() && said.contains("mark-synced-before-log"), "{said}");
}
