//! The ways a node says no to a peer, and how they travel: a gRPC status whose details carry a stable code.
//!
//! A refusal promises that the request had no effect. The one answer that cannot promise it is
//! [`ControlError::OutcomeUnknown`].

use crate::type_config::NodeId;
use bytes::Bytes;
use regent_proto::peer;
use tonic::{Code, Status};

/// Why a node does not take a peer's request at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The sender belongs to another cluster.
    #[error("this node belongs to cluster {ours:?}")]
    WrongCluster {
        /// The cluster of the refusing node.
        ours: String,
    },
    /// The sender is from before or after a restore that we did not share.
    #[error("this node is in epoch {ours}")]
    WrongEpoch {
        /// The epoch of the refusing node.
        ours: u64,
    },
    /// Another node was meant.
    #[error("this is node {ours}")]
    WrongTarget {
        /// The id of the refusing node.
        ours: NodeId,
    },
    /// A known node id speaks from another data directory: it may have forgotten what it promised.
    #[error("the sender's data directory is not the one its node id is known with")]
    StoreChanged,
    /// The sender was removed from the cluster.
    #[error("the sender was removed from the cluster")]
    SenderRemoved,
    /// This node has lost its log and may not act as a member.
    #[error("this node has lost its log and must rejoin as a new one")]
    Amnesiac,
    /// This node is starting or stopping: its Raft does not run.
    #[error("this node is starting or stopping")]
    NotRunning,
    /// The request cannot be decoded, or says what no correct node would say.
    #[error("the request is malformed: {0}")]
    Malformed(&'static str),
    /// A bound of this node is reached; later it may work.
    #[error("this node is busy")]
    Busy,
    /// There is no room for the snapshot on this node's disk.
    #[error("this node's disk has no room for the snapshot")]
    DiskFull,
    /// This node's disk failed under the snapshot.
    #[error("this node's disk failed")]
    DiskFailed,
    /// The snapshot that arrived is not the one that was offered.
    #[error("the snapshot arrived damaged")]
    Damaged,
}

/// Why a request between the control parts of two nodes was not answered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ControlError {
    /// The receiver does not lead. Nothing was done.
    #[error("the node is not the leader")]
    NotLeader {
        /// Who does, as far as it knows.
        leader: Option<NodeId>,
    },
    /// The receiver's queues are full. Nothing was done.
    #[error("the node is overloaded")]
    Overloaded,
    /// The receiver leads, and its disk is nearly full. Nothing was done.
    #[error("the leader's disk is nearly full")]
    DiskFull,
    /// The replicas differ and none has a majority. Nothing was done.
    #[error("the nodes hold different states and none has a majority")]
    Contested,
    /// The receiver cannot serve this now (no quorum, joining is not possible). Nothing was done.
    #[error("the node cannot serve this now")]
    Unavailable,
    /// The request does not decode at the receiver. Nothing was done.
    #[error("the request is malformed")]
    BadRequest,
    /// The request may or may not have taken effect.
    #[error("the outcome is unknown")]
    OutcomeUnknown,
}

impl Refusal {
    /// The stable code of this refusal.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::WrongCluster { .. } => "wrong_cluster",
            Self::WrongEpoch { .. } => "wrong_epoch",
            Self::WrongTarget { .. } => "wrong_target",
            Self::StoreChanged => "store_changed",
            Self::SenderRemoved => "sender_removed",
            Self::Amnesiac => "amnesiac",
            Self::NotRunning => "not_running",
            Self::Malformed(_) => "malformed",
            Self::Busy => "busy",
            Self::DiskFull => "disk_full",
            Self::DiskFailed => "disk_failed",
            Self::Damaged => "damaged",
        }
    }

    const fn grpc_code(&self) -> Code {
        match self {
            Self::WrongCluster { .. }
            | Self::WrongEpoch { .. }
            | Self::WrongTarget { .. }
            | Self::StoreChanged
            | Self::SenderRemoved => Code::PermissionDenied,
            Self::Amnesiac => Code::FailedPrecondition,
            Self::NotRunning => Code::Unavailable,
            Self::Malformed(_) => Code::InvalidArgument,
            Self::Busy | Self::DiskFull => Code::ResourceExhausted,
            Self::DiskFailed => Code::Internal,
            Self::Damaged => Code::DataLoss,
        }
    }

    fn detail(&self) -> peer::Refusal {
        let mut detail = peer::Refusal { code: self.code().into(), ..peer::Refusal::default() };
        match self {
            Self::WrongCluster { ours } => detail.cluster.clone_from(ours),
            Self::WrongEpoch { ours } => detail.epoch = *ours,
            Self::WrongTarget { ours } => detail.node = *ours,
            Self::StoreChanged
            | Self::SenderRemoved
            | Self::Amnesiac
            | Self::NotRunning
            | Self::Malformed(_)
            | Self::Busy
            | Self::DiskFull
            | Self::DiskFailed
            | Self::Damaged => {}
        }
        detail
    }

    /// The refusal a status carries, if it carries one we know.
    #[must_use]
    pub fn in_status(status: &Status) -> Option<Self> {
        let detail = detail_of(status)?;
        let refusal = match detail.code.as_str() {
            "wrong_cluster" => Self::WrongCluster { ours: detail.cluster },
            "wrong_epoch" => Self::WrongEpoch { ours: detail.epoch },
            "wrong_target" => Self::WrongTarget { ours: detail.node },
            "store_changed" => Self::StoreChanged,
            "sender_removed" => Self::SenderRemoved,
            "amnesiac" => Self::Amnesiac,
            "not_running" => Self::NotRunning,
            "malformed" => Self::Malformed("so its receiver says"),
            "busy" => Self::Busy,
            "disk_full" => Self::DiskFull,
            "disk_failed" => Self::DiskFailed,
            "damaged" => Self::Damaged,
            _ => return None,
        };
        Some(refusal)
    }
}

