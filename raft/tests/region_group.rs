//! Three region nodes over real sockets and real logs: write anywhere, read anywhere, lose the leader, come back.
#![allow(clippy::unwrap_used, reason = "tests may fail loudly")]

use regent_core::command::domain::DomainCommand;
use regent_core::command::{ClientKey, Command};
use regent_core::model::domain::Domain;
use regent_core::time::{ClusterTime, WallTime};
use regent_raft::clock::{Clock, SystemClock};
use regent_raft::config::RaftConfig;
use regent_raft::error::{MembershipError, ProposeError, StartError};
use regent_raft::exclusion::Exclusion;
use regent_raft::log_store::amnesia::{Amnesia, OpenError};
use regent_raft::region::handle::Region;
use regent_raft::region::prepare::{prepare_founder, prepare_joiner};
use regent_raft::region::propose::Write;
use regent_raft::region::start::StartOptions;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::net::TcpListener;

const PATIENCE: Duration = Duration::from_secs(20);

fn soon() -> Instant {
    Instant::now() + PATIENCE
}

struct Group {
    _disk: TempDir,
    nodes: Vec<Option<Region>>,
    places: Vec<Place>,
    config: RaftConfig,
    /// Milliseconds by which the wall clocks of all nodes are wrong.
    wall_skew: Arc<AtomicI64>,
}

/// The host's clocks, with a wall clock that can be set wrong.
struct SkewedWall(Arc<AtomicI64>);

impl Clock for SkewedWall {
    fn since_boot(&self) -> Duration {
        SystemClock.since_boot()
    }

    fn wall(&self) -> WallTime {
        WallTime(SystemClock.wall().0 + self.0.load(Ordering::Relaxed))
    }
}

#[derive(Clone)]
struct Place {
    directory: PathBuf,
    peer: String,
}

fn config() -> RaftConfig {
    RaftConfig { promote_after: Duration::from_millis(50), ..RaftConfig::default() }
}

impl Group {
    /// Starts a founder and two joiners and waits until all three vote.
    async fn start() -> Self {
        Self::start_with(config()).await
    }

    async fn start_with(config: RaftConfig) -> Self {
        drop(
            tracing_subscriber::fmt()
                .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
                .with_test_writer()
                .try_init(),
        );
        let disk = TempDir::new().unwrap();
        let (nodes, places, wall_skew) = (Vec::new(), Vec::new(), Arc::default());
        let mut group = Self { nodes, places, config, wall_skew, _disk: disk };
        for number in 0..3 {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let peer = listener.local_addr().unwrap().to_string();
            let directory = group._disk.path().join(format!("r{number}"));
            let name = format!("r{number}");
            if number == 0 {
                prepare_founder(&directory, &name).unwrap();
            } else {
                let member = group.places[0].peer.clone();
                prepare_joiner(&directory, &name, &member, &peer, "api:0").await.unwrap();
            }
            let place = Place { directory, peer };
            let region = start(&place, listener, &group.config, &group.wall_skew).await.unwrap();
            group.nodes.push(Some(region));
            group.places.push(place);
        }
        group.until(|region| region_voters(region) == 3).await;
        group
    }

    fn running(&self) -> impl Iterator<Item = &Region> {
        self.nodes.iter().flatten()
    }

    fn leader(&self) -> Option<usize> {
        let leads = |node: &Option<Region>| node.as_ref().is_some_and(|n| n.leadership().is_leader);
        self.nodes.iter().position(leads)
    }

    fn follower(&self) -> &Region {
        self.running().find(|region| !region.leadership().is_leader).unwrap()
    }

