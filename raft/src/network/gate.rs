//! The door every request of a peer passes: is this node a member at all, and is the sender one it listens to?

use crate::network::contact::Contacts;
use crate::network::header::Admission;
use crate::network::refusal::Refusal;
use crate::state_machine::snapshot_file::SnapshotFile;
use crate::type_config::TypeConfig;
use arc_swap::ArcSwap;
use openraft::Raft;
use openraft::async_runtime::WatchReceiver as _;
use openraft::storage::RaftStateMachine;
use regent_proto::peer;
use std::sync::Arc;
use std::time::Duration;

/// What a node is to its cluster right now.
pub enum Standing<SM>
where
    SM: RaftStateMachine<TypeConfig, SnapshotData = SnapshotFile>,
{
    /// It takes part.
    Member(Raft<TypeConfig, SM>),
    /// It has lost its log: it may not vote, nor serve as a member, ever again under its number.
    Amnesiac,
}

/// The door of one node. Clones are the same door.
pub struct Gate<SM>
where
    SM: RaftStateMachine<TypeConfig, SnapshotData = SnapshotFile>,
{
    /// What this node is; replaced as that changes, with effect on streams that are already open.
    pub standing: Arc<ArcSwap<Standing<SM>>>,
    /// Who this node is and whom it knows; replaced as the membership changes.
    pub admission: Arc<ArcSwap<Admission>>,
    /// Where admitted requests are noted.
    pub contacts: Contacts,
}

impl<SM> Clone for Gate<SM>
where
    SM: RaftStateMachine<TypeConfig, SnapshotData = SnapshotFile>,
{
    fn clone(&self) -> Self {
        Self {
            standing: Arc::clone(&self.standing),
            admission: Arc::clone(&self.admission),
            contacts: self.contacts.clone(),
        }
    }
}

impl<SM> Gate<SM>
where
    SM: RaftStateMachine<TypeConfig, SnapshotData = SnapshotFile>,
{
    /// Admits a request to this member's Raft.
    pub(crate) fn member(&self, header: &peer::Header) -> Result<Raft<TypeConfig, SM>, Refusal> {
        let raft = match &**self.standing.load() {
            Standing::Member(raft) => raft.clone(),
            Standing::Amnesiac => return Err(Refusal::Amnesiac),
        };
        let admission = self.admission.load();
        admission.check(header)?;
        // A header can name any number: only members are noted.
        if admission.roster.knows(header.from_node) {
            self.contacts.note_heard(header.from_node);
        }
        Ok(raft)
    }

    /// Admits a further message of a stream whose first one was admitted.
    pub(crate) fn still_member(
        &self,
        header: &peer::Header,
    ) -> Result<Raft<TypeConfig, SM>, Refusal> {
        self.member(header)
    }

    /// Notes that the sender of an admitted request wants to lead.
    pub(crate) fn note_candidate(&self, header: &peer::Header) {
        if self.admission.load().roster.knows(header.from_node) {
            self.contacts.note_candidate(header.from_node);
        }
    }

    /// Notes that the sender of an admitted append leads this node, followed by a majority so long ago, and what it says of
    /// how far this node must be.
    pub(crate) fn note_led(
        &self,
        header: &peer::Header,
        raft: &Raft<TypeConfig, SM>,
        age: Duration,
        told: Option<&peer::Told>,
    ) {
        if !self.admission.load().roster.knows(header.from_node) {
            return;
        }
        self.contacts.note_led(header.from_node, age);
        if let Some(told) = told {
            let metrics = raft.data_metrics();
            let applied = metrics.borrow_watched().last_applied.map_or(0, |entry| entry.index);
            self.contacts.note_told(told, age, applied);
        }
    }

    /// Admits a request that needs no Raft, from a sender that need not belong to the cluster.
    pub(crate) fn stranger(&self, header: &peer::Header) -> Result<(), Refusal> {
        match &**self.standing.load() {
            Standing::Member(_) => {}
            Standing::Amnesiac => return Err(Refusal::Amnesiac),
        }
        self.admission.load().check_stranger(header)
    }
}
