//! What racks serve: a VLAN with fewer addresses than clients, and terms so short that what a rack may do alone ends within
//! minutes.

use crate::workload::site::{PRINCIPAL, deadline, number};
use regent_core::command::Command;
use regent_core::command::edit::Edit;
use regent_core::command::node::{NewNode, NodeCommand, NodePatch};
use regent_core::command::rack::{Enrol, RackCommand};
use regent_core::command::rack_token::{NewRackToken, RackTokenCommand};
use regent_core::command::setting::SettingCommand;
use regent_core::command::vlan::VlanPatch;
use regent_core::id::{FabricId, NodeId, SubnetId, VlanId};
use regent_core::model::hostname::Hostname;
use regent_core::model::ip_range::{IpRange, IpRangeType};
use regent_core::model::node::NodeType;
use regent_core::model::parameter::ParameterValue;
use regent_core::model::secret_digest::SecretDigest;
use regent_core::model::setting::SettingName;
use regent_core::model::subnet::Subnet;
use regent_core::model::vlan::Vlan;
use regent_core::outcome::Outcome;
use regent_core::query::terms::{AUTONOMY, BLOCK_TERM, LIFE, TermSetting};
use regent_core::time::Millis;
use regent_raft::region::handle::Region;
use regent_raft::region::propose::Write;
use std::net::{IpAddr, Ipv4Addr};

/// Clients' network.
const PREFIX: &str = "10.0.0.0/24";
/// The first address that clients are given, and the last.
const RANGE: (u8, u8) = (100, 108);
/// The VLAN's tag.
const TAG: u16 = 10;
/// The settings of the lease protocol, each the least it may be.
const TERMS: [TermSetting; 3] = [LIFE, AUTONOMY, BLOCK_TERM];

/// What a rack proves with that it is this one.
#[must_use]
pub fn key_of(rack: NodeId) -> SecretDigest {
    SecretDigest::of(&rack.0.to_le_bytes())
}

/// The address of the rack with this place, among clients.
#[must_use]
pub const fn address_of(place: u8) -> Ipv4Addr {
    Ipv4Addr::new(10, 0, 0, 2 + place)
}

/// What was made.
#[derive(Clone, Debug)]
pub struct RackSite {
    /// The VLAN.
    pub vlan: VlanId,
    /// The racks, in the order of their places.
    pub racks: Vec<NodeId>,
}

impl RackSite {
    /// Makes it through a node, with so many racks.
    ///
    /// # Errors
    /// When the region refuses.
    pub async fn made_through(region: Region, racks: u8) -> Result<Self, String> {
        for term in TERMS {
            let name = SettingName(term.name.to_owned());
            let secs = i64::try_from(term.least.0 / 1_000).map_err(|error| error.to_string())?;
            let value = ParameterValue::Integer(secs);
            done(&region, Command::Setting(SettingCommand::Set { name, value })).await?;
        }
        let mut nodes = Vec::new();
        for place in 0..racks {
            nodes.push(enrolled(&region, place).await?);
        }
        let vlan = Vlan::new(FabricId(0), TAG);
        let vlan = VlanId(made(&region, Command::Vlan(Edit::Create(vlan))).await?);
        let cidr = PREFIX.parse().map_err(|_| "the prefix is none".to_owned())?;
        let subnet = Command::Subnet(Edit::Create(Subnet::new(vlan, cidr)));
        let subnet = SubnetId(made(&region, subnet).await?);
        let address = |host| IpAddr::from([10, 0, 0, host]);
        let (start_ip, end_ip) = (address(RANGE.0), address(RANGE.1));
        let (range_type, comment) = (IpRangeType::Dynamic, String::new());
        let range = IpRange { subnet, range_type, start_ip, end_ip, user: None, comment };
        done(&region, Command::IpRange(Edit::Create(range))).await?;
        let patch = VlanPatch {
            dhcp_on: Some(true),
            primary_rack: Some(nodes.first().copied()),
            secondary_rack: Some(nodes.get(1).copied()),
            more_racks: Some(nodes.iter().skip(2).copied().collect()),
            ..VlanPatch::default()
        };
        done(&region, Command::Vlan(Edit::Update { id: vlan, patch })).await?;
        Ok(Self { vlan, racks: nodes })
    }
}

/// A rack with its key.
async fn enrolled(region: &Region, place: u8) -> Result<NodeId, String> {
    let (node_type, fields) = (NodeType::RackController, NodePatch::default());
    let new = NewNode { node_type, fields, interfaces: Vec::new() };
    let rack = NodeId(made(region, Command::Node(Box::new(NodeCommand::Create(new)))).await?);
    let (token, life) = (SecretDigest::of(&[place]), Millis::from_secs(60));
    let created_by = PRINCIPAL.to_owned();
    let new = NewRackToken { digest: token, rack: Some(rack), life, created_by };
    done(region, Command::RackToken(RackTokenCommand::Create(new))).await?;
    let hostname = Hostname::new("rack").map_err(|error| error.to_string())?;
    let (version, interfaces) = ("1.0".to_owned(), Vec::new());
    let wish = Enrol { token, key: key_of(rack), hostname, version, interfaces };
    done(region, Command::Rack(RackCommand::Enrol(wish))).await?;
    Ok(rack)
}

async fn made(region: &Region, command: Command) -> Result<u32, String> {
    match done(region, command).await? {
        Outcome::Created(object) => number(&object.key),
        other => Err(format!("{other:?}")),
    }
}

async fn done(region: &Region, command: Command) -> Result<Outcome, String> {
    let write = Write { principal: PRINCIPAL.into(), key: None, guards: Vec::new(), command };
    let reply = region.propose(write, deadline()).await.map_err(|error| error.to_string())?;
    reply.result.map_err(|rejection| rejection.to_string())
}
