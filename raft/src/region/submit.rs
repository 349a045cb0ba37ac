//! The leader's half of a write: stamp the time, propose, wait for the state machine's answer.

use crate::error::ProposeError;
use crate::region::handle::Shared;
use crate::type_config::{NodeId, Stamped};
use bytes::Bytes;
use openraft::errors::{ClientWriteError, RaftError};
use regent_core::apply::Reply;
use regent_core::codec;
use regent_core::command::{Command, Request};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use tokio::time::timeout_at;

/// Bytes of one request: it must fit a log entry and a message.
pub const REQUEST_BYTES_MAX: usize = 3 << 20;
/// KiB of requests a leader may have on their way through the log.
pub(crate) const PROPOSING_KIB_MAX: usize = 64 << 10;
/// When a client that met full queues should come back.
pub(crate) const RETRY_AFTER: Duration = Duration::from_secs(1);

/// Why a write was not taken here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Submission {
    /// This node does not lead, or has no quorum. Nothing was appended.
    NotLeader(Option<NodeId>),
    /// Queues are full. Nothing was appended.
    Overloaded,
    /// It was appended; whether it is committed is not known.
    Unknown,
    /// This node is stopping. Nothing was appended.
    Stopping,
    /// The leader cannot read it: it is of another version, or longer than it may be. Nothing was appended.
    NotUnderstood,
    /// The disk is nearly full, or the replicas are known to differ. Nothing was appended.
    ReadOnly(ReadOnly),
}

/// Why a leader takes no writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReadOnly {
    /// The disk is nearly full.
    DiskFull,
    /// The replicas differ and nobody knows which is right.
    Contested,
}

impl From<Submission> for ProposeError {
    fn from(submission: Submission) -> Self {
        match submission {
            Submission::NotLeader(_) => Self::NoLeader,
            Submission::Overloaded => Self::Overloaded { retry_after: RETRY_AFTER },
            Submission::Unknown => Self::OutcomeUnknown,
            Submission::Stopping => Self::Stopping,
            Submission::NotUnderstood => Self::NotUnderstood,
            Submission::ReadOnly(ReadOnly::DiskFull) => Self::DiskFull,
            Submission::ReadOnly(ReadOnly::Contested) => Self::Contested,
        }
    }
}

impl Shared {
    /// Under which name this node itself writes.
    pub(crate) fn principal(&self) -> String {
        format!("node:{}", self.identity.name)
    }

    /// A request of this node itself that belongs to no session: applying it twice does no harm.
    pub(crate) fn unnumbered(&self, command: Command) -> Request {
        let principal = self.principal();
        Request { principal, origin: None, key: None, guards: Vec::new(), command }
    }

    /// Proposes a command of this node itself, if it leads.
    pub(crate) async fn submit_as_node(
        &self,
        command: Command,
        deadline: Instant,
    ) -> Result<Reply, Submission> {
        self.submit(Bytes::from(codec::seal(&self.unnumbered(command))), deadline).await
    }

    /// Proposes `request` if this node leads.
    pub(crate) async fn submit(
        &self,
        request: Bytes,
        deadline: Instant,
    ) -> Result<Reply, Submission> {
        let leadership = self.leadership();
        if self.stopping.is_cancelled() {
            return Err(Submission::Stopping);
        }
        if !leadership.is_leader {
            return Err(Submission::NotLeader(leadership.leader));
        }
        if let Some(why) = self.read_only(&request) {
            return Err(Submission::ReadOnly(why));
        }
        let kib = u32::try_from(request.len() / 1024 + 1).unwrap_or(u32::MAX);
        let _room = self.proposing.try_acquire_many(kib).map_err(|_| Submission::Overloaded)?;
        let at = self.stamp(leadership.term, deadline).await?;
        let stamped = Stamped { at, wall: self.clock.wall(), request };
        let written = timeout_at(deadline.into(), self.raft.client_write(stamped)).await;
        match written {
            Ok(Ok(response)) => Ok(response.data),
            Ok(Err(RaftError::APIError(ClientWriteError::ForwardToLeader(to)))) => {
                Err(Submission::NotLeader(to.leader_id))
            }
            Ok(Err(RaftError::APIError(_) | RaftError::Fatal(_))) | Err(_) => {
                Err(Submission::Unknown)
            }
        }
    }

    fn read_only(&self, request: &Bytes) -> Option<ReadOnly> {
        if self.disk_full.load(Ordering::Relaxed) {
            return Some(ReadOnly::DiskFull);
        }
        (self.is_contested() && !may_settle(request)).then_some(ReadOnly::Contested)
    }

    /// Cluster time now, once this term's first entry is applied: before that, what came before is not known.
    async fn stamp(
        &self,
        term: u64,
        deadline: Instant,
    ) -> Result<regent_core::time::ClusterTime, Submission> {
        let mut progress = self.publisher.progress();
        loop {
            progress.mark_unchanged();
            let published = self.publisher.load();
            if published.applied_term() == Some(term) {
                let now = self.clock.counting();
                return Ok(self.leader_clock.stamp(term, published.applied_time(), now));
            }
            match timeout_at(deadline.into(), progress.changed()).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) => return Err(Submission::Stopping),
                Err(_) => return Err(Submission::NotLeader(None)),
            }
            let leadership = self.leadership();
            if !leadership.is_leader || leadership.term != term {
                return Err(Submission::NotLeader(leadership.leader));
            }
        }
    }
}

/// Whether this belongs to what is done about replicas that differ: comparing them again, and removing one of them.
fn may_settle(request: &Bytes) -> bool {
    let command = codec::open(request).map(|request: Request| request.command);
    matches!(
        command,
        Ok(Command::Digest(_) | Command::Tick | Command::Member(_) | Command::Session(_))
    )
}
