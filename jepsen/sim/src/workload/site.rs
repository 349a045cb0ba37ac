//! What the questions are about: annotations of two machines, one of which holds registers and the other a set, and a
//! subnet that is too small.

use regent_core::command::Command;
use regent_core::command::edit::Edit;
use regent_core::command::node::{NewNode, NodeCommand, NodePatch};
use regent_core::id::{NodeId, SubnetId, VlanId};
use regent_core::model::node::NodeType;
use regent_core::model::subnet::Subnet;
use regent_core::object::Key;
use regent_core::outcome::Outcome;
use regent_raft::region::handle::Region;
use regent_raft::region::propose::Write;
use std::time::{Duration, Instant};

/// In whose name clients write.
pub const PRINCIPAL: &str = "admin";
/// What a node gets to answer.
const ANSWER_MAX: Duration = Duration::from_millis(2_500);
/// The VLAN every site has.
const VLAN: VlanId = VlanId(5001);
/// Room for 14 hosts.
const PREFIX: &str = "192.0.2.0/28";

/// The objects that are written.
#[derive(Clone, Copy, Debug)]
pub struct Site {
    /// A machine whose annotations are registers.
    pub registers: NodeId,
    /// A machine whose annotations' names are the elements of a set.
    pub set: NodeId,
    /// A subnet whose addresses are taken and given back.
    pub subnet: SubnetId,
}

impl Site {
    /// Makes them through a node.
    ///
    /// # Errors
    /// When the region refuses.
    pub async fn made_through(region: Region) -> Result<Self, String> {
        let registers = NodeId(made(&region, machine()).await?);
        let set = NodeId(made(&region, machine()).await?);
        let prefix = PREFIX.parse().map_err(|_| "the prefix is none".to_owned())?;
        let subnet = Command::Subnet(Edit::Create(Subnet::new(VLAN, prefix)));
        Ok(Self { registers, set, subnet: SubnetId(made(&region, subnet).await?) })
    }
}

/// When an answer that is asked for now must be there.
#[must_use]
pub fn deadline() -> Instant {
    tokio::time::Instant::now().into_std() + ANSWER_MAX
}

fn machine() -> Command {
    let (node_type, fields) = (NodeType::Machine, NodePatch::default());
    let new = NewNode { node_type, fields, interfaces: Vec::new() };
    Command::Node(Box::new(NodeCommand::Create(new)))
}

async fn made(region: &Region, command: Command) -> Result<u32, String> {
    let write = Write { principal: PRINCIPAL.into(), key: None, guards: Vec::new(), command };
    let reply = region.propose(write, deadline()).await.map_err(|error| error.to_string())?;
    match reply.result {
        Ok(Outcome::Created(object)) => number(&object.key),
        other => Err(format!("{other:?}")),
    }
}

/// The number in a key.
///
/// # Errors
/// It is none.
pub fn number(key: &Key) -> Result<u32, String> {
    match key {
        Key::Number(number) => u32::try_from(*number).map_err(|_| format!("{number} is too large")),
        Key::Address(_) | Key::Name(_) => Err(format!("{key} is no number")),
    }
}
