//! Interfaces come and go while the agent runs, of whatever kind they are.

use crate::client::{hardware, offer, received, socket};
use crate::lab::{CLIENT, Lab, Opened, RACK};
use crate::namespace::skip;
use regent_rack_agent::dhcp::action::Destination;
use regent_rack_agent::duty::event::{Event, Wire, WireAddress};
use regent_rack_agent::interface_choice::InterfaceChoice;
use regent_rack_agent::wire::kernel::KernelWires;
use std::net::Ipv4Addr;

fn names(wires: &[Wire]) -> Vec<&str> {
    wires.iter().map(|wire| wire.name.as_str()).collect()
}

#[test]
fn an_interface_is_told_with_all_its_addresses_and_without_the_loopback() {
    let Some(lab) =
        Lab::new("an_interface_is_told_with_all_its_addresses_and_without_the_loopback")
    else {
        return;
    };
    lab.rack.ip("link set lo up");
    lab.rack.ip("addr add 203.0.113.1/25 dev rack0 label rack0:1");
    let rack = lab.open();
    assert_eq!(names(&rack.known), ["rack0"]);
    let second = WireAddress { address: Ipv4Addr::new(203, 0, 113, 1), prefix: 25 };
    assert_eq!(rack.known[0].addresses, [WireAddress { address: RACK, prefix: 24 }, second]);
}

#[test]
fn an_interface_that_comes_later_is_served_and_one_that_goes_is_told() {
    let Some(lab) = Lab::new("an_interface_that_comes_later_is_served_and_one_that_goes_is_told")
    else {
        return;
    };
    let mut rack = lab.open();
    lab.rack.ip(&format!("link add rack1 type veth peer name client1 netns {}", lab.client.pid()));
    lab.client.ip("link set client1 up");
    lab.rack.ip("addr add 198.51.100.1/24 dev rack1");
    lab.rack.ip("link set rack1 up");
    lab.client.wait_until_up("client1");
    serves(&mut rack, &lab, "rack1", "client1");
    lab.rack.ip("link del rack1");
    assert_eq!(names(&rack.wires_told()), ["rack0"]);
}

#[test]
fn a_vlan_is_served_under_its_own_wire() {
    let name = "a_vlan_is_served_under_its_own_wire";
    let Some(lab) = Lab::new(name) else { return };
    if !lab.client.can("link add link client0 name client0.5 type vlan id 5") {
        return skip(name, "absent: VLAN interfaces");
    }
    let mut rack = lab.open();
    lab.client.ip("link set client0.5 up");
    lab.rack.ip("link add link rack0 name rack0.5 type vlan id 5");
    lab.rack.ip("addr add 198.51.100.1/24 dev rack0.5");
    lab.rack.ip("link set rack0.5 up");
    lab.client.wait_until_up("client0.5");
    serves(&mut rack, &lab, "rack0.5", "client0.5");
}

/// An interface that has just come is told, heard at and answered at.
fn serves(rack: &mut Opened, lab: &Lab, added: &str, clients: &str) {
    rack.known = rack.wires_told();
    assert_eq!(names(&rack.known), ["rack0", added]);
    lab.rack.wait_until_up(added);
    let client = lab.client.enter(|| socket(clients, 68));
    client.send_to(b"hello", (Ipv4Addr::BROADCAST, 67)).unwrap();
    let heard = rack.heard();
    assert_eq!((heard.wire, &heard.bytes[..]), (rack.named(added), &b"hello"[..]));
    rack.wires.transmit(heard.wire, &offer(Destination::Broadcast)).unwrap();
    assert_eq!(received(&client).1, "198.51.100.1:67");
}

#[test]
fn a_bridge_is_served_and_its_ports_are_not() {
    let Some(lab) = Lab::new("a_bridge_is_served_and_its_ports_are_not") else { return };
    lab.rack.ip("addr del 192.0.2.1/24 dev rack0");
    lab.rack.ip("link add bridge0 type bridge");
    lab.rack.ip("link set rack0 master bridge0");
    lab.rack.ip("addr add 192.0.2.1/24 dev bridge0");
    lab.rack.ip("link set bridge0 up");
    lab.rack.wait_until_up("bridge0");
    let lab = lab.with_client_address();
    let mut rack = lab.open();
    assert_eq!(names(&rack.known), ["bridge0"]);
    let client = lab.client.enter(|| socket("client0", 68));
    client.send_to(b"bridged", (Ipv4Addr::BROADCAST, 67)).unwrap();
    let heard = rack.heard();
    assert_eq!(heard.wire, rack.named("bridge0"));
    let to = Destination::Frame { hardware: hardware(), address: CLIENT };
    rack.wires.transmit(heard.wire, &offer(to)).unwrap();
    assert_eq!(received(&client).1, "192.0.2.1:67");
}

#[test]
fn only_chosen_interfaces_are_touched() {
    let Some(lab) = Lab::new("only_chosen_interfaces_are_touched") else { return };
    let choice = InterfaceChoice { allow: vec!["other0".into()], deny: Vec::new() };
    let (_wires, mut events) = lab.rack.enter(|| KernelWires::open(choice).unwrap());
    let told = events.blocking_recv();
    assert_eq!(told, Some(Event::Wires(Vec::new())));
}
