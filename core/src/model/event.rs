//! An event: something that happened to a node or was done by somebody. Kept for people, and not for ever.

use crate::id::{NodeId, UserId};
use crate::time::WallTime;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// Events kept; the oldest go first.
pub const EVENTS_MAX: usize = 100_000;

/// An event. Names stand in it as they were then, since node and user may be gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// What sort of event: MAAS's event type, `NODE_POWERED_ON` and the like.
    pub event_type: String,
    /// How grave it is, in the numbers of Python's `logging`.
    pub level: u8,
    /// The node it is about.
    pub node: Option<NodeId>,
    /// That node's system id.
    pub node_system_id: String,
    /// That node's host name.
    pub node_hostname: String,
    /// Who did it.
    pub user: Option<UserId>,
    /// That user's name.
    pub username: String,
    /// Where the request came from.
    pub ip_address: Option<IpAddr>,
    /// The program the request came from.
    pub user_agent: String,
    /// By which face: 0 API, 1 UI, 2 CLI.
    pub endpoint: u8,
    /// What was done, in a word.
    pub action: String,
    /// What happened, for people.
    pub description: String,
    /// When it happened.
    pub happened: WallTime,
}
