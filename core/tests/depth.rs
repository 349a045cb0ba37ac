//! How deep nodes and interfaces may stand inside one another, in whatever order they are put there.
#![allow(clippy::unwrap_used, reason = "tests may fail loudly")]

mod region;

use regent_core::command::Command;
use regent_core::command::edit::Edit;
use regent_core::command::interface::InterfacePatch;
use regent_core::command::node::{NewInterface, NewNode, NodeCommand, NodePatch};
use regent_core::id::{InterfaceId, NodeId, VlanId};
use regent_core::model::interface::{INTERFACE_LEVELS_MAX, Interface, InterfaceType};
use regent_core::model::node::{NODE_LEVELS_MAX, Node, NodeType};
use regent_core::model::vlan::Vlan;
use regent_core::net::mac::MacAddr;
use region::Region;

/// Devices more than may be inside one another.
const DEVICES: u32 = 20;

fn devices() -> Region {
    let mut region = Region::founded();
    for _ in 0..DEVICES {
        let fields = NodePatch::default();
        let new = NewNode { node_type: NodeType::Device, fields, interfaces: Vec::new() };
        region.run(Command::Node(Box::new(NodeCommand::Create(new)))).unwrap();
    }
    region
}

/// Puts a device into another one, and tells whether that was allowed.
fn put_into(region: &mut Region, inner: u32, outer: u32) -> bool {
    let patch = NodePatch { parent: Some(Some(NodeId(outer))), ..NodePatch::default() };
    let update = NodeCommand::Update { id: NodeId(inner), patch };
    region.run(Command::Node(Box::new(update))).is_ok()
}

/// The longest way from a node up.
fn levels(region: &Region) -> usize {
    let up = |id: &NodeId| region.state.get::<Node>(id).unwrap().value.parent;
    let ways = (1..=DEVICES).map(|id| std::iter::successors(Some(NodeId(id)), up).count());
    ways.max().unwrap()
}

#[test]
fn chain_of_nodes_that_grows_at_its_lower_end_ends_at_the_limit() {
    let mut region = devices();
    let allowed = (2..=DEVICES).take_while(|id| put_into(&mut region, *id, id - 1)).count();
    assert_eq!((allowed + 1, levels(&region)), (NODE_LEVELS_MAX, NODE_LEVELS_MAX));
}

#[test]
fn chain_of_nodes_that_grows_at_its_upper_end_ends_at_the_limit() {
    let mut region = devices();
    let allowed = (1..DEVICES).take_while(|id| put_into(&mut region, *id, id + 1)).count();
    assert_eq!((allowed + 1, levels(&region)), (NODE_LEVELS_MAX, NODE_LEVELS_MAX));
}

#[test]
fn chains_of_nodes_are_joined_only_if_both_together_are_short_enough() {
    let mut region = devices();
    for id in (1..5).chain(11..15) {
        assert!(put_into(&mut region, id, id + 1));
    }
    assert!(!put_into(&mut region, 5, 11), "five under five");
    assert!(!put_into(&mut region, 4, 11), "four under five");
    assert!(put_into(&mut region, 3, 11), "three under five");
    assert_eq!(levels(&region), NODE_LEVELS_MAX);
    assert!(put_into(&mut region, 16, 5), "next to others");
    region.assert_sound(&"joining");
}

/// A machine with two cards and, on the first, a tower of bridges and tagged VLANs as high as may be.
fn tower() -> Region {
    let mut region = Region::founded();
    region.create(Command::Vlan(Edit::Create(Vlan::new(regent_core::id::FabricId(0), 10))));
    let card = |last| NewInterface {
        name: format!("eth{last}"),
        mac_address: MacAddr([0x52, 0x54, 0, 0, 0, last]),
        vlan: Some(VlanId(5001)),
    };
    let interfaces = vec![card(0), card(1)];
    let new = NewNode { node_type: NodeType::Machine, fields: NodePatch::default(), interfaces };
    region.run(Command::Node(Box::new(NodeCommand::Create(new)))).unwrap();
    let mut below = 1;
    for level in 1..INTERFACE_LEVELS_MAX {
        below = region.create(on(&format!("i{level}"), level, below));
    }
    region
}

/// A bridge on odd levels, a tagged VLAN on even ones.
fn on(name: &str, level: usize, below: u32) -> Command {
    let is_bridge = level % 2 == 1;
    let interface_type = if is_bridge { InterfaceType::Bridge } else { InterfaceType::Vlan };
    let mut interface = Interface::new(interface_type, name);
    interface.node = Some(NodeId(1));
    interface.vlan = Some(VlanId(if is_bridge { 5001 } else { 5002 }));
    interface.parents.insert(InterfaceId(below));
    Command::Interface(Edit::Create(interface))
}

#[test]
fn tower_of_interfaces_moves_only_to_where_there_is_room_below_it() {
    let mut region = tower();
    let tagged = region.create(on("eth1.10", 2, 2));
    let mut move_to = |below: u32| {
        let patch = InterfacePatch {
            parents: Some([InterfaceId(below)].into()),
            ..InterfacePatch::default()
        };
        region.run(Command::Interface(Edit::Update { id: InterfaceId(3), patch }))
    };
    let refused = move_to(tagged).unwrap_err().to_string();
    assert!(refused.contains("more than 8 above one another"), "{refused}");
    move_to(2).unwrap();
    region.assert_sound(&"moving");
}

#[test]
fn tower_of_interfaces_goes_with_its_card() {
    let mut region = tower();
    region.run(Command::Interface(Edit::Delete { id: InterfaceId(1) })).unwrap();
    assert_eq!(region.state.tables().interfaces.len(), 1, "the other card");
    region.assert_sound(&"deleting the card");
}
