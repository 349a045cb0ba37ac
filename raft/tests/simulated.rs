//! One node on one thread, with a seed for its chance: openraft, the log's writer and its recovery, the state machine and
//! its snapshots, all of them real. On this the simulation of a whole region can stand.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use arc_swap::ArcSwap;
use futures::future::join_all;
use openraft::Raft;
use regent_core::codec;
use regent_core::command::domain::DomainCommand;
use regent_core::command::site::SiteCommand;
use regent_core::command::{Command, Request};
use regent_core::model::domain::Domain;
use regent_core::state::State;
use regent_core::state::digest::Digest;
use regent_core::state::meta::Meta;
use regent_core::time::{ClusterTime, WallTime};
use regent_raft::clock::ManualClock;
use regent_raft::config::RaftConfig;
use regent_raft::digest_check::DigestChecks;
use regent_raft::log_store::mark::StoreId;
use regent_raft::log_store::memory::MemoryDisk;
use regent_raft::log_store::store::{LogOptions, LogStore};
use regent_raft::network::channels::Channels;
use regent_raft::network::client::PeerFactory;
use regent_raft::network::contact::Contacts;
use regent_raft::network::header::{Admission, Identity};
use regent_raft::network::limits::PeerTimeouts;
use regent_raft::runtime::chance::random;
use regent_raft::runtime::simulated::Simulated;
use regent_raft::runtime::tasks::Tasks;
use regent_raft::state_machine::published::{Published, Publisher};
use regent_raft::state_machine::snapshot_store::SnapshotStore;
use regent_raft::state_machine::{FileWork, StateMachine};
use regent_raft::type_config::{LogId, RegionNode, Stamped, StoredMembership, TypeConfig};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

/// Writes under way at once.
const CROWD: u32 = 40;
const PATIENCE: Duration = Duration::from_secs(30);

/// What can be seen of a run.
#[derive(Debug, PartialEq, Eq)]
struct Trace {
    store: StoreId,
    cluster: String,
    /// Which writes were answered, one after the other, and with which entry.
    answers: Vec<(u32, LogId)>,
    snapshot: (LogId, u32),
    digest: Digest,
    /// All chance that was used went before this.
    next_chance: u64,
}

struct Node {
    raft: Raft<TypeConfig, StateMachine>,
    publisher: Arc<Publisher>,
    snapshots: SnapshotStore,
    tasks: Tasks,
}

async fn start(disk: &MemoryDisk, store: StoreId, cluster: &str, folder: &Path) -> Node {
    let fatal = Box::new(|error: &_| panic!("the disk does not fail: {error}"));
    let options = LogOptions::default();
    let (log, pump) = LogStore::create_in_memory(disk, store, &options, fatal).unwrap();
    let log = log.run(pump).unwrap();
    let publisher = Publisher::start(Published {
        applied: None,
        membership: StoredMembership::default(),
        state: State::new(Meta { cluster_id: cluster.into(), ..Meta::default() }),
        since_boot: Duration::ZERO,
    })
    .unwrap();
    let snapshots = SnapshotStore::open(folder.to_owned()).unwrap();
    let tasks = Tasks::of_this_runtime();
    let files =
        FileWork { tasks: tasks.clone(), stopping: CancellationToken::new(), room_kept_bytes: 0 };
    let machine = StateMachine::new(
        Arc::clone(&publisher),
        snapshots.clone(),
        None,
        Arc::new(ManualClock::default()),
        Arc::new(DigestChecks::default()),
        files,
    );
    let identity =
        Identity { cluster: cluster.into(), epoch: 0, node: 1, store: store.to_string() };
    let peers = PeerFactory {
        admission: Arc::new(ArcSwap::from_pointee(Admission::new(identity))),
        channels: Channels::new(PeerTimeouts::default()),
        contacts: Contacts::default(),
        own_age: Arc::default(),
    };
    let config = RaftConfig::default().validate().unwrap();
    let raft = Raft::new(1, config, peers, log, machine).await.unwrap();
    raft.initialize(BTreeMap::from([(1, RegionNode::default())])).await.unwrap();
    raft.wait(Some(PATIENCE)).current_leader(1, "itself").await.unwrap();
    Node { raft, publisher, snapshots, tasks }
}

fn stamped(command: Command) -> Stamped {
    let request =
        Request { principal: "admin".into(), origin: None, key: None, guards: Vec::new(), command };
    Stamped { at: ClusterTime(0), wall: WallTime(0), request: codec::seal(&request).into() }
}

/// A crowd of writers, each of which pauses for as long as chance has it.
async fn write(node: &Node) -> Vec<(u32, LogId)> {
    let bootstrap = Command::Site(SiteCommand::Bootstrap { domain: "maas".parse().unwrap() });
    node.raft.client_write(stamped(bootstrap)).await.unwrap();
    let answers = std::sync::Mutex::new(Vec::new());
    let writers = (0..CROWD).map(|writer| {
        let answers = &answers;
        async move {
            for _ in 0..random::<u32>() % 8 {
                tokio::task::yield_now().await;
            }
            let name = format!("{:08x}.example", random::<u32>()).parse().unwrap();
            let create = Command::Domain(DomainCommand::Create(Domain::new(name)));
            let written = node.raft.client_write(stamped(create)).await.unwrap();
            answers.lock().unwrap().push((writer, written.log_id));
        }
    });
    join_all(writers).await;
    answers.into_inner().unwrap()
}

async fn life(folder: &TempDir) -> Trace {
    let store = StoreId::random();
    let cluster = format!("{:032x}", random::<u128>());
    let disk = MemoryDisk::default();
    let node = start(&disk, store, &cluster, folder.path()).await;
    let answers = write(&node).await;
    let last = answers.iter().map(|(_, log_id)| *log_id).max().unwrap();
    node.raft.trigger().snapshot().await.unwrap();
    node.raft.wait(Some(PATIENCE)).snapshot(last, "a snapshot of all of it").await.unwrap();
    let (kept, state) = node.snapshots.recover().unwrap().newest.unwrap();
    assert_eq!(state.digest(), node.publisher.load().state.digest());
    let snapshot = (kept.meta.last_log_id.unwrap(), kept.file.crc);
    let digest = state.digest();
    node.raft.shutdown().await.unwrap();
    node.tasks.ended().await;
    assert!(disk.syncs() > 1, "the log was written");
    assert_eq!(threads_beside_the_tests(), Vec::<String>::new());
    Trace { store, cluster, answers, snapshot, digest, next_chance: random() }
}

/// Names of this process's threads but for those of the test and its runner.
fn threads_beside_the_tests() -> Vec<String> {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    let names =
        tasks.map(|task| std::fs::read_to_string(task.unwrap().path().join("comm")).unwrap());
    let ours = ["simulated", "one_seed"];
    names.filter(|name| !ours.iter().any(|our| name.starts_with(our))).collect()
}

fn trace(seed: u64) -> Trace {
    let folder = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let _simulated = Simulated::from_seed(seed);
    runtime.block_on(life(&folder))
}

#[test]
fn one_seed_is_one_history() {
    let first = trace(7);
    assert_eq!(first.answers.len(), CROWD as usize);
    for _ in 0..3 {
        assert_eq!(trace(7), first);
    }
    let other = trace(8);
    assert_ne!(other.store, first.store);
    assert_ne!(other.cluster, first.cluster);
    assert_ne!(other.answers, first.answers);
    assert_ne!(other.digest, first.digest);
}
