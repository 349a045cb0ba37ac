//! A node that was killed while a snapshot arrived goes on with the part it has: real processes, a real kill, on a link
//! that stops in the middle of the snapshot, so that nothing depends on who is faster.
#![allow(clippy::unwrap_used, reason = "tests may fail loudly")]

mod executable;
mod link;

use crate::link::Link;
use regent_jepsen::cluster::group::Group;
use regent_jepsen::cluster::log_lines::{Arriving, LogLines};
use regent_jepsen::cluster::node::Settings;
use regent_jepsen::cluster::place::{self, NODES};
use regent_jepsen::cluster::status;
use regent_jepsen::faults::arrival::{Arrival, HeldPart};
use serde_json::json;
use std::time::{Duration, Instant};
use tokio::time::{Interval, interval};

/// Entries between two snapshots.
const SNAPSHOT_ENTRIES: u64 = 400;
/// Entries kept behind the older snapshot.
const ENTRIES_KEPT: u64 = 10;
/// Entries after a snapshot at which the next is so far away that the node can be stopped and started before it.
const FRESH_ENTRIES: u64 = SNAPSHOT_ENTRIES / 8;
/// Bytes of a machine's description: together they make a snapshot of several pieces.
const DESCRIPTION_BYTES: usize = 8_000;
/// What the link lets through of a snapshot: the first piece of a megabyte, not the second.
const NARROW_BYTES: usize = 3 << 19;
/// What each step may take.
const PATIENCE: Duration = Duration::from_secs(180);
/// Writes between two looks at the log.
const WRITES_PER_LOOK: u64 = FRESH_ENTRIES / 2;
/// Pause between two looks at a node, each of which writes something, too.
const LOOK_EVERY: Duration = Duration::from_millis(50);

#[tokio::test]
async fn killed_node_resumes_its_snapshot_and_catches_up_while_writes_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let mut places = place::choose(folder.path()).unwrap();
    let mut links = Vec::new();
    for place in &mut places {
        let link = Link::to(place.peer.clone()).await;
        place.reached_at = link.address();
        links.push(link);
    }
    let settings = Settings {
        snapshot_entries: Some(SNAPSHOT_ENTRIES),
        entries_kept: Some(ENTRIES_KEPT),
        ..Settings::SHIPPED
    };
    let mut group = Group::prepare(places, &executable::regent(), settings).unwrap();
    group.start().await.unwrap();

    let leader = group.leader().await.unwrap();
    let follower = (leader + 1) % NODES;
    let applied = Indexes::of(&group, follower).await.named("applied");
    let mut writer = Writer::to(&group, leader);
    group.nodes[follower].kill().await.unwrap();
    writer.until_purged(&group, applied).await;

    let arrival = Arrival::watch(&group.nodes[follower].snapshots()).unwrap();
    links[follower].narrow(NARROW_BYTES);
    group.nodes[follower].start(None).unwrap();
    let held = writer.until_part_is_held(&arrival).await;
    group.nodes[follower].kill().await.unwrap();
    let held_then = arrival.under_way().unwrap();
    assert_eq!(held_then.as_ref(), Some(&held), "it stopped where the link stopped");
    let whole: u64 = held.snapshot.rsplit('-').next().unwrap().parse().unwrap();
    assert!(held.bytes < whole, "{held:?}");

    links[follower].widen();
    let lines = LogLines::from_now(&group.nodes[follower].place.log);
    group.nodes[follower].start(None).unwrap();
    writer.until_ready(&group, follower).await;
    let HeldPart { snapshot, bytes } = held;
    assert_eq!(lines.first_arrival(), Some(Arriving { snapshot, from_bytes: bytes }));
    group.agreement().await.unwrap();
    group.stop().await.unwrap();
}

/// One client that never stops, and never writes much.
struct Writer {
    url: String,
    http: reqwest::Client,
    written: u32,
    noise: u64,
    look: Interval,
}

impl Writer {
    fn to(group: &Group, node: usize) -> Self {
        let url = format!("http://{}/v1/machines", group.nodes[node].place.api);
        let http = group.http.clone();
        Self { url, http, written: 0, noise: 1, look: interval(LOOK_EVERY) }
    }

    /// Makes machines until the log no longer has what comes after `applied`, and a snapshot was made just now.
    async fn until_purged(&mut self, group: &Group, applied: u64) {
        let node = group.leader().await.unwrap();
        let until = Instant::now() + PATIENCE;
        loop {
            let indexes = Indexes::of(group, node).await;
            let since = indexes.named("log") - indexes.named("snapshot");
            if indexes.named("purged") > applied && since < FRESH_ENTRIES {
                return;
            }
            assert!(Instant::now() < until, "the log is not purged up to {applied}");
            for _ in 0..WRITES_PER_LOOK {
                let description = self.description();
                self.write(&description).await;
            }
        }
    }

    /// Writes until a part of a snapshot lies there.
    async fn until_part_is_held(&mut self, arrival: &Arrival) -> HeldPart {
        let until = Instant::now() + PATIENCE;
        loop {
            let held = arrival.under_way().unwrap();
            if let Some(held) = held.filter(|held| held.bytes > 0) {
                return held;
            }
            assert!(Instant::now() < until, "no snapshot arrives");
            self.look.tick().await;
            self.write("").await;
        }
    }

    /// Writes until the node says that it is up to date.
    async fn until_ready(&mut self, group: &Group, node: usize) {
        let until = Instant::now() + PATIENCE;
        while !status::is_ready(&group.http, &group.nodes[node].place.api).await {
            assert!(Instant::now() < until, "it does not catch up");
            self.look.tick().await;
            self.write("").await;
        }
    }

    async fn write(&mut self, description: &str) {
        let [_, a, b, c] = self.written.to_be_bytes();
        let mac = format!("02:00:00:{a:02x}:{b:02x}:{c:02x}");
        let machine = json!({ "mac_addresses": [mac], "description": description });
        let answer = self.http.post(&self.url).json(&machine).send().await.unwrap();
        assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
        self.written += 1;
    }

    /// A text nothing can make much smaller: xorshift (Marsaglia 2003), six bits a letter.
    fn description(&mut self) -> String {
        const LETTERS: &[u8; 64] =
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let letter = |_| {
            self.noise ^= self.noise << 13;
            self.noise ^= self.noise >> 7;
            self.noise ^= self.noise << 17;
            char::from(LETTERS[usize::try_from(self.noise >> 58).unwrap()])
        };
        (0..DESCRIPTION_BYTES).map(letter).collect()
    }
}

/// How far a node's log is.
struct Indexes(String);

impl Indexes {
    async fn of(group: &Group, node: usize) -> Self {
        let url = format!("http://{}/metrics", group.nodes[node].place.api);
        Self(group.http.get(url).send().await.unwrap().text().await.unwrap())
    }

    /// Of `regent_raft_NAME_index`.
    fn named(&self, name: &str) -> u64 {
        let prefix = format!("regent_raft_{name}_index ");
        let figure = self.0.lines().find_map(|line| line.strip_prefix(&prefix));
        figure.and_then(|figure| figure.parse().ok()).unwrap()
    }
}
