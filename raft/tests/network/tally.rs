//! A state machine that remembers every request in order. Its snapshot is as large as the test wants.

use bytes::Bytes;
use futures::{Stream, TryStreamExt};
use openraft::alias::{EntryOf, LogIdOf, SnapshotMetaOf, SnapshotOf, StoredMembershipOf};
use openraft::storage::{EntryResponder, RaftSnapshotBuilder, RaftStateMachine, Snapshot};
use openraft::{EntryPayload, OptionalSend};
use regent_core::apply::Reply;
use regent_core::codec;
use regent_core::outcome::Outcome;
use regent_core::revision::Revision;
use regent_raft::network::arrival::Reader;
use regent_raft::state_machine::snapshot_error::SnapshotFileError;
use regent_raft::state_machine::snapshot_file::SnapshotFile;
use regent_raft::type_config::TypeConfig;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::{fs, io};

/// Bytes that stand in no snapshot of a tally.
pub const NO_PART: &[u8] = b"no part of any tally";

#[derive(Clone)]
pub struct Tally(Arc<Mutex<State>>);

struct State {
    directory: PathBuf,
    padding_bytes: usize,
    applied: Option<LogIdOf<TypeConfig>>,
    membership: StoredMembershipOf<TypeConfig>,
    requests: Vec<Bytes>,
    snapshot: Option<SnapshotOf<TypeConfig, SnapshotFile>>,
    installed: usize,
}

impl Tally {
    pub fn new(directory: &Path, padding_bytes: usize) -> Self {
        Self(Arc::new(Mutex::new(State {
            directory: directory.to_owned(),
            padding_bytes,
            applied: None,
            membership: StoredMembershipOf::<TypeConfig>::default(),
            requests: Vec::new(),
            snapshot: None,
            installed: 0,
        })))
    }

    pub fn requests(&self) -> Vec<Bytes> {
        self.0.lock().unwrap().requests.clone()
    }

    pub fn installed(&self) -> usize {
        self.0.lock().unwrap().installed
    }
}

/// Takes everything but `NO_PART`: the tally itself is read when it is installed.
pub struct TallyReader;

impl Reader for TallyReader {
    fn take(&mut self, bytes: &[u8]) -> Result<(), SnapshotFileError> {
        if bytes != NO_PART {
            return Ok(());
        }
        let what = "it says so itself".into();
        Err(SnapshotFileError::Damaged { path: PathBuf::default(), offset: 0, what })
    }

    fn finish(self: Box<Self>) -> Result<Option<regent_core::state::State>, SnapshotFileError> {
        Ok(None)
    }
}

impl State {
    fn apply(&mut self, entry: EntryOf<TypeConfig>) -> Reply {
        self.applied = Some(entry.log_id);
        match entry.payload {
            EntryPayload::Blank => {}
            EntryPayload::Normal(stamped) => self.requests.push(stamped.request),
            EntryPayload::Membership(membership) => {
                self.membership =
                    StoredMembershipOf::<TypeConfig>::new(Some(entry.log_id), membership);
            }
        }
        Reply { revision: Revision(entry.log_id.index), result: Ok(Outcome::Done), replayed: false }
    }

    fn write_snapshot(&mut self) -> io::Result<SnapshotOf<TypeConfig, SnapshotFile>> {
        // Different bytes everywhere, so that a piece put in the wrong place is noticed.
        let padding: Vec<u8> =
            (0_u64..).flat_map(u64::to_le_bytes).take(self.padding_bytes).collect();
        let content = codec::to_bare(&(&self.requests, Bytes::from(padding)));
        let index = self.applied.map_or(0, |id| id.index);
        let path = self.directory.join(format!("snap-{index}"));
        fs::write(&path, &content)?;
        let meta = SnapshotMetaOf::<TypeConfig> {
            last_log_id: self.applied,
            last_membership: self.membership.clone(),
        };
        let bytes = content.len() as u64;
        let snapshot = Snapshot {
            meta,
            snapshot: SnapshotFile { path, bytes, crc: crc32fast::hash(&content), state: None },
        };
        self.snapshot = Some(snapshot.clone());
        Ok(snapshot)
    }
}

impl RaftStateMachine<TypeConfig> for Tally {
    type SnapshotData = SnapshotFile;
    type SnapshotBuilder = Self;

    async fn applied_state(
        &mut self,
    ) -> io::Result<(Option<LogIdOf<TypeConfig>>, StoredMembershipOf<TypeConfig>)> {
        let state = self.0.lock().unwrap();
        Ok((state.applied, state.membership.clone()))
    }

    async fn apply<S>(&mut self, mut entries: S) -> io::Result<()>
    where
        S: Stream<Item = io::Result<EntryResponder<TypeConfig>>> + Unpin + OptionalSend,
    {
        while let Some((entry, responder)) = entries.try_next().await? {
            let reply = self.0.lock().unwrap().apply(entry);
            if let Some(responder) = responder {
                responder.send(reply);
            }
        }
        Ok(())
    }

    async fn get_snapshot_builder(&mut self) -> Self {
        self.clone()
    }

    async fn install_snapshot(
        &mut self,
        meta: &SnapshotMetaOf<TypeConfig>,
        snapshot: SnapshotFile,
    ) -> io::Result<()> {
        let content = fs::read(&snapshot.path)?;
        let (requests, _): (Vec<Bytes>, Bytes) =
            codec::from_bare(&content).map_err(io::Error::other)?;
        let mut state = self.0.lock().unwrap();
        let path = state.directory.join("snap-installed");
        fs::rename(&snapshot.path, &path)?;
        state.requests = requests;
        state.applied = meta.last_log_id;
        state.membership = meta.last_membership.clone();
        state.snapshot =
            Some(Snapshot { meta: meta.clone(), snapshot: SnapshotFile { path, ..snapshot } });
        state.installed += 1;
        Ok(())
    }

    async fn get_current_snapshot(
        &mut self,
    ) -> io::Result<Option<SnapshotOf<TypeConfig, SnapshotFile>>> {
        Ok(self.0.lock().unwrap().snapshot.clone())
    }
}

impl RaftSnapshotBuilder<TypeConfig> for Tally {
    type SnapshotData = SnapshotFile;

    async fn build_snapshot(&mut self) -> io::Result<SnapshotOf<TypeConfig, SnapshotFile>> {
        self.0.lock().unwrap().write_snapshot()
    }
}
