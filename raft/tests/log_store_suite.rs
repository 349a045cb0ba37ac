//! openraft's own storage suite, on the log in sled and on the log in memory.
//!
//! The suite wants a state machine too; the one here remembers positions and membership and nothing else.

use futures::{Stream, StreamExt};
use openraft::alias::{SnapshotMetaOf, SnapshotOf, StoredMembershipOf};
use openraft::entry::{EntryPayload, RaftEntry};
use openraft::storage::{EntryResponder, RaftStateMachine};
use openraft::testing::log::{StoreBuilder, Suite};
use openraft::{OptionalSend, RaftSnapshotBuilder, StorageError};
use regent_raft::log_store::mark::StoreId;
use regent_raft::log_store::memory::MemoryDisk;
use regent_raft::log_store::store::{LogOptions, LogStore};
use regent_raft::type_config::{LogId, TypeConfig};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard};
use tempfile::TempDir;

type Membership = StoredMembershipOf<TypeConfig>;
type SnapshotMeta = SnapshotMetaOf<TypeConfig>;
type Snapshot = SnapshotOf<TypeConfig, ()>;

#[derive(Clone, Default)]
struct Positions(Arc<Mutex<Applied>>);

#[derive(Default)]
struct Applied {
    last: Option<LogId>,
    membership: Membership,
    snapshot: Option<SnapshotMeta>,
}

impl Positions {
    fn lock(&self) -> MutexGuard<'_, Applied> {
        self.0.lock().expect("no panic while it is locked")
    }
}

impl RaftSnapshotBuilder<TypeConfig> for Positions {
    type SnapshotData = ();

    async fn build_snapshot(&mut self) -> Result<Snapshot, io::Error> {
        let mut applied = self.lock();
        let meta =
            SnapshotMeta { last_log_id: applied.last, last_membership: applied.membership.clone() };
        applied.snapshot = Some(meta.clone());
        Ok(Snapshot { meta, snapshot: () })
    }
}

impl RaftStateMachine<TypeConfig> for Positions {
    type SnapshotData = ();
    type SnapshotBuilder = Self;

    async fn applied_state(&mut self) -> Result<(Option<LogId>, Membership), io::Error> {
        let applied = self.lock();
        Ok((applied.last, applied.membership.clone()))
    }

    async fn apply<S>(&mut self, mut entries: S) -> Result<(), io::Error>
    where
        S: Stream<Item = Result<EntryResponder<TypeConfig>, io::Error>> + Unpin + OptionalSend,
    {
        while let Some((entry, _)) = entries.next().await.transpose()? {
            let mut applied = self.lock();
            applied.last = Some(entry.log_id());
            if let EntryPayload::Membership(membership) = entry.payload {
                applied.membership = Membership::new(Some(entry.log_id), membership);
            }
        }
        Ok(())
    }

    async fn get_snapshot_builder(&mut self) -> Self {
        self.clone()
    }

    async fn install_snapshot(&mut self, meta: &SnapshotMeta, (): ()) -> Result<(), io::Error> {
        *self.lock() = Applied {
            last: meta.last_log_id,
            membership: meta.last_membership.clone(),
            snapshot: Some(meta.clone()),
        };
        Ok(())
    }

    async fn get_current_snapshot(&mut self) -> Result<Option<Snapshot>, io::Error> {
        let meta = self.lock().snapshot.clone();
        Ok(meta.map(|meta| Snapshot { meta, snapshot: () }))
    }
}

struct OnSled;

impl StoreBuilder<TypeConfig, LogStore, Positions, TempDir> for OnSled {
    async fn build(&self) -> Result<(TempDir, LogStore, Positions), StorageError<TypeConfig>> {
        let dir = tempfile::tempdir().expect("a temp directory");
        let options = LogOptions::default();
        let store = LogStore::create(dir.path(), StoreId(1), &options, fatal());
        Ok((dir, store.expect("an empty directory takes a log"), Positions::default()))
    }
}

struct InMemory;

impl StoreBuilder<TypeConfig, LogStore, Positions> for InMemory {
    async fn build(&self) -> Result<((), LogStore, Positions), StorageError<TypeConfig>> {
        let (disk, options) = (MemoryDisk::default(), LogOptions::default());
        let made = LogStore::create_in_memory(&disk, StoreId(1), &options, fatal());
        let (store, pump) = made.expect("a new disk takes a log");
        Ok(((), store.run(pump).expect("a thread"), Positions::default()))
    }
}

fn fatal() -> regent_raft::log_store::figures::FatalHandler {
    Box::new(|error| panic!("the log failed: {error}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn log_in_sled_passes_the_suite_of_openraft() {
    Suite::test_all(OnSled).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn log_in_memory_passes_the_suite_of_openraft() {
    Suite::test_all(InMemory).await.unwrap();
}
