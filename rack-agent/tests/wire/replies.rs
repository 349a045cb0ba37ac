//! Replies reach whom they are for, from the address the client knows the server by, with checksums the kernel accepts.

use crate::client::{hardware, offer, received, socket};
use crate::lab::{CLIENT, Lab};
use regent_rack_agent::dhcp::action::Destination;
use regent_rack_agent::duty::event::WireId;
use regent_rack_agent::wire::delivery::Unsent;
use std::net::{Ipv4Addr, UdpSocket};

/// Sends an offer and comes back with what a socket of the client's got.
fn delivered(lab: &Lab, port: u16, to: Destination) -> (Vec<u8>, String) {
    let rack = lab.open();
    let socket: UdpSocket = lab.client.enter(|| socket("client0", port));
    rack.wires.transmit(rack.wire(), &offer(to)).unwrap();
    let delivered = received(&socket);
    assert_eq!((rack.wires.counts().sent, rack.wires.counts().unsent), (1, 0));
    delivered
}

#[test]
fn a_broadcast_reply_is_read_by_a_client_without_an_address() {
    let Some(lab) = Lab::new("a_broadcast_reply_is_read_by_a_client_without_an_address") else {
        return;
    };
    let to = Destination::Broadcast;
    assert_eq!(delivered(&lab, 68, to), (offer(to).reply.encode().bytes, "192.0.2.1:67".into()));
}

#[test]
fn a_frame_reaches_the_clients_hardware_without_asking_who_has_the_address() {
    let name = "a_frame_reaches_the_clients_hardware_without_asking_who_has_the_address";
    let Some(lab) = Lab::new(name) else { return };
    let lab = lab.with_client_address();
    // Whoever asked would get no answer.
    lab.client.ip("link set client0 arp off");
    let to = Destination::Frame { hardware: hardware(), address: CLIENT };
    assert_eq!(delivered(&lab, 68, to), (offer(to).reply.encode().bytes, "192.0.2.1:67".into()));
}

#[test]
fn a_client_that_has_an_address_is_answered_there() {
    let Some(lab) = Lab::new("a_client_that_has_an_address_is_answered_there") else { return };
    let lab = lab.with_client_address();
    let (_, from) = delivered(&lab, 68, Destination::Client(CLIENT));
    assert_eq!(from, "192.0.2.1:67");
}

#[test]
fn a_relay_is_answered_at_the_servers_port_wherever_it_is_routed() {
    let Some(lab) = Lab::new("a_relay_is_answered_at_the_servers_port_wherever_it_is_routed")
    else {
        return;
    };
    let lab = lab.with_client_address();
    let relay = Ipv4Addr::new(198, 51, 100, 1);
    lab.client.ip("addr add 198.51.100.1/32 dev client0");
    lab.rack.ip("route add 198.51.100.0/24 via 192.0.2.2");
    let (_, from) = delivered(&lab, 67, Destination::Relay(relay));
    assert_eq!(from, "192.0.2.1:67");
}

#[test]
fn a_reply_comes_from_the_address_that_it_names_the_server_by() {
    let Some(lab) = Lab::new("a_reply_comes_from_the_address_that_it_names_the_server_by") else {
        return;
    };
    lab.rack.ip("addr add 203.0.113.1/24 dev rack0 label rack0:1");
    let rack = lab.open();
    let socket = lab.client.enter(|| socket("client0", 68));
    let mut named = offer(Destination::Broadcast);
    named.reply.options.insert(54, vec![203, 0, 113, 1]);
    rack.wires.transmit(rack.wire(), &named).unwrap();
    assert_eq!(received(&socket).1, "203.0.113.1:67");
}

#[test]
fn what_cannot_be_sent_fails_at_once_and_is_counted() {
    let Some(lab) = Lab::new("what_cannot_be_sent_fails_at_once_and_is_counted") else { return };
    let rack = lab.open();
    let broadcast = offer(Destination::Broadcast);
    let nowhere = rack.wires.transmit(WireId(4000), &broadcast);
    assert!(matches!(nowhere, Err(Unsent::NoWire)), "{nowhere:?}");
    let far = offer(Destination::Relay(Ipv4Addr::new(198, 51, 100, 1)));
    let unrouted = rack.wires.transmit(rack.wire(), &far);
    assert!(matches!(unrouted, Err(Unsent::Io(_))), "{unrouted:?}");
    assert_eq!(rack.wires.counts().unsent, 2);
}
