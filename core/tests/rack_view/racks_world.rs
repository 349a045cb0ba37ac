//! Random commands about what racks are told: hosts, subnets and who serves them, in a world so small that they meet.

use crate::random_commands::choices::Choices;
use regent_core::command::Command;
use regent_core::command::edit::Edit;
use regent_core::command::interface::InterfacePatch;
use regent_core::command::link::LinkCommand;
use regent_core::command::node::{NodeCommand, NodePatch};
use regent_core::command::subnet::SubnetPatch;
use regent_core::command::vlan::VlanPatch;
use regent_core::id::{Id, InterfaceId, NodeId, ReservedIpId, StaticRouteId, SubnetId, VlanId};
use regent_core::model::dhcp_snippet::DhcpSnippet;
use regent_core::model::hostname::Hostname;
use regent_core::model::reserved_ip::ReservedIp;
use regent_core::model::static_ip_address::LinkMode;
use regent_core::model::static_route::StaticRoute;
use regent_core::model::vlan::Vlan;
use regent_core::net::mac::MacAddr;
use std::net::IpAddr;

fn id<I: Id>(c: &mut Choices, count: u32) -> I {
    I::from_number(1 + c.small(count))
}

/// An address of subnet 1 or 2 that is in no dynamic range.
fn address(c: &mut Choices) -> (SubnetId, IpAddr) {
    let subnet = 1 + c.small(2);
    let last = 8 + u8::try_from(c.below(7)).unwrap();
    (SubnetId(subnet), IpAddr::from([10, 0, u8::try_from(subnet - 1).unwrap(), last]))
}

/// Of a card in the world, or of one that comes now.
fn mac(c: &mut Choices) -> MacAddr {
    MacAddr([0x52, 0x54, 0, 0, 0, u8::try_from(c.below(6)).unwrap()])
}

/// A VLAN there is, or may be.
fn vlan(c: &mut Choices) -> VlanId {
    VlanId(5001 + c.small(3))
}

pub(crate) fn command(c: &mut Choices) -> Command {
    match c.below(12) {
        0 | 1 => reserved_ip(c),
        2 | 3 => link(c),
        4 => {
            let patch = InterfacePatch { mac_address: Some(Some(mac(c))), ..Default::default() };
            Command::Interface(Edit::Update { id: id::<InterfaceId>(c, 3), patch })
        }
        5 => {
            let hostname = Some(Hostname::new(c.of(&["heron", "egret", "stork"])).unwrap());
            let patch = NodePatch { hostname, ..NodePatch::default() };
            Command::Node(Box::new(NodeCommand::Update { id: id::<NodeId>(c, 2), patch }))
        }
        6 | 7 => subnet(c),
        8 => route(c),
        9 => snippet(c),
        10 if c.once_in(3) => Command::Vlan(Edit::Create(Vlan::new(Id::from_number(0), 7))),
        _ => {
            let patch = VlanPatch {
                dhcp_on: c.maybe(|c| !c.once_in(3)),
                primary_rack: c.once_in(3).then_some(Some(NodeId(2))),
                relay_vlan: c.maybe(|c| c.maybe(vlan)),
                mtu: c.maybe(|c| 1500 + c.small(2)),
                ..VlanPatch::default()
            };
            Command::Vlan(Edit::Update { id: vlan(c), patch })
        }
    }
}

fn reserved_ip(c: &mut Choices) -> Command {
    let (subnet, ip) = address(c);
    let (mac_address, comment) = (mac(c), String::new());
    Command::ReservedIp(match c.below(3) {
        0 => Edit::Delete { id: id::<ReservedIpId>(c, 3) },
        _ => Edit::Create(ReservedIp { subnet, ip, mac_address, comment }),
    })
}

fn link(c: &mut Choices) -> Command {
    let interface = id(c, 3);
    let (subnet, address) = address(c);
    Command::Link(match c.below(3) {
        0 => LinkCommand::Unlink { interface, address: id(c, 6) },
        _ => LinkCommand::Link {
            interface,
            mode: LinkMode::Static,
            subnet: Some(subnet),
            ip_address: Some(address),
        },
    })
}

fn subnet(c: &mut Choices) -> Command {
    let id = id(c, 2);
    let cidrs = ["10.0.0.0/28", "10.0.0.0/27", "10.0.1.0/28", "10.0.1.0/27"];
    let patch = SubnetPatch {
        cidr: c.once_in(3).then(|| c.of(&cidrs).parse().unwrap()),
        vlan: c.maybe(vlan),
        allow_dns: c.maybe(|c| c.once_in(2)),
        ..SubnetPatch::default()
    };
    Command::Subnet(Edit::Update { id, patch })
}

fn route(c: &mut Choices) -> Command {
    let (source, gateway_ip) = address(c);
    let destination = SubnetId(3 - source.0);
    Command::StaticRoute(match c.below(4) {
        0 => Edit::Delete { id: id::<StaticRouteId>(c, 2) },
        _ => Edit::Create(StaticRoute { source, destination, gateway_ip, metric: c.small(3) }),
    })
}

fn snippet(c: &mut Choices) -> Command {
    let (node, subnet) = (c.once_in(3).then(|| id(c, 2)), c.once_in(3).then(|| id(c, 2)));
    Command::DhcpSnippet(match c.below(3) {
        0 => Edit::Delete { id: id(c, 2) },
        _ => Edit::Create(DhcpSnippet {
            name: "snippet".to_owned(),
            description: String::new(),
            enabled: true,
            node,
            subnet: subnet.filter(|_| node.is_none()),
            iprange: None,
            value: format!("option time-servers 10.0.0.{};", c.below(3)),
            history: Vec::new(),
        }),
    })
}
