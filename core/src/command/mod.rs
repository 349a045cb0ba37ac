//! What can be asked of the state machine. Plain data, replicated as it is, separate from what HTTP speaks.
//!
//! Variants are appended, never reordered: their order is part of the log's format.

pub mod domain;
pub mod interface;
pub mod member;
pub mod node;
pub mod patch;
pub mod session;

use crate::command::domain::DomainCommand;
use crate::command::interface::InterfaceCommand;
use crate::command::member::MemberCommand;
use crate::command::node::NodeCommand;
use crate::command::session::SessionCommand;
use crate::id::SessionId;
use crate::object::ObjectRef;
use crate::revision::Revision;
use crate::time::{ClusterTime, WallTime};
use serde::{Deserialize, Serialize};

/// Steps of one batch.
pub const BATCH_STEPS_MAX: usize = 1024;

/// A request with the time its leader stamped on it: one entry of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// Cluster time at the leader; apply never lets it go back.
    pub at: ClusterTime,
    /// The leader's wall clock.
    pub wall: WallTime,
    /// What was asked, as its origin sent it.
    pub request: Request,
}

/// What was asked, by whom, and how it is told from a repetition of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// Who asks.
    pub principal: String,
    /// The origin's own protection against applying it twice.
    pub origin: Option<Origin>,
    /// The client's own protection against applying it twice.
    pub key: Option<ClientKey>,
    /// What must hold for the command to be carried out.
    pub guards: Vec<Guard>,
    /// What to do.
    pub command: Command,
}

/// Which write of which session this is (DESIGN D5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The session.
    pub session: SessionId,
    /// The write's number in the session, counted from 1.
    pub sequence: u64,
    /// Every lower number is acknowledged at the origin.
    pub floor: u64,
}

/// A client's idempotency key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientKey {
    /// The text the client sent.
    pub key: String,
    /// SHA-256 of method, path and body it came with.
    pub request_hash: [u8; 32],
}

/// A condition on the state the command is applied to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Guard {
    /// The object exists and was last changed at this revision.
    Revision(ObjectRef, Revision),
    /// The object exists.
    Exists(ObjectRef),
    /// There is no such object.
    Absent(ObjectRef),
}

/// A change of the state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Command {
    /// Nothing but the passing of time: deadlines that are due happen.
    Tick,
    /// Several commands as one: all or none.
    Batch(Vec<Self>),
    /// About sessions.
    Session(SessionCommand),
    /// About domains.
    Domain(DomainCommand),
    /// About machines, devices and controllers.
    Node(NodeCommand),
    /// About interfaces.
    Interface(InterfaceCommand),
    /// About the region's own nodes.
    Member(MemberCommand),
}
