//! A region founded by hand: the commands that its first node prints are pasted, and three nodes vote.
#![allow(clippy::unwrap_used, reason = "tests may fail loudly")]

mod dev_cluster;

use dev_cluster::{PATIENCE, regent};
use regent_api::cli::client::{Call, Client};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStderr, Command};
use tokio::time::{interval, timeout};

/// A loopback address that is this test's alone, so that any port is free there.
fn own_address() -> String {
    let [_, high, middle, low] = std::process::id().to_be_bytes();
    format!("127.{}.{middle}.{low}", 64 + high % 64)
}

/// The commands for the others, out of what the first node says.
async fn invited(said: &mut Lines<BufReader<ChildStderr>>) -> Vec<String> {
    let mut commands = Vec::new();
    while commands.len() < 2 {
        let line = said.next_line().await.unwrap().expect("it says how others join");
        if line.contains(" join ") {
            commands.push(line);
        }
    }
    commands
}

/// A command as a shell runs it.
fn pasted(home: &Path, line: &str) -> Child {
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("exec {line}")]).current_dir(home).stderr(Stdio::null());
    shell.kill_on_drop(true).spawn().unwrap()
}

async fn until_three_vote(api: &str) {
    let client = Client::new(&[api.to_owned()], PATIENCE).unwrap();
    let mut looks = interval(Duration::from_millis(20));
    loop {
        looks.tick().await;
        let view = client.call(&Call::get("/v1/cluster")).await;
        if view.is_ok_and(|view| view.body["healthy_voters"] == 3) {
            return;
        }
    }
}

#[tokio::test]
async fn lines_that_the_first_node_prints_make_a_region_of_three() {
    let home = tempfile::tempdir().unwrap();
    let (api, peer) = (format!("{}:7440", own_address()), format!("{}:7441", own_address()));
    let data = home.path().join("first of all");
    let words = ["init", "--name", "r1", "--data-dir", data.to_str().unwrap()];
    let ports = ["--listen-api", &api, "--listen-peer", &peer, "--promote-after-ms", "50"];
    let mut first = regent(home.path(), &[&words[..], &ports].concat());
    let mut first = first.stderr(Stdio::piped()).spawn().unwrap();
    let mut said = BufReader::new(first.stderr.take().unwrap()).lines();
    let commands = timeout(PATIENCE, invited(&mut said)).await.expect("it says so in time");
    // Else its log would fill the pipe, and it would wait.
    let _reading = tokio::spawn(async move { while let Ok(Some(_)) = said.next_line().await {} });
    let _others: Vec<Child> = commands.iter().map(|line| pasted(home.path(), line)).collect();
    timeout(PATIENCE, until_three_vote(&api)).await.expect("three nodes vote in time");
}
