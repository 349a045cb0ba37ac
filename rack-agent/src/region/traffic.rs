//! What passes between the agent and its link to the region.

use crate::region::interface::Interface;
use crate::region::node::Node;
use crate::region::situation::Possessions;
use crate::session::{Ask, Beat, FromRegion, Probe, Probed};

/// Which session of this process. A later one has a higher number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionTag(pub u64);

/// For the link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Ask the region this in the session whose [`Opened`](FromRegion::Opened) the asker has seen last. Dropped without an
    /// answer if that is over: what is first to be told in the next session has not been.
    Ask(SessionTag, Ask),
    /// How the rack is. To come each second.
    Beat(Beat),
    /// What the rack has now: stands in the next `Hello`.
    Have(Possessions),
    /// What came of a look for servers in that session. Dropped if it is over.
    Probed(SessionTag, Probed),
    /// The interfaces of the machine now: told at once, and in each `Hello` from now on.
    Interfaces(Vec<Interface>),
    /// End the session and open another one, if possible with another node.
    HangUp,
}

/// From the link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The region says something in this session.
    Said(SessionTag, FromRegion),
    /// The region wants to know in this session which servers there are. Answered with [`Command::Probed`].
    Probe(SessionTag, Probe),
    /// The region's nodes, to be remembered: one of them will be there after a restart.
    Nodes(Vec<Node>),
    /// Another process has this rack's identity: it has pushed this one out again. Comes before the session counts as over.
    Rival,
    /// The link has given up. The text says what somebody has to do.
    Stopped(String),
}
