//! What the questions are about: annotations of machines, some of which hold registers and one a set; DNS records; and a
//! subnet that is too small.

use regent_core::command::Command;
use regent_core::command::edit::Edit;
use regent_core::command::node::{NewNode, NodeCommand, NodePatch};
use regent_core::id::{DnsDataId, DnsResourceId, DomainId, NodeId, SubnetId, VlanId};
use regent_core::model::dns_data::DnsData;
use regent_core::model::dns_resource::DnsResource;
use regent_core::model::domain::Domain;
use regent_core::model::node::NodeType;
use regent_core::model::record_data::{RecordData, Txt};
use regent_core::model::subnet::Subnet;
use regent_core::object::Key;
use regent_core::outcome::Outcome;
use regent_raft::region::handle::Region;
use regent_raft::region::propose::Write;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// In whose name clients write.
pub const PRINCIPAL: &str = "admin";
/// What a node gets to answer.
const ANSWER_MAX: Duration = Duration::from_millis(2_500);
/// The VLAN every site has.
const VLAN: VlanId = VlanId(5001);
/// The domain of the names that are asked for.
pub const DOMAIN: &str = "sim.example";
/// The names that are asked for, each with one record, which is a register as well.
pub const NAMES: [&str; 3] = ["n0", "n1", "n2"];
/// What the record of a name says before it is written: as a register it has no value then.
pub const UNWRITTEN: &str = "-";
/// Room for 14 hosts.
const PREFIX: &str = "192.0.2.0/28";

/// The objects that are written.
#[derive(Clone, Copy, Debug)]
pub struct Site {
    /// A machine whose annotations are registers.
    pub registers: NodeId,
    /// A machine whose annotations repeat those of the registers that are written as pairs.
    pub mirror: NodeId,
    /// The records of the [names](NAMES).
    pub records: [DnsDataId; NAMES.len()],
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
        let mirror = NodeId(made(&region, machine()).await?);
        let set = NodeId(made(&region, machine()).await?);
        let records = records(&region).await?;
        let prefix = PREFIX.parse().map_err(|_| "the prefix is none".to_owned())?;
        let subnet = Command::Subnet(Edit::Create(Subnet::new(VLAN, prefix)));
        let subnet = SubnetId(made(&region, subnet).await?);
        Ok(Self { registers, mirror, records, set, subnet })
    }
}

/// When an answer that is asked for now must be there.
#[must_use]
pub fn deadline() -> Instant {
    tokio::time::Instant::now().into_std() + ANSWER_MAX
}

async fn records(region: &Region) -> Result<[DnsDataId; NAMES.len()], String> {
    let name = DOMAIN.parse().map_err(|_| "the domain is none".to_owned())?;
    let domain = Command::Domain(Edit::Create(Domain::new(name)));
    let domain = DomainId(made(region, domain).await?);
    let mut records = [DnsDataId(0); NAMES.len()];
    for (record, name) in records.iter_mut().zip(NAMES) {
        let name = name.parse().map_err(|_| "the name is none".to_owned())?;
        let (address_ttl, addresses) = (None, BTreeSet::new());
        let resource = DnsResource { name, domain, address_ttl, addresses };
        let resource = made(region, Command::DnsResource(Edit::Create(resource))).await?;
        let data = DnsData { resource: DnsResourceId(resource), ttl: None, rdata: txt(UNWRITTEN) };
        *record = DnsDataId(made(region, Command::DnsData(Edit::Create(data))).await?);
    }
    Ok(records)
}

/// The whole name of a name in the domain.
#[must_use]
pub fn in_domain(name: &str) -> String {
    format!("{name}.{DOMAIN}")
}

/// A TXT record that says this.
#[must_use]
pub fn txt(text: &str) -> RecordData {
    RecordData::Txt(Txt::new(vec![text.into()]).expect("what clients write is short"))
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