impl ControlError {
    /// The stable code of this answer.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotLeader { .. } => "not_leader",
            Self::Overloaded => "overloaded",
            Self::DiskFull => "read_only_disk_full",
            Self::Contested => "read_only_contested",
            Self::Unavailable => "unavailable",
            Self::BadRequest => "bad_request",
            Self::OutcomeUnknown => "outcome_unknown",
        }
    }

    const fn grpc_code(&self) -> Code {
        match self {
            Self::NotLeader { .. } => Code::FailedPrecondition,
            Self::Overloaded | Self::DiskFull => Code::ResourceExhausted,
            Self::Contested => Code::FailedPrecondition,
            Self::Unavailable => Code::Unavailable,
            Self::BadRequest => Code::InvalidArgument,
            Self::OutcomeUnknown => Code::Unknown,
        }
    }

    /// The answer a status carries, if it carries one we know.
    #[must_use]
    pub fn in_status(status: &Status) -> Option<Self> {
        let detail = detail_of(status)?;
        let answer = match detail.code.as_str() {
            "not_leader" => Self::NotLeader { leader: (detail.node != 0).then_some(detail.node) },
            "overloaded" => Self::Overloaded,
            "read_only_disk_full" => Self::DiskFull,
            "read_only_contested" => Self::Contested,
            "unavailable" => Self::Unavailable,
            "bad_request" => Self::BadRequest,
            "outcome_unknown" => Self::OutcomeUnknown,
            _ => return None,
        };
        Some(answer)
    }
}

impl From<Refusal> for Status {
    fn from(refusal: Refusal) -> Self {
        status(refusal.grpc_code(), &refusal.to_string(), &refusal.detail())
    }
}

impl From<ControlError> for Status {
    fn from(answer: ControlError) -> Self {
        let node = match &answer {
            ControlError::NotLeader { leader } => leader.unwrap_or_default(),
            ControlError::Overloaded
            | ControlError::DiskFull
            | ControlError::Contested
            | ControlError::Unavailable
            | ControlError::BadRequest
            | ControlError::OutcomeUnknown => 0,
        };
        let code = answer.code().into();
        let detail = peer::Refusal { code, node, ..peer::Refusal::default() };
        status(answer.grpc_code(), &answer.to_string(), &detail)
    }
}

fn status(code: Code, message: &str, detail: &peer::Refusal) -> Status {
    Status::with_details(code, message, Bytes::from(prost::Message::encode_to_vec(detail)))
}

fn detail_of(status: &Status) -> Option<peer::Refusal> {
    if status.details().is_empty() {
        return None;
    }
    prost::Message::decode(status.details()).ok()
}

#[cfg(test)]
mod tests {
    use super::{ControlError, Refusal};
    use tonic::Status;

    #[test]
    fn every_refusal_survives_the_way_through_a_status() {
        let refusals = [
            Refusal::WrongCluster { ours: "c1".into() },
            Refusal::WrongEpoch { ours: 9 },
            Refusal::WrongTarget { ours: 4 },
            Refusal::StoreChanged,
            Refusal::SenderRemoved,
            Refusal::Amnesiac,
            Refusal::NotRunning,
            Refusal::Malformed("so its receiver says"),
            Refusal::Busy,
            Refusal::DiskFull,
            Refusal::DiskFailed,
            Refusal::Damaged,
        ];
        for refusal in refusals {
            let status = Status::from(refusal.clone());
            assert_eq!(Refusal::in_status(&status).as_ref(), Some(&refusal));
            assert_eq!(ControlError::in_status(&status), None, "{refusal}");
        }
    }

    #[test]
    fn every_control_error_survives_the_way_through_a_status() {
        let answers = [
            ControlError::NotLeader { leader: None },
            ControlError::NotLeader { leader: Some(3) },
            ControlError::Overloaded,
            ControlError::DiskFull,
            ControlError::Contested,
            ControlError::Unavailable,
            ControlError::BadRequest,
            ControlError::OutcomeUnknown,
        ];
        for answer in answers {
            let status = Status::from(answer.clone());
            assert_eq!(ControlError::in_status(&status).as_ref(), Some(&answer));
            assert_eq!(Refusal::in_status(&status), None, "{answer}");
        }
    }

    #[test]
    fn status_of_a_stranger_carries_no_refusal() {
        assert_eq!(Refusal::in_status(&Status::unavailable("gone")), None);
        let garbage =
            Status::with_details(tonic::Code::Internal, "x", bytes::Bytes::from_static(&[255; 9]));
        assert_eq!(Refusal::in_status(&garbage), None);
    }
}
