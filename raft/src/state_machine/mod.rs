//! openraft's view of the state machine: decodes entries, lets `core` apply them, publishes the result.
//!
//! The state lives in memory; the log and the snapshots are its durable form. An entry that cannot be decoded stops
//! the node: it was written by a newer version, and guessing would make replicas differ.

pub mod published;
mod snapshot_blocks;
pub mod snapshot_decoder;
pub mod snapshot_error;
pub mod snapshot_file;
pub mod snapshot_store;

use crate::clock::Clock;
use crate::digest_check::DigestChecks;
use crate::log_store::reserve::disk_free;
use crate::runtime::background::in_background;
use crate::runtime::tasks::Tasks;
use crate::state_machine::published::{Published, Publisher};
use crate::state_machine::snapshot_error::SnapshotFileError;
use crate::state_machine::snapshot_file::SnapshotFile;
use crate::state_machine::snapshot_store::{KeptSnapshot, SnapshotStore};
use crate::type_config::{Entry, LogId, SnapshotMeta, Stamped, StoredMembership, TypeConfig};
use futures::{Stream, StreamExt};
use openraft::EntryPayload;
use openraft::alias::SnapshotOf;
use openraft::storage::{EntryResponder, RaftSnapshotBuilder, RaftStateMachine};
use regent_core::apply::{self, Reply};
use regent_core::codec;
use regent_core::command::{Command, Proposal};
use regent_core::outcome::Outcome;
use regent_core::planted::{self, Planted};
use regent_core::snapshot;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tokio_util::task::task_tracker::TaskTrackerToken;

/// Entries applied between two swaps of the published root.
const APPLY_BATCH_MAX: usize = 256;

/// The thread on which snapshots are made. The system shows 15 letters of it.
const SNAPSHOT_WRITER: &str = "snapshot-writer";

/// Only for a planted bug: how long half of a batch is shown.
const HALF_SHOWN: Duration = Duration::from_millis(2);

/// The replicated state machine of one node.
pub struct StateMachine {
    publisher: Arc<Publisher>,
    snapshots: SnapshotStore,
    current: Current,
    clock: Arc<dyn Clock>,
    checks: Arc<DigestChecks>,
    files: FileWork,
}

/// The newest snapshot there is. A build takes long: one may have been installed meanwhile that is newer than its own.
#[derive(Clone)]
struct Current(Arc<Mutex<Option<KeptSnapshot>>>);

impl Current {
    fn get(&self) -> Option<KeptSnapshot> {
        self.lock().clone()
    }

    fn offer(&self, snapshot: KeptSnapshot) {
        let mut current = self.lock();
        let held = current.as_ref().map(|held| held.meta.last_log_id);
        if held.is_none_or(|held| held < snapshot.meta.last_log_id) {
            *current = Some(snapshot);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<KeptSnapshot>> {
        self.0.lock().expect("no panic happens under this lock")
    }
}

/// How snapshot files are written: beside everything else, but not past the node's end.
#[derive(Clone)]
pub struct FileWork {
    /// Waited for when the node stops.
    pub tasks: Tasks,
    /// No file is begun after this.
    pub stopping: CancellationToken,
    /// Bytes of the disk that are not for snapshots of our own: the log goes on while there is none.
    pub room_kept_bytes: u64,
}

impl FileWork {
    /// Does what others wait for.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, SnapshotFileError> + Send + 'static,
    ) -> io::Result<T> {
        let _awaited = self.begin()?;
        let done = self.tasks.blocking(work).await;
        done.map_err(io::Error::other)?.map_err(io::Error::other)
    }

    /// Does what has time.
    async fn run_aside<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, SnapshotFileError> + Send + 'static,
    ) -> io::Result<T> {
        let _awaited = self.begin()?;
        let done = in_background(&self.tasks, SNAPSHOT_WRITER, work).await;
        done.map_err(io::Error::other)?.map_err(io::Error::other)
    }

    fn begin(&self) -> io::Result<TaskTrackerToken> {
        // Taken first, so that whoever waits for the tasks waits for this one, or it sees that it is too late.
        let awaited = self.tasks.token();
        if self.stopping.is_cancelled() {
            return Err(io::Error::other("the node is stopping"));
        }
        Ok(awaited)
    }
}

