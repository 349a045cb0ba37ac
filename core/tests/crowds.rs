//! How many interfaces a node has at most, and how many addresses an interface: a change of one looks at all of them.
#![allow(clippy::unwrap_used, reason = "tests may fail loudly")]

mod region;

use regent_core::command::Command;
use regent_core::command::edit::Edit;
use regent_core::command::link::LinkCommand;
use regent_core::command::node::{NewNode, NodeCommand, NodePatch};
use regent_core::command::static_ip_address::StaticIpAddressPatch;
use regent_core::id::{InterfaceId, NodeId, StaticIpAddressId, VlanId};
use regent_core::model::interface::{INTERFACE_LINKS_MAX, Interface, NODE_INTERFACES_MAX};
use regent_core::model::node::NodeType;
use regent_core::model::static_ip_address::{AllocType, LinkMode, StaticIpAddress};
use regent_core::net::mac::MacAddr;
use regent_core::outcome::Outcome;
use regent_core::rejection::Rejection;
use region::Region;
use std::net::IpAddr;

/// A region with a subnet and two machines without interfaces.
fn machines() -> Region {
    let mut region = Region::founded();
    region.subnet("10.0.0.0/16");
    for _ in 0..2 {
        let (fields, interfaces) = (NodePatch::default(), Vec::new());
        let new = NewNode { node_type: NodeType::Machine, fields, interfaces };
        region.run(Command::Node(Box::new(NodeCommand::Create(new)))).unwrap();
    }
    region
}

fn card(region: &mut Region, node: u32, number: usize) -> Result<Outcome, Rejection> {
    let [high, low] = u16::try_from(number).unwrap().to_be_bytes();
    let mac = MacAddr([0x52, 0x54, 0, u8::try_from(node).unwrap(), high, low]);
    let mut card = Interface::physical(NodeId(node), &format!("eth{number}"), mac);
    card.vlan = Some(VlanId(5001));
    region.run(Command::Interface(Edit::Create(card)))
}

fn address(region: &mut Region, number: usize, interface: u32) -> Result<Outcome, Rejection> {
    let [high, low] = u16::try_from(number + 1).unwrap().to_be_bytes();
    let ip = IpAddr::from([10, 0, high, low]);
    let mut address = StaticIpAddress::new(AllocType::Sticky, None, Some(ip));
    address.interfaces.insert(InterfaceId(interface));
    region.run(Command::StaticIpAddress(Edit::Create(address)))
}

fn assert_full(result: Result<Outcome, Rejection>, limit: usize) {
    let limit = limit as u64;
    assert!(matches!(result, Err(Rejection::Limit { max, .. }) if max == limit), "{result:?}");
}

#[test]
fn node_has_only_so_many_interfaces() {
    let mut region = machines();
    for number in 0..NODE_INTERFACES_MAX {
        card(&mut region, 1, number).unwrap();
    }
    assert_full(card(&mut region, 1, NODE_INTERFACES_MAX), NODE_INTERFACES_MAX);
    card(&mut region, 2, 0).unwrap();
    region.run(Command::Interface(Edit::Delete { id: InterfaceId(7) })).unwrap();
    card(&mut region, 1, NODE_INTERFACES_MAX).unwrap();
}

#[test]
fn interface_has_only_so_many_addresses_however_they_come() {
    let mut region = machines();
    (0..2).for_each(|number| drop(card(&mut region, 1, number).unwrap()));
    for number in 0..INTERFACE_LINKS_MAX {
        address(&mut region, number, 1).unwrap();
    }
    assert_full(address(&mut region, INTERFACE_LINKS_MAX, 1), INTERFACE_LINKS_MAX);
    let link = LinkCommand::Link {
        interface: InterfaceId(1),
        mode: LinkMode::LinkUp,
        subnet: None,
        ip_address: None,
    };
    assert_full(region.run(Command::Link(link)), INTERFACE_LINKS_MAX);
    address(&mut region, INTERFACE_LINKS_MAX, 2).unwrap();
    let patch = StaticIpAddressPatch { comment: Some("kept".into()), ..Default::default() };
    let edit = Edit::Update { id: StaticIpAddressId(1), patch };
    region.run(Command::StaticIpAddress(edit)).unwrap();
    region.assert_sound(&"a full interface");
}
