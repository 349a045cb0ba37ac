//! Which VLANs a rack serves at which of its wires.

use crate::packet::{Packet, ip};
use crate::region::{LOWER, UPPER};
use crate::rig::{EASTERN, Rig, WESTERN, kinds, offered};
use regent_rack_agent::dhcp::action::Destination;
use regent_rack_agent::dhcp::arrival::Cast;
use regent_rack_agent::dhcp::message::reply::ReplyKind;
use regent_rack_agent::duty::event::{Event, Wire, WireAddress, WireId};

fn wire(id: u32, address: &str) -> Wire {
    let addresses = vec![WireAddress { address: ip(address), prefix: 24 }];
    Wire { id: WireId(id), name: format!("eth{id}"), addresses }
}

#[test]
fn vlan_without_a_wire_is_served_through_relays_by_the_address_of_the_wire_they_come_in_at() {
    let mut rig = Rig::serving();
    let wires = vec![wire(0, "10.0.0.2"), wire(1, "192.0.2.2")];
    rig.hears(EASTERN, Event::Wires(wires));
    for (place, server) in [(1, "192.0.2.2"), (0, "10.0.0.2"), (1, "192.0.2.2")] {
        let discover = Packet::discover(place).giaddr("10.0.1.1");
        let from = (ip("10.0.1.1"), Cast::Unicast);
        let offer = rig.receives(EASTERN, usize::from(place), &discover, from);
        assert_eq!(offered(&offer).octets()[..3], [10, 0, 1]);
        assert_eq!(offer[0].to, Destination::Relay(ip("10.0.1.1")));
        assert_eq!(offer[0].reply.options[&54], ip(server).octets());
    }
}

#[test]
fn lease_of_a_relayed_vlan_is_acknowledged_by_the_address_it_was_asked_at() {
    let mut rig = Rig::serving();
    let wires = vec![wire(0, "10.0.0.2"), wire(1, "192.0.2.2")];
    rig.hears(EASTERN, Event::Wires(wires));
    let from = (ip("10.0.1.1"), Cast::Unicast);
    let discover = Packet::discover(1).giaddr("10.0.1.1");
    let address = offered(&rig.receives(EASTERN, 1, &discover, from)).to_string();
    rig.is_region_silent = true;
    let selecting = Packet::selecting(1, "192.0.2.2", &address).giaddr("10.0.1.1");
    assert!(rig.receives(EASTERN, 1, &selecting, from).is_empty());
    // Meanwhile something else came in at the other wire.
    rig.receives(EASTERN, 0, &Packet::discover(2).giaddr("10.0.1.1"), from);
    rig.is_region_silent = false;
    rig.settle();
    let acked = rig.take_sent();
    assert_eq!(kinds(&acked), [ReplyKind::Ack]);
    assert_eq!(acked[0].reply.options[&54], ip("192.0.2.2").octets());
}

#[test]
fn what_was_left_to_another_rack_is_answered_by_the_address_it_came_in_at() {
    let mut rig = Rig::serving();
    let wires = vec![wire(0, "10.0.0.3"), wire(1, "192.0.2.3")];
    rig.hears(WESTERN, Event::Wires(wires));
    let (from, relay) = ((ip("10.0.1.1"), Cast::Unicast), "10.0.1.1");
    // A client that is not in this rack's share.
    assert!(rig.receives(WESTERN, 1, &Packet::discover(3).giaddr(relay), from).is_empty());
    // Meanwhile something else came in at the other wire.
    let renewing = Packet::renewing(2, "10.0.1.109").giaddr(relay);
    rig.receives(WESTERN, 0, &renewing, from);
    rig.pass(1);
    let mut sent = rig.take_sent();
    sent.retain(|outgoing| outgoing.reply.kind == ReplyKind::Offer);
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].reply.options[&54], ip("192.0.2.3").octets());
}

#[test]
fn region_hears_where_the_rack_has_no_address() {
    let mut rig = Rig::serving();
    rig.hears(EASTERN, Event::Wires(vec![wire(0, "10.0.0.2")]));
    rig.beats.clear();
    rig.hears(EASTERN, Event::Tick);
    rig.pass(1);
    let served: Vec<_> =
        rig.beats[0].vlans.iter().map(|vlan| (vlan.vlan, vlan.server_id)).collect();
    assert_eq!(served, [(UPPER, Some(ip("10.0.0.2"))), (LOWER, None)]);
    rig.hears(EASTERN, Event::Wires(Vec::new()));
    rig.beats.clear();
    rig.pass(1);
    assert!(rig.beats[0].vlans.iter().all(|vlan| vlan.trouble.is_some()));
}