impl StateMachine {
    /// A state machine that goes on from what `publisher` has published, which the snapshot `current` holds. Files are
    /// written by `files`.
    #[must_use]
    pub fn new(
        publisher: Arc<Publisher>,
        snapshots: SnapshotStore,
        current: Option<KeptSnapshot>,
        clock: Arc<dyn Clock>,
        checks: Arc<DigestChecks>,
        files: FileWork,
    ) -> Self {
        let current = Current(Arc::new(Mutex::new(current)));
        Self { publisher, snapshots, current, clock, checks, files }
    }

    /// Whether another snapshot of the size of the last one finds room. Where that is not known, it is tried.
    fn has_room(&self) -> bool {
        let last_bytes = self.current.get().map_or(0, |last| last.file.bytes);
        let wanted = last_bytes.saturating_add(self.files.room_kept_bytes);
        disk_free(self.snapshots.directory()).map_or(true, |space| space.free_bytes >= wanted)
    }

    fn publish(&self, applied: Applied) {
        let Applied { applied, membership, state } = applied;
        let since_boot = self.clock.counting();
        self.publisher.publish(Published { applied, membership, state, since_boot });
    }

    /// Only for a planted bug: how far this node's wall clock is ahead of an entry's stamp.
    fn wall_lead_ms(&self, entry: &Entry) -> i64 {
        match &entry.payload {
            EntryPayload::Normal(stamped) => self.clock.wall().0 - stamped.wall.0,
            EntryPayload::Blank | EntryPayload::Membership(_) => 0,
        }
    }

    /// Only for a planted bug: shows what half of an entry's batch does, as if that were all of it.
    async fn publish_half(&self, before: &Applied, entry: &Entry) -> io::Result<()> {
        let EntryPayload::Normal(stamped) = &entry.payload else { return Ok(()) };
        let mut proposal = decode(stamped)?;
        let Command::Batch(steps) = &mut proposal.request.command else { return Ok(()) };
        steps.truncate(steps.len() / 2);
        let state = apply::apply(&before.state, entry.log_id.index, &proposal).state;
        let membership = before.membership.clone();
        self.publish(Applied { applied: Some(entry.log_id), membership, state });
        sleep(HALF_SHOWN).await;
        Ok(())
    }
}

/// A root on its way to being published.
struct Applied {
    applied: Option<LogId>,
    membership: StoredMembership,
    state: regent_core::state::State,
}

impl Applied {
    fn after(current: &Published) -> Self {
        Self {
            applied: current.applied,
            membership: current.membership.clone(),
            state: current.state.clone(),
        }
    }

    fn entry(&mut self, entry: Entry, checks: &DigestChecks) -> io::Result<Reply> {
        let index = entry.log_id.index;
        let reply = match entry.payload {
            EntryPayload::Blank => self.blank(index),
            EntryPayload::Membership(membership) => {
                self.membership = StoredMembership::new(Some(entry.log_id), membership);
                self.blank(index)
            }
            EntryPayload::Normal(stamped) => {
                let proposal = decode(&stamped)?;
                let applied = apply::apply(&self.state, index, &proposal);
                self.state = applied.state;
                if let Command::Digest(step) = &proposal.request.command {
                    checks.applied(step, applied.reply.revision, self.state.digest());
                }
                applied.reply
            }
        };
        self.applied = Some(entry.log_id);
        Ok(reply)
    }

    fn blank(&mut self, index: u64) -> Reply {
        self.state = apply::blank(&self.state, index);
        let revision = self.state.meta().revision;
        Reply { revision, result: Ok(Outcome::Done), replayed: false }
    }
}

fn decode(stamped: &Stamped) -> io::Result<Proposal> {
    let request = codec::open(&stamped.request)
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
    Ok(Proposal { at: stamped.at, wall: stamped.wall, request })
}

impl RaftStateMachine<TypeConfig> for StateMachine {
    type SnapshotData = SnapshotFile;
    type SnapshotBuilder = SnapshotBuilder;

