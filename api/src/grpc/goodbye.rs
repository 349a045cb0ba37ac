//! Why a session ends, or does not begin: what the rack is told.

use crate::grpc::limits::{RETRY_REPLACED, RETRY_SPREAD};
use rand::RngExt as _;
use regent_core::rejection::Rejection;
use regent_proto::rack;
use regent_proto::rack::GoodbyeCode;
use regent_proto::rack::to_rack::Message;
use regent_raft::error::ProposeError;
use std::time::Duration;

/// A last word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Goodbye {
    /// What the rack makes of it.
    pub code: GoodbyeCode,
    /// For people.
    pub text: String,
    /// Before that it need not come back.
    pub retry_after: Duration,
}

impl Goodbye {
    /// Says this.
    #[must_use]
    pub fn new(code: GoodbyeCode, text: impl Into<String>) -> Self {
        Self { code, text: text.into(), retry_after: Duration::ZERO }
    }

    /// Sends a rack to another node, at a time of its own, so that not all go at once.
    #[must_use]
    pub fn elsewhere(text: impl Into<String>) -> Self {
        let spread = u64::try_from(RETRY_SPREAD.as_millis()).unwrap_or(u64::MAX);
        let retry_after = Duration::from_millis(rand::rng().random_range(0..=spread));
        Self { retry_after, ..Self::new(GoodbyeCode::GoodbyeElsewhere, text) }
    }

    /// Whether whoever is told this did not show to be a rack of this cluster.
    #[must_use]
    pub fn is_to_a_stranger(&self) -> bool {
        let of_strangers = [
            GoodbyeCode::GoodbyeMalformed,
            GoodbyeCode::GoodbyeOtherCluster,
            GoodbyeCode::GoodbyeUnknownRack,
        ];
        of_strangers.contains(&self.code)
    }

    /// This node takes no more sessions.
    #[must_use]
    pub fn stopping() -> Self {
        Self::elsewhere("this node is stopping")
    }

    /// The rack begins sessions faster than it may here.
    #[must_use]
    pub fn too_often(retry_after: Duration) -> Self {
        let text = "it opens sessions too often";
        Self { retry_after, ..Self::new(GoodbyeCode::GoodbyeElsewhere, text) }
    }

    /// The rack, or the way to it, is slower than may be.
    #[must_use]
    pub fn slow(text: impl Into<String>) -> Self {
        Self::new(GoodbyeCode::GoodbyeSlow, text)
    }

    /// Another session of the rack was opened. Two machines that take themselves for it take turns, and not fast ones.
    #[must_use]
    pub fn replaced() -> Self {
        let text = "another process has opened a session as this rack";
        Self { retry_after: RETRY_REPLACED, ..Self::new(GoodbyeCode::GoodbyeReplaced, text) }
    }

    /// This node is cut off from the majority.
    #[must_use]
    pub fn no_quorum(text: impl Into<String>) -> Self {
        Self { code: GoodbyeCode::GoodbyeNoQuorum, ..Self::elsewhere(text) }
    }

    /// What the rack said makes no sense.
    #[must_use]
    pub fn malformed(text: impl Into<String>) -> Self {
        Self::new(GoodbyeCode::GoodbyeMalformed, text)
    }

    /// Why a session could not be proposed.
    #[must_use]
    pub fn not_proposed(error: &ProposeError) -> Self {
        match error {
            ProposeError::NoLeader | ProposeError::OutcomeUnknown | ProposeError::Contested => {
                Self::no_quorum(error.to_string())
            }
            ProposeError::Overloaded { .. }
            | ProposeError::TooLarge { .. }
            | ProposeError::Stopping
            | ProposeError::NotUnderstood
            | ProposeError::DiskFull => Self::elsewhere(error.to_string()),
        }
    }

    /// Why the region refused a session.
    #[must_use]
    pub fn refused(rejection: &Rejection) -> Self {
        let code = match rejection {
            Rejection::StateForbids { .. } => GoodbyeCode::GoodbyeLifeOver,
            Rejection::NotFound(_)
            | Rejection::MissingReference { .. }
            | Rejection::Invalid { .. }
            | Rejection::RackNotEnrolled(_)
            | Rejection::RackKeyWrong(_) => GoodbyeCode::GoodbyeUnknownRack,
            Rejection::RackSessionOver { .. } => return Self::replaced(),
            Rejection::Limit { .. }
            | Rejection::Internal(_)
            | Rejection::ImportRunning(_)
            | Rejection::SessionUnknown
            | Rejection::NotUnique { .. }
            | Rejection::InUse { .. }
            | Rejection::GuardFailed { .. }
            | Rejection::KeyReused
            | Rejection::Step { .. }
            | Rejection::SubnetExhausted { .. }
            | Rejection::RackTokenUnknown => return Self::elsewhere(rejection.to_string()),
        };
        Self::new(code, rejection.to_string())
    }
}

impl From<Goodbye> for Message {
    fn from(goodbye: Goodbye) -> Self {
        let retry_after_ms = u32::try_from(goodbye.retry_after.as_millis()).unwrap_or(u32::MAX);
        let (code, text) = (goodbye.code.into(), goodbye.text);
        Self::Goodbye(rack::Goodbye { code, text, retry_after_ms })
    }
}
