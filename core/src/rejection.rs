//! Why the domain says no. A refusal is an outcome like any other: replicated, kept, the same on every node.
//!
//! Codes are stable: clients branch on them. Texts may change.

use crate::object::ObjectRef;
use crate::revision::Revision;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A refused command; nothing of it was applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Rejection {
    /// There is no such object.
    NotFound(ObjectRef),
    /// A field refers to an object that is not there.
    MissingReference {
        /// The field with the reference.
        field: String,
        /// What it refers to.
        target: ObjectRef,
    },
    /// A value that only one object may have is taken.
    NotUnique {
        /// The field whose value is taken.
        field: String,
        /// The value.
        value: String,
        /// Who has it.
        holder: ObjectRef,
    },
    /// A field has a value the rules forbid.
    Invalid {
        /// The field.
        field: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Something still refers to the object.
    InUse {
        /// The object that was to go.
        object: ObjectRef,
        /// One object that refers to it.
        by: ObjectRef,
    },
    /// The object's present state does not allow the action.
    StateForbids {
        /// The object.
        object: ObjectRef,
        /// The state it is in.
        state: String,
        /// Why that forbids it, and what would allow it.
        reason: String,
    },
    /// A guard of the request does not hold.
    GuardFailed {
        /// The guarded object.
        object: ObjectRef,
        /// The revision it has, if it exists.
        current: Option<Revision>,
    },
    /// A bound of the system is reached.
    Limit {
        /// What is full.
        what: String,
        /// The bound.
        max: u64,
    },
    /// The idempotency key was used with another request.
    KeyReused,
    /// The session is not open, or the write's number is below its floor: whether it was applied is not known.
    SessionUnknown,
    /// A step of a batch was refused.
    Step {
        /// Which step, counted from zero.
        step: u32,
        /// Why.
        rejection: Box<Self>,
    },
    /// The command made the state machine fail; it was undone. A bug, raised as an alarm.
    Internal(String),
    /// A subnet or range has fewer free addresses than were asked for.
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
    ImportRunning(ObjectRef),
    /// Another session of the rack was opened since.
    RackSessionOver {
        /// The rack.
        rack: ObjectRef,
        /// The session that is over.
        session: u64,
    },
    /// There is no such token for a rack: it never was, was used or revoked, or ran out.
    RackTokenUnknown,
    /// The rack was never enrolled, and so has no key.
    RackNotEnrolled(ObjectRef),
    /// The key is not the rack's, or not any more.
    RackKeyWrong(ObjectRef),
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
            Self::RackTokenUnknown => "rack_token_unknown",
            Self::RackNotEnrolled(_) => "rack_not_enrolled",
            Self::RackKeyWrong(_) => "rack_key_wrong",
        }
    }

    /// The refusal in words, objects being called as `name` calls them: a reader who has the state knows more of them than
    /// their number.
    #[must_use]
    pub fn told(&self, name: &dyn Fn(&ObjectRef) -> String) -> String {
        match self {
            Self::NotFound(object) => format!("{} does not exist", name(object)),
            Self::MissingReference { field, target } => {
                format!("{field} refers to {}, which does not exist", name(target))
            }
            Self::NotUnique { field, value, holder } => {
                format!("{field} {value} is already used by {}", name(holder))
            }
            Self::Invalid { field, reason } => format!("{field}: {reason}"),
            Self::InUse { object, by } => format!("{} is in use by {}", name(object), name(by)),
            Self::StateForbids { object, state, reason } => {
                format!("{} is {state}: {reason}", name(object))
            }
            Self::GuardFailed { object, current } => {
                format!("{} is not as the request demands: it {}", name(object), found(*current))
            }
            Self::Limit { what, max } => format!("{what} is at its limit of {max}"),
            Self::KeyReused => "idempotency key was used before with a different request".into(),
            Self::SessionUnknown => "session is unknown or its answer is no longer kept".into(),
            Self::Step { step, rejection } => format!("step {step}: {}", rejection.told(name)),
            Self::Internal(what) => format!("internal failure while applying: {what}"),
            Self::SubnetExhausted { from, addresses, wanted, available, total } => {
                // The addresses say which one it is.
                let few = format!("{available} of {total} addresses free, {wanted} asked for");
                format!("{from} ({addresses}) has {few}")
            }
            Self::ImportRunning(import) => {
                format!("{} is under way, and nothing else is written until it ends", name(import))
            }
            Self::RackSessionOver { rack, session } => {
                format!("session {session} of {} is over: another one was opened", name(rack))
            }
            Self::RackTokenUnknown => "token is unknown, used, revoked or out of date".into(),
            Self::RackNotEnrolled(rack) => {
                format!("{} never enrolled: a token for it lets it", name(rack))
            }
            Self::RackKeyWrong(rack) => format!("key is not that of {}", name(rack)),
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

    /// The field that is to blame, and what is wrong with it, objects being called as `name` calls them; `None` if it is
    /// no single field.
    #[must_use]
    pub fn field(&self, name: &dyn Fn(&ObjectRef) -> String) -> Option<(&str, String)> {
        match self {
            Self::Invalid { field, reason } => Some((field, reason.clone())),
            Self::MissingReference { field, .. } | Self::NotUnique { field, .. } => {
                Some((field, self.told(name)))
            }
            Self::Step { rejection, .. } => rejection.field(name),
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
            | Self::RackSessionOver { .. }
            | Self::RackTokenUnknown
            | Self::RackNotEnrolled(_)
            | Self::RackKeyWrong(_) => None,
        }
    }

    /// A field with a value the rules forbid.
    pub fn invalid(field: &str, reason: impl fmt::Display) -> Self {
        Self::Invalid { field: field.to_owned(), reason: reason.to_string() }
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.told(&ObjectRef::to_string))
    }
}

impl std::error::Error for Rejection {}

/// What a guard found.
fn found(current: Option<Revision>) -> String {
    current.map_or_else(
        || "does not exist".to_owned(),
        |Revision(number)| format!("is at revision {number}"),
    )
}