    async fn applied_state(&mut self) -> io::Result<(Option<LogId>, StoredMembership)> {
        let current = self.publisher.load();
        Ok((current.applied, current.membership.clone()))
    }

    async fn apply<Strm>(&mut self, entries: Strm) -> io::Result<()>
    where
        Strm: Stream<Item = io::Result<EntryResponder<TypeConfig>>> + Unpin + Send,
    {
        let mut batches = entries.ready_chunks(APPLY_BATCH_MAX);
        while let Some(batch) = batches.next().await {
            let mut next = Applied::after(&self.publisher.load());
            let mut answers = Vec::with_capacity(batch.len());
            for item in batch {
                let (entry, responder) = item?;
                planted::show_wall_lead(|| self.wall_lead_ms(&entry));
                if planted::is(Planted::BatchPublishedAsTwoRoots) {
                    self.publish_half(&next, &entry).await?;
                }
                let reply = next.entry(entry, &self.checks)?;
                answers.extend(responder.map(|responder| (responder, reply)));
            }
            // First the root, then the answers: whoever has an answer can read what it speaks of.
            self.publish(next);
            for (responder, reply) in answers {
                responder.send(reply);
            }
        }
        Ok(())
    }

    async fn try_create_snapshot_builder(&mut self, force: bool) -> Option<SnapshotBuilder> {
        if !force && !self.has_room() {
            tracing::error!("no snapshot was made, since the disk has no room: the log grows on");
            return None;
        }
        Some(self.get_snapshot_builder().await)
    }

    async fn get_snapshot_builder(&mut self) -> SnapshotBuilder {
        SnapshotBuilder {
            published: self.publisher.load(),
            snapshots: self.snapshots.clone(),
            current: self.current.clone(),
            files: self.files.clone(),
        }
    }

    async fn install_snapshot(
        &mut self,
        meta: &SnapshotMeta,
        snapshot: SnapshotFile,
    ) -> io::Result<()> {
        let (snapshots, meta) = (self.snapshots.clone(), meta.clone());
        let (kept, state) = self.files.run(move || snapshots.adopt(meta, snapshot)).await?;
        let state = snapshot::installed(state);
        self.publish(Applied {
            applied: kept.meta.last_log_id,
            membership: kept.meta.last_membership.clone(),
            state,
        });
        self.current.offer(kept);
        Ok(())
    }

    async fn get_current_snapshot(
        &mut self,
    ) -> io::Result<Option<SnapshotOf<TypeConfig, SnapshotFile>>> {
        Ok(self.current.get().map(|KeptSnapshot { meta, file }| SnapshotOf::<TypeConfig, _> {
            meta,
            snapshot: file,
        }))
    }
}

/// Writes one snapshot, beside the entries that go on being applied. One that cannot be written is no failure of the node:
/// the snapshot before it stands, or none, and another is tried later.
pub struct SnapshotBuilder {
    published: Arc<Published>,
    snapshots: SnapshotStore,
    current: Current,
    files: FileWork,
}

impl RaftSnapshotBuilder<TypeConfig> for SnapshotBuilder {
    type SnapshotData = SnapshotFile;

    async fn build_snapshot(&mut self) -> io::Result<SnapshotOf<TypeConfig, SnapshotFile>> {
        let (published, snapshots) = (Arc::clone(&self.published), self.snapshots.clone());
        let meta = SnapshotMeta {
            last_log_id: published.applied,
            last_membership: published.membership.clone(),
        };
        let writing = move || snapshots.write(meta, &published.state);
        let kept = match self.files.run_aside(writing).await {
            Ok(kept) => {
                self.current.offer(kept.clone());
                kept
            }
            Err(error) => {
                // To openraft an error would be the end of the node, but its log still has all there is.
                tracing::error!(%error, "no snapshot was made: the log grows on");
                self.current.get().unwrap_or_default()
            }
        };
        Ok(SnapshotOf::<TypeConfig, _> { meta: kept.meta, snapshot: kept.file })
    }
}

#[cfg(test)]
mod tests;
