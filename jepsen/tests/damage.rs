//! A node whose log was damaged while it was stopped, as an operator meets it: real processes, the words of the alarm, and
//! the commands it names.
#![allow(clippy::unwrap_used, reason = "tests may fail loudly")]

mod executable;

use regent_jepsen::cluster::group::Group;
use regent_jepsen::cluster::log_lines::LogLines;
use regent_jepsen::cluster::node::Settings;
use regent_jepsen::cluster::place::NODES;
use regent_jepsen::cluster::status;
use serde_json::json;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};
use tokio::time::sleep;

/// Machines made before the damage; each description is a record of the log.
const MACHINES: usize = 40;
const DESCRIPTION_BYTES: usize = 4_000;
/// What each step may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// Pause between two looks.
const LOOK_PAUSE: Duration = Duration::from_millis(20);

#[tokio::test]
async fn node_with_a_damaged_log_says_what_to_do_and_that_brings_it_back() {
    let regent = executable::regent();
    let folder = std::env::temp_dir();
    let (mut group, _folder) =
        Group::in_folder_of_its_own(&folder, &regent, Settings::SHIPPED).unwrap();
    group.start().await.unwrap();
    let leader = group.leader().await.unwrap();
    let damaged = (leader + 1) % NODES;
    for number in 0..MACHINES {
        make_machine(&group, leader, number).await;
    }
    group.nodes[damaged].stop().await.unwrap();
    zero_the_end(&group.nodes[damaged].log_on_disk());

    let lines = LogLines::from_now(&group.nodes[damaged].place.log);
    group.nodes[damaged].start(None).unwrap();
    let alarm = alarm(&lines).await;
    assert!(alarm.contains("this node has lost its memory and must not vote"), "{alarm}");
    assert!(alarm.contains("remove the member, and join again"), "{alarm}");
    make_machine(&group, leader, MACHINES).await;
    let status = group.status_of(leader).await.unwrap();
    assert_eq!((status.voters, status.healthy_voters), (NODES, NODES - 1));
    assert!(!status::is_ready(&group.http, &group.nodes[damaged].place.api).await);

    let name = group.nodes[damaged].place.name.clone();
    let api = group.nodes[leader].place.api.clone();
    let removal = ["node", "remove", &name, "--addr", &api];
    let removed = Command::new(&regent).args(removal).output().unwrap();
    assert!(removed.status.success(), "{}", String::from_utf8_lossy(&removed.stderr));
    group.nodes[damaged].kill().await.unwrap();
    let directory = group.nodes[damaged].place.directory.clone();
    std::fs::rename(&directory, directory.with_extension("aside")).unwrap();
    let peer = group.nodes[leader].place.peer.clone();
    group.nodes[damaged].start(Some(&peer)).unwrap();
    group.ready(damaged).await.unwrap();
    group.agreement().await.unwrap();
    group.stop().await.unwrap();
}

async fn make_machine(group: &Group, node: usize, number: usize) {
    let url = format!("http://{}/v1/machines", group.nodes[node].place.api);
    let mac = format!("02:00:00:00:00:{number:02x}");
    let description = "x".repeat(DESCRIPTION_BYTES);
    let machine = json!({ "mac_addresses": [mac], "description": description });
    let made = group.http.post(url).json(&machine).send().await.unwrap();
    assert!(made.status().is_success(), "{}", made.text().await.unwrap());
}

/// Overwrites the later half of what was written with zeros, as if those blocks had never reached the disk.
fn zero_the_end(log: &Path) {
    let mut bytes = std::fs::read(log).unwrap();
    let end = bytes.iter().rposition(|byte| *byte != 0).unwrap();
    bytes[end / 2..=end].fill(0);
    std::fs::write(log, bytes).unwrap();
}

async fn alarm(lines: &LogLines) -> String {
    let until = Instant::now() + PATIENCE;
    loop {
        if let Some(alarm) = lines.alarm() {
            return alarm;
        }
        assert!(Instant::now() < until, "the node does not notice the damage");
        sleep(LOOK_PAUSE).await;
    }
}
