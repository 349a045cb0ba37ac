//! What a failed call means: to openraft, which decides from it whether to retry at once or to back off, and to
//! callers of the control requests, who must know whether the request can have had an effect.

use crate::network::refusal::{ControlError, Refusal};
use crate::type_config::{NodeId, TypeConfig};
use openraft::RPCTypes;
use openraft::errors::{NetworkError, RPCError, Timeout, Unreachable};
use std::error::Error;
use std::time::Duration;
use tonic::{Code, ConnectError, Status, TimeoutExpired};

/// Why a call to a peer brought no reply.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// No connection could be made; the request was not sent.
    #[error("the peer cannot be reached: {0}")]
    Unreachable(String),
    /// The peer does not take requests from us. It did nothing.
    #[error("the peer refused")]
    Refused(#[from] Refusal),
    /// The peer took the request and says why it has no reply.
    #[error("the peer could not serve the request")]
    Control(#[from] ControlError),
    /// The deadline passed, or the connection broke, while the request was under way: it may have had its effect.
    #[error("the call was cut off: {0}")]
    CutOff(String),
}

impl CallError {
    /// Whether the same request may well be served a moment later: an election, a full queue, a node just starting.
    #[must_use]
    pub const fn may_pass(&self) -> bool {
        match self {
            Self::Control(answer) => !matches!(answer, ControlError::BadRequest),
            Self::Refused(refusal) => matches!(refusal, Refusal::NotRunning | Refusal::Busy),
            Self::Unreachable(_) => true,
            Self::CutOff(_) => false,
        }
    }

    pub(crate) fn of(status: &Status) -> Self {
        if let Some(refusal) = Refusal::in_status(status) {
            return Self::Refused(refusal);
        }
        if let Some(answer) = ControlError::in_status(status) {
            return Self::Control(answer);
        }
        if caused_by::<ConnectError>(status) {
            return Self::Unreachable(status.message().to_owned());
        }
        Self::CutOff(status.message().to_owned())
    }
}

/// Who called whom, for what and with how much patience: what openraft wants to know of a timeout.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call {
    pub(crate) action: RPCTypes,
    pub(crate) from: NodeId,
    pub(crate) to: NodeId,
    pub(crate) patience: Duration,
}

impl Call {
    /// The peer did not answer in time.
    pub(crate) fn timed_out(self) -> RPCError<TypeConfig> {
        RPCError::Timeout(Timeout {
            action: self.action,
            id: self.from,
            target: self.to,
            timeout: self.patience,
        })
    }

    /// The call ended with this status. A peer that refuses, or cannot be connected, is left alone for a while.
    pub(crate) fn failed(self, status: &Status) -> RPCError<TypeConfig> {
        if status.code() == Code::DeadlineExceeded || caused_by::<TimeoutExpired>(status) {
            return self.timed_out();
        }
        match CallError::of(status) {
            error @ (CallError::Unreachable(_) | CallError::Refused(_) | CallError::Control(_)) => {
                RPCError::Unreachable(Unreachable::from_string(chain(&error)))
            }
            error @ CallError::CutOff(_) => {
                RPCError::Network(NetworkError::from_string(chain(&error)))
            }
        }
    }

    /// The peer answered with what no correct node would answer.
    pub(crate) fn nonsense(self, what: &str) -> RPCError<TypeConfig> {
        RPCError::Unreachable(Unreachable::from_string(format!("node {}: {what}", self.to)))
    }
}

fn caused_by<E: Error + 'static>(status: &Status) -> bool {
    let mut cause = status.source();
    while let Some(error) = cause {
        if error.is::<E>() {
            return true;
        }
        cause = error.source();
    }
    false
}

fn chain(error: &CallError) -> String {
    match error.source() {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Call, CallError};
    use crate::network::refusal::{ControlError, Refusal};
    use openraft::RPCTypes;
    use openraft::errors::RPCError;
    use std::time::Duration;
    use tonic::Status;

    const CALL: Call =
        Call { action: RPCTypes::Vote, from: 1, to: 2, patience: Duration::from_millis(30) };

    #[test]
    fn refused_call_backs_off_at_once() {
        let refused = CALL.failed(&Refusal::Amnesiac.into());
        assert!(matches!(refused, RPCError::Unreachable(_)), "{refused}");
    }

    #[test]
    fn broken_call_is_retried_at_once() {
        let broken = CALL.failed(&Status::unavailable("connection reset"));
        assert!(matches!(broken, RPCError::Network(_)), "{broken}");
    }

    #[test]
    fn late_call_is_a_timeout() {
        let late = CALL.failed(&Status::deadline_exceeded("late"));
        assert!(matches!(late, RPCError::Timeout(_)), "{late}");
    }

    #[test]
    fn call_without_an_answer_is_cut_off_unless_it_never_got_there() {
        let not_leader = ControlError::NotLeader { leader: Some(2) };
        assert_eq!(CallError::of(&not_leader.clone().into()), CallError::Control(not_leader));
        assert_eq!(CallError::of(&Refusal::Busy.into()), CallError::Refused(Refusal::Busy));
        for status in [Status::unavailable("connection reset"), Status::deadline_exceeded("late")] {
            assert!(matches!(CallError::of(&status), CallError::CutOff(_)));
        }
    }
}