    /// Waits until the condition holds on every running node.
    async fn until(&self, holds: impl Fn(&Region) -> bool) {
        let deadline = soon();
        while !self.running().all(&holds) {
            assert!(Instant::now() < deadline, "the group did not get there");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    async fn restart(&mut self, node: usize) {
        let restarted = self.try_restart(node).await.unwrap();
        self.nodes[node] = Some(restarted);
    }

    async fn try_restart(&self, node: usize) -> Result<Region, StartError> {
        let place = self.places[node].clone();
        let listener = loop {
            // The old socket may linger for a moment.
            if let Ok(listener) = TcpListener::bind(&place.peer).await {
                break listener;
            }
            tokio::task::yield_now().await;
        };
        start(&place, listener, &self.config, &self.wall_skew).await
    }

    async fn stop(&mut self, node: usize) {
        self.nodes[node].take().unwrap().stop().await;
    }

    fn some_follower(&self) -> usize {
        let follows =
            |node: &Option<Region>| node.as_ref().is_some_and(|node| !node.leadership().is_leader);
        self.nodes.iter().position(follows).unwrap()
    }

    async fn write(&self, names: impl IntoIterator<Item = String>) {
        for name in names {
            self.follower().propose(domain(&name), soon()).await.unwrap();
        }
    }
}

async fn start(
    place: &Place,
    listener: TcpListener,
    config: &RaftConfig,
    wall_skew: &Arc<AtomicI64>,
) -> Result<Region, StartError> {
    let options = StartOptions {
        data_dir: place.directory.clone(),
        advertise_peer: place.peer.clone(),
        advertise_api: "api:0".into(),
        listener,
        config: config.clone(),
        clock: Arc::new(SkewedWall(Arc::clone(wall_skew))),
        fatal: Box::new(|error| panic!("the log failed: {error}")),
    };
    Region::start(options).await
}

fn region_voters(region: &Region) -> usize {
    region.published().membership.membership().voter_ids().count()
}

fn domain(name: &str) -> Write {
    let domain = Domain::new(name.parse().unwrap());
    let command = Command::Domain(DomainCommand::Create(domain));
    Write { principal: "admin".into(), key: None, guards: Vec::new(), command }
}

fn keyed(name: &str) -> Write {
    let key = ClientKey { key: name.into(), request_hash: [7; 32] };
    Write { key: Some(key), ..domain(name) }
}

/// Domains made by the test; one more is there from the start.
fn domains(region: &Region) -> usize {
    region.published().state.tables().domains.len() - 1
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn write_through_a_follower_is_read_on_every_node() {
    let group = Group::start().await;
    let follower = group.follower();
    let reply = follower.propose(domain("one.example"), soon()).await.unwrap();
    assert!(reply.result.is_ok());
    assert_eq!(domains(follower), 1, "whoever has the answer can read it at once");
    for region in group.running() {
        let read = region.linearizable(soon()).await.unwrap();
        assert_eq!(read.state.tables().domains.len(), 2);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn acknowledged_writes_survive_the_loss_and_return_of_the_leader() {
    let mut group = Group::start().await;
    for number in 0..20 {
        let write = domain(&format!("before{number}.example"));
        group.follower().propose(write, soon()).await.unwrap();
    }
    let lost = group.leader().unwrap();
    group.nodes[lost].take().unwrap().stop().await;
    for number in 0..20 {
        let write = domain(&format!("after{number}.example"));
        group.follower().propose(write, soon()).await.unwrap();
    }
    group.restart(lost).await;
    group.until(|region| domains(region) == 40).await;
    let digests: Vec<_> = group.running().map(|region| region.published().state.digest()).collect();
    assert!(digests.windows(2).all(|pair| pair[0] == pair[1]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn follower_that_is_down_is_tried_at_growing_intervals() {
    let mut group = Group::start().await;
    let down = (0..3).find(|node| group.leader() != Some(*node)).unwrap();
    group.nodes[down].take().unwrap().stop().await;
    let door = TcpListener::bind(&group.places[down].peer).await.unwrap();
    let mut tries = 0;
    let over = Instant::now() + Duration::from_secs(1);
    while let Ok(Ok(_hung_up)) = tokio::time::timeout_at(over.into(), door.accept()).await {
        tries += 1;
    }
    // Appends, heartbeats, votes and status each have a connection; without a pause it would be thousands.
    assert!(tries < 150, "{tries} connections in a second");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn write_repeated_with_its_key_through_another_node_is_applied_once() {
    let group = Group::start().await;
    let mut replies = Vec::new();
    for region in group.running() {
        replies.push(region.propose(keyed("once.example"), soon()).await.unwrap());
    }
    assert!(replies.iter().all(|reply| reply.result == replies[0].result));
    assert_eq!(replies.iter().filter(|reply| reply.replayed).count(), 2);
    assert_eq!(domains(group.follower()), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_majority_writes_are_refused_in_time_and_stale_reads_say_their_age() {
    let mut group = Group::start().await;
    group.follower().propose(domain("one.example"), soon()).await.unwrap();
    let survivor = group.leader().unwrap();
    for node in 0..3 {
        if node != survivor {
            group.nodes[node].take().unwrap().stop().await;
        }
    }
    // Its lease must run out first; from then on nothing is proposed any more.
    group
        .until(|region| !region.leadership().is_leader || region.leadership().leader.is_some())
        .await;
    let region = group.nodes[survivor].as_ref().unwrap();
    let refused = loop {
        let within = Instant::now() + Duration::from_secs(2);
        match region.propose(domain("lost.example"), within).await {
            // Proposed just before the lease ran out: unknown is the honest answer.
            Err(ProposeError::OutcomeUnknown) => {}
            other => break other,
        }
    };
    assert_eq!(refused, Err(ProposeError::NoLeader));
    let within = Instant::now() + Duration::from_secs(1);
    assert!(region.linearizable(within).await.is_err());
    assert_eq!(region.stale(None).unwrap().state.tables().domains.len(), 2);
}

/// Settings under which a few dozen writes make snapshots and purge the log behind them.
fn often_purged() -> RaftConfig {
    RaftConfig { snapshot_entries: 20, entries_kept: 5, ..config() }
}

fn snapshots(place: &Place) -> Vec<PathBuf> {
    let folder = std::fs::read_dir(place.directory.join("snapshots")).unwrap();
    let mut files: Vec<_> = folder.map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "snapshot"));
    files.sort();
    files
}

fn damage(file: &PathBuf) {
    let mut bytes = std::fs::read(file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 16].fill(0xAA);
    std::fs::write(file, bytes).unwrap();
}

fn names(prefix: &str, count: usize) -> Vec<String> {
    (0..count).map(|number| format!("{prefix}{number}.example")).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn node_that_was_away_while_the_log_was_purged_catches_up_by_snapshot() {
    let mut group = Group::start_with(often_purged()).await;
    let away = group.some_follower();
    group.stop(away).await;
    group.write(names("while-away", 100)).await;
    group.until(|region| region.purged_index() > 50).await;
    group.restart(away).await;
    group.write(names("meanwhile", 20)).await;
    group.until(|region| domains(region) == 120).await;
    let digests: Vec<_> = group.running().map(|region| region.published().state.digest()).collect();
    assert!(digests.windows(2).all(|pair| pair[0] == pair[1]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn damaged_newest_snapshot_is_passed_over_and_two_are_amnesia() {
    let mut group = Group::start_with(often_purged()).await;
    group.write(names("d", 100)).await;
    let node = group.some_follower();
    group.until(|region| region.purged_index() > 20).await;
    group.stop(node).await;
    let files = snapshots(&group.places[node]);
    assert_eq!(files.len(), 2, "two are kept");
    damage(&files[1]);
    group.restart(node).await;
    group.until(|region| domains(region) == 100).await;
    group.stop(node).await;
    snapshots(&group.places[node]).iter().for_each(damage);
    let refused = match group.try_restart(node).await {
        Err(refused) => refused,
        Ok(region) => panic!(
            "it started: purged {}, files {:?}",
            region.purged_index(),
            snapshots(&group.places[node])
        ),
    };
    assert!(
        matches!(
            refused,
            StartError::Open(OpenError::Amnesia { reason: Amnesia::SnapshotsLost { .. } })
        ),
        "{refused:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn removed_node_learns_it_stops_and_remembers() {
    let mut group = Group::start().await;
    let removed = group.some_follower();
    let id = group.nodes[removed].as_ref().unwrap().identity().node_id;
    let leader = group.leader().unwrap();
    group.nodes[leader].as_ref().unwrap().remove_node(id, false).await.unwrap();
    let gone = group.nodes[removed].take().unwrap();
    tokio::time::timeout(PATIENCE, gone.stopping().cancelled()).await.unwrap();
    assert_eq!(gone.exclusion(), Some(Exclusion::Removed));
    gone.stop().await;
    drop(gone);
    let refused = group.try_restart(removed).await.err().unwrap();
    assert!(matches!(refused, StartError::Excluded(Exclusion::Removed)), "{refused:?}");
    group.write(names("after", 3)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn removal_that_would_lose_the_majority_needs_force() {
    let mut group = Group::start().await;
    let down = group.some_follower();
    group.stop(down).await;
    let leader = group.leader().unwrap();
    let region = group.nodes[leader].as_ref().unwrap();
    let other = group.running().find(|node| !node.leadership().is_leader).unwrap();
    let deadline = soon();
    // The node that is down counts as healthy until it was silent for a while.
    let refused = loop {
        assert!(Instant::now() < deadline);
        let status = region.status().await;
        let silent = |contact: Option<Duration>| contact > Some(Duration::from_secs(2));
        if status.nodes.iter().any(|node| silent(node.last_contact)) {
            break region.remove_node(other.identity().node_id, false).await;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    assert!(matches!(refused, Err(MembershipError::WouldLoseQuorum { .. })), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replicas_compare_their_digests_at_the_same_revisions() {
    let config = RaftConfig { digest_every: Duration::from_millis(50), ..config() };
    let group = Group::start_with(config).await;
    group.write(names("d", 10)).await;
    group.until(|region| region.report().checks.len() > 3).await;
    let reports: Vec<_> = group.running().map(|region| region.report().checks).collect();
    let common = reports[0].iter().find(|check| reports[1].contains(check));
    assert!(common.is_some_and(|check| reports[2].contains(check)), "{reports:?}");
    assert!(group.running().all(|region| !region.is_contested()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn jump_of_the_wall_clocks_expires_nothing() {
    let group = Group::start().await;
    let first = group.follower().propose(keyed("once.example"), soon()).await.unwrap();
    let sessions = |region: &Region| region.published().state.tables().sessions.len();
    let open_before = sessions(group.follower());
    for jump_hours in [1, 48, -1, -48] {
        group.wall_skew.store(jump_hours * 3_600_000, Ordering::Relaxed);
        let again = group.follower().propose(keyed("once.example"), soon()).await.unwrap();
        assert!(again.replayed && again.result == first.result, "{jump_hours} hours");
        assert!(sessions(group.follower()) >= open_before, "{jump_hours} hours");
    }
    let now = group.follower().published().state.meta().now;
    assert!(now < ClusterTime(60_000), "cluster time is {now}");
}
