//! What the region and its rules refuse, as problems: the one place that says which kind each error is.

use crate::http::problem::Problem;
use crate::problem_kind::ProblemKind;
use regent_core::object::ObjectRef;
use regent_core::rejection::Rejection;
use regent_raft::error::{MembershipError, ProposeError, ReadError};

impl From<ProposeError> for Problem {
    fn from(error: ProposeError) -> Self {
        let kind = match &error {
            ProposeError::NoLeader => ProblemKind::NoLeader,
            ProposeError::Overloaded { .. } => ProblemKind::Overloaded,
            ProposeError::OutcomeUnknown => ProblemKind::OutcomeUnknown,
            ProposeError::TooLarge { .. } => ProblemKind::TooLarge,
            ProposeError::Stopping => ProblemKind::Stopping,
            ProposeError::NotUnderstood => ProblemKind::Internal,
            ProposeError::DiskFull => ProblemKind::DiskFull,
            ProposeError::Contested => ProblemKind::Contested,
        };
        Self::new(kind, error.to_string())
    }
}

impl From<ReadError> for Problem {
    fn from(error: ReadError) -> Self {
        let kind = match &error {
            ReadError::NoLeader => ProblemKind::NoLeader,
            ReadError::TooStale { .. } | ReadError::AgeUnknown => ProblemKind::TooStale,
            ReadError::NotReached { .. } => ProblemKind::NotReached,
            ReadError::Stopping => ProblemKind::Stopping,
        };
        Self::new(kind, error.to_string())
    }
}

impl From<MembershipError> for Problem {
    fn from(error: MembershipError) -> Self {
        match error {
            MembershipError::Propose(error) => error.into(),
            MembershipError::NotLeader { .. } => {
                Self::new(ProblemKind::NoLeader, error.to_string())
            }
            MembershipError::Unknown(_) => Self::new(ProblemKind::NotFound, error.to_string()),
            MembershipError::WouldLoseQuorum { .. }
            | MembershipError::Unsafe(_)
            | MembershipError::Refused(_) => {
                Self::new(ProblemKind::MembershipRefused, error.to_string())
            }
        }
    }
}

impl From<Rejection> for Problem {
    fn from(rejection: Rejection) -> Self {
        Self::of_refusal(&rejection, &ObjectRef::to_string)
    }
}

impl Problem {
    /// What a rule refused, objects being called as `name` calls them.
    #[must_use]
    pub fn of_refusal(rejection: &Rejection, name: &dyn Fn(&ObjectRef) -> String) -> Self {
        let detail = rejection.told(name);
        let (kind, object) = match rejection.cause() {
            Rejection::NotFound(object) => (ProblemKind::NotFound, Some(object)),
            Rejection::MissingReference { target, .. } => {
                (ProblemKind::MissingReference, Some(target))
            }
            Rejection::NotUnique { holder, .. } => (ProblemKind::NotUnique, Some(holder)),
            Rejection::Invalid { .. } => (ProblemKind::Invalid, None),
            Rejection::InUse { by, .. } => (ProblemKind::InUse, Some(by)),
            Rejection::StateForbids { object, .. } => (ProblemKind::StateForbids, Some(object)),
            Rejection::GuardFailed { object, .. } => {
                (ProblemKind::PreconditionFailed, Some(object))
            }
            Rejection::Limit { .. } => (ProblemKind::LimitReached, None),
            Rejection::SubnetExhausted { from, .. } => (ProblemKind::SubnetExhausted, Some(from)),
            Rejection::ImportRunning(import) => (ProblemKind::ImportRunning, Some(import)),
            // Racks do not speak HTTP: nobody is told this here.
            Rejection::RackSessionOver { rack, .. }
            | Rejection::RackNotEnrolled(rack)
            | Rejection::RackKeyWrong(rack) => (ProblemKind::StateForbids, Some(rack)),
            Rejection::RackTokenUnknown => (ProblemKind::StateForbids, None),
            Rejection::KeyReused => (ProblemKind::KeyReused, None),
            Rejection::SessionUnknown => (ProblemKind::OutcomeUnknown, None),
            Rejection::Step { .. } | Rejection::Internal(_) => (ProblemKind::Internal, None),
        };
        let problem = Self::new(kind, detail);
        let problem = match object {
            Some(object) => problem.about(object),
            None => problem,
        };
        match rejection.field(name) {
            Some((field, message)) => problem.with_field(field, message),
            None => problem,
        }
    }
}
