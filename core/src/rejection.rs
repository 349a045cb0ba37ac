//! Why the domain says no. A refusal is an outcome like any other: replicated, kept, the same on every node.
//!
//! Codes are stable: clients branch on them. Texts may change.

use crate::object::ObjectRef;
use crate::revision::Revision;
use serde::{Deserialize, Serialize};

/// A refused command; nothing of it was applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Rejection {
    /// There is no such object.
    #[error("{0} does not exist")]
    NotFound(ObjectRef),
    /// A field refers to an object that is not there.
    #[error("{field} refers to {target}, which does not exist")]
    MissingReference {
        /// The field with the reference.
        field: String,
        /// What it refers to.
        target: ObjectRef,
    },
    /// A value that only one object may have is taken.
    #[error("{field} {value} is already used by {holder}")]
    NotUnique {
        /// The field whose value is taken.
        field: String,
        /// The value.
        value: String,
        /// Who has it.
        holder: ObjectRef,
    },
    /// A field has a value the rules forbid.
    #[error("{field}: {reason}")]
    Invalid {
        /// The field.
        field: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Something still refers to the object.
    #[error("{object} is in use by {by}")]
    InUse {
        /// The object that was to go.
        object: ObjectRef,
        /// One object that refers to it.
        by: ObjectRef,
    },
    /// The object's present state does not allow the action.
    #[error("{object} is {state}: {reason}")]
    StateForbids {
        /// The object.
        object: ObjectRef,
        /// The state it is in.
        state: String,
        /// Why that forbids it, and what would allow it.
        reason: String,
    },
    /// A guard of the request does not hold.
    #[error("{object} is not as the request demands: it {}", found(*.current))]
    GuardFailed {
        /// The guarded object.
        object: ObjectRef,
        /// The revision it has, if it exists.
        current: Option<Revision>,
    },
    /// A bound of the system is reached.
    #[error("{what} is at its limit of {max}")]
    Limit {
        /// What is full.
        what: String,
        /// The bound.
        max: u64,
    },
    /// The idempotency key was used with another request.
    #[error("idempotency key was used before with a different request")]
    KeyReused,
    /// The session is not open, or the write's number is below its floor: whether it was applied is not known.
    #[error("session is unknown or its answer is no longer kept")]
    SessionUnknown,
    /// A step of a batch was refused.
    #[error("step {step}: {rejection}")]
    Step {
        /// Which step, counted from zero.
        step: u32,
        /// Why.
        rejection: Box<Self>,
    },
    /// The command made the state machine fail; it was undone. A bug, raised as an alarm.
    #[error("internal failure while applying: {0}")]
    Internal(String),
    /// A subnet or range has fewer free addresses than were asked for.
    #[error("{from} ({addresses}) has {available} of {total} addresses free, {wanted} asked for")]
    SubnetExhausted {
        /// The subnet, or the range.
        from: ObjectRef,
        /// The addresses that were looked through, in words.
        addresses: String,
        /// How many addresses were asked for.
        wanted: u64,
        /// How many of them are free.
        available: u64,
        /// How many there are, free or not.
        total: u128,
    },
    /// An import is under way: until it ends, nothing else is written.
    #[error("{0} is under way, and nothing else is written until it ends")]
    ImportRunning(ObjectRef),
    /// Another session of the rack was opened since.
    #[error("session {session} of {rack} is over: another one was opened")]
    RackSessionOver {
        /// The rack.
        rack: ObjectRef,
        /// The session that is over.
        session: u64,
    },
}

/// What a guard found.
fn found(current: Option<Revision>) -> String {
    current.map_or_else(
        || "does not exist".to_owned(),
        |Revision(number)| format!("is at revision {number}"),
    )
}

impl Rejection {
    /// The stable code clients branch on.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotFound(_) => "not_found",
            Self::MissingReference { .. } => "missing_reference",
            Self::NotUnique { .. } => "not_unique",
            Self::Invalid { .. } => "invalid",
            Self::InUse { .. } => "in_use",
            Self::StateForbids { .. } => "state_forbids",
            Self::GuardFailed { .. } => "precondition_failed",
            Self::Limit { .. } => "limit_reached",
            Self::KeyReused => "idempotency_key_reused",
            Self::SessionUnknown => "session_unknown",
            Self::Step { rejection, .. } => rejection.code(),
            Self::Internal(_) => "internal",
            Self::SubnetExhausted { .. } => "subnet_exhausted",
            Self::ImportRunning(_) => "import_running",
            Self::RackSessionOver { .. } => "rack_session_over",
        }
    }

    /// The refusal itself, in whichever step of a batch it happened.
    #[must_use]
    pub fn cause(&self) -> &Self {
        let mut cause = self;
        while let Self::Step { rejection, .. } = cause {
            cause = rejection;
        }
        cause
    }

    /// The field that is to blame, and what is wrong with it; `None` if it is no single field.
    #[must_use]
    pub fn field(&self) -> Option<(&str, String)> {
        match self {
            Self::Invalid { field, reason } => Some((field, reason.clone())),
            Self::MissingReference { field, .. } | Self::NotUnique { field, .. } => {
                Some((field, self.to_string()))
            }
            Self::Step { rejection, .. } => rejection.field(),
            Self::NotFound(_)
            | Self::InUse { .. }
            | Self::StateForbids { .. }
            | Self::GuardFailed { .. }
            | Self::Limit { .. }
            | Self::KeyReused
            | Self::SessionUnknown
            | Self::Internal(_)
            | Self::SubnetExhausted { .. }
            | Self::ImportRunning(_)
            | Self::RackSessionOver { .. } => None,
        }
    }

    /// A field with a value the rules forbid.
    pub fn invalid(field: &str, reason: impl std::fmt::Display) -> Self {
        Self::Invalid { field: field.to_owned(), reason: reason.to_string() }
    }
}
