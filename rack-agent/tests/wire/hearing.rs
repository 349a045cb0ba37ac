//! What comes in is heard with where it came from, whom it was sent to, and when.

use crate::client::socket;
use crate::lab::{CLIENT, Lab, RACK};
use regent_rack_agent::clock::sample::now;
use regent_rack_agent::dhcp::arrival::Cast;
use std::net::Ipv4Addr;

const SUBNET_BROADCAST: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 255);

#[test]
fn a_client_without_an_address_is_heard_by_its_broadcast() {
    let Some(lab) = Lab::new("a_client_without_an_address_is_heard_by_its_broadcast") else {
        return;
    };
    let mut rack = lab.open();
    let before = now();
    lab.client
        .enter(|| socket("client0", 68).send_to(b"hello", (Ipv4Addr::BROADCAST, 67)).unwrap());
    let heard = rack.heard();
    assert_eq!((heard.wire, &heard.bytes[..]), (rack.wire(), &b"hello"[..]));
    assert_eq!((heard.source, heard.cast), (Ipv4Addr::UNSPECIFIED, Cast::Broadcast));
    assert!(before <= heard.received && heard.received <= now());
}

#[test]
fn a_client_with_an_address_is_heard_by_unicast_and_by_the_broadcast_of_its_network() {
    let name = "a_client_with_an_address_is_heard_by_unicast_and_by_the_broadcast_of_its_network";
    let Some(lab) = Lab::new(name) else { return };
    let lab = lab.with_client_address();
    let mut rack = lab.open();
    for (to, cast) in [(RACK, Cast::Unicast), (SUBNET_BROADCAST, Cast::Broadcast)] {
        lab.client.enter(|| socket("client0", 68).send_to(b"hello", (to, 67)).unwrap());
        let heard = rack.heard();
        assert_eq!((heard.source, heard.cast), (CLIENT, cast));
    }
}

#[test]
fn a_packet_longer_than_any_request_is_dropped_and_counted() {
    let Some(lab) = Lab::new("a_packet_longer_than_any_request_is_dropped_and_counted") else {
        return;
    };
    let lab = lab.with_client_address();
    let mut rack = lab.open();
    lab.client.enter(|| {
        let client = socket("client0", 68);
        client.send_to(&[0; 4097], (RACK, 67)).unwrap();
        client.send_to(&[0; 4096], (RACK, 67)).unwrap();
    });
    assert_eq!(rack.heard().bytes.len(), 4096);
    assert_eq!(rack.wires.counts().dropped_too_long, 1);
}

#[test]
fn of_a_burst_that_nobody_takes_every_packet_is_counted_and_the_next_is_heard_again() {
    let name = "of_a_burst_that_nobody_takes_every_packet_is_counted_and_the_next_is_heard_again";
    let Some(lab) = Lab::new(name) else { return };
    let lab = lab.with_client_address();
    let mut rack = lab.open();
    let sent = 20_000;
    // One for all of it: a process that another test starts may hold a closed one's port for a moment.
    let client = lab.client.enter(|| socket("client0", 68));
    for _ in 0..sent {
        client.send_to(&[7; 300], (RACK, 67)).unwrap();
    }
    let mut left = 0;
    // What the kernel dropped is known with the next packet only.
    let is_counted = |rack: &crate::lab::Opened| {
        let counts = rack.wires.counts();
        counts.heard + counts.dropped_behind + counts.dropped_unread >= sent
    };
    while !is_counted(&rack) {
        rack.heard();
        left += 1;
        client.send_to(&[8; 300], (RACK, 67)).unwrap();
    }
    let counts = rack.wires.counts();
    assert!(counts.dropped_behind > 0, "nobody took them: {counts:?}");
    assert!(counts.heard >= left, "{counts:?}");
}
