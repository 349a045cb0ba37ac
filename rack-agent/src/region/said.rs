//! What a region node says, read once: past this file nothing of it is malformed.

use crate::endpoint::Endpoint;
use crate::region::goodbye::Goodbye;
use crate::region::node::Node;
use crate::session::{Fellow, Opened, Probe};
use regent_core::id::{NodeId, VlanId};
use regent_core::lease::server::Incarnation;
use regent_core::time::ClusterTime;
use regent_proto::lease::answers;
use regent_proto::lease::answers::Answers;
use regent_proto::malformed::{Fault, Malformed, required};
use regent_proto::rack;
use regent_proto::rack::to_rack::Message;
use std::net::Ipv4Addr;
use std::time::Duration;

/// The shortest pause between heartbeats that a region can ask for, in milliseconds.
pub const HEARTBEAT_MS_MIN: u64 = 20;
/// The longest, in milliseconds.
pub const HEARTBEAT_MS_MAX: u64 = 60_000;

/// What a region node says.
#[derive(Clone, Debug, PartialEq)]
pub enum Said {
    /// The session is open.
    Welcome(Welcome),
    /// A part of what concerns the rack.
    View(Box<rack::View>),
    /// The region's nodes, as far as a rack can reach them.
    Nodes(Vec<Node>),
    /// The other racks of its VLANs.
    Fellows(Vec<Fellow>),
    /// An `Ask` was answered.
    Answers(Answers),
    /// The rack is asked to go on at another node.
    Move(Endpoint),
    /// The rack is to look for servers.
    Probe(Probe),
    /// The session is over.
    Goodbye(Goodbye),
}

/// The session is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Welcome {
    /// The cluster.
    pub cluster_id: String,
    /// Its number in the region.
    pub session: u64,
    /// The node that answers.
    pub node: u64,
    /// The pause between heartbeats.
    pub heartbeat: Duration,
    /// What concerns the rest of the agent.
    pub opened: Opened,
}

/// Reads a message.
///
/// # Errors
/// What makes no sense, and where.
pub fn read(message: rack::ToRack) -> Result<Said, Malformed> {
    Ok(match required("message", message.message)? {
        Message::Welcome(welcome) => {
            Said::Welcome(read_welcome(welcome).map_err(|error| error.within("welcome"))?)
        }
        Message::View(view) => Said::View(Box::new(view)),
        Message::Nodes(rack::Nodes { nodes }) => Said::Nodes(read_nodes(nodes)),
        Message::Fellows(rack::Fellows { fellows }) => {
            Said::Fellows(fellows.into_iter().map(read_fellow).collect())
        }
        Message::Answers(told) => {
            Said::Answers(answers::read(told).map_err(|error| error.within("answers"))?)
        }
        Message::Move(rack::Move { node: _, api }) => {
            Said::Move(api.parse().map_err(|_| Malformed::new("move.api", Fault::Nonsense))?)
        }
        Message::Probe(rack::Probe { id, link }) => {
            Said::Probe(Probe { id, link: Ipv4Addr::from_bits(link) })
        }
        Message::Goodbye(goodbye) => Said::Goodbye(read_goodbye(goodbye)),
    })
}

/// The nodes that have an address which a rack can use: one that was set up wrong must not cost the others.
#[must_use]
pub fn read_nodes(nodes: Vec<rack::Node>) -> Vec<Node> {
    let read = |rack::Node { id, api, leads, racks }| match api.parse() {
        Ok(api) => Some(Node { id, api, leads, racks }),
        Err(error) => {
            tracing::warn!(node = id, %api, %error, "region node without a usable address");
            None
        }
    };
    nodes.into_iter().filter_map(read).collect()
}

fn read_welcome(welcome: rack::Welcome) -> Result<Welcome, Malformed> {
    let rack::Welcome { cluster_id, epoch, session, life, rack, now, heartbeat_ms, node } = welcome;
    let value = u64::from(heartbeat_ms);
    let (min, max) = (HEARTBEAT_MS_MIN, HEARTBEAT_MS_MAX);
    if !(min..=max).contains(&value) {
        return Err(Malformed::new("heartbeat_ms", Fault::OutOfRange { value, min, max }));
    }
    let (rack, life, now) = (NodeId(rack), Incarnation(life), ClusterTime(now));
    let opened = Opened { epoch, rack, life, now };
    Ok(Welcome { cluster_id, session, node, heartbeat: Duration::from_millis(value), opened })
}

const fn read_fellow(fellow: rack::Fellow) -> Fellow {
    let rack::Fellow { vlan, rack, server_id, place, missed_heartbeats } = fellow;
    let (vlan, rack) = (VlanId(vlan), NodeId(rack));
    Fellow { vlan, rack, server_id: Ipv4Addr::from_bits(server_id), place, missed_heartbeats }
}

/// A reason not known here is none.
fn read_goodbye(goodbye: rack::Goodbye) -> Goodbye {
    let rack::Goodbye { code, text, retry_after_ms } = goodbye;
    let code = rack::GoodbyeCode::try_from(code).unwrap_or(rack::GoodbyeCode::GoodbyeUnspecified);
    Goodbye { code, text, retry_after: Duration::from_millis(u64::from(retry_after_ms)) }
}
