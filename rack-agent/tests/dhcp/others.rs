//! Clients of another kind: INFORM, rapid commit (rule R17).

use crate::packet::{INFORM, Packet, ip};
use crate::rack::{ACK, OFFER, Rack, assert_silent, kept, reading, trial};
use regent_core::rack_view::lease::Standing;
use regent_core::rack_view::subnet::RapidCommit;
use regent_core::rack_view::vlan::Probing;
use regent_rack_agent::dhcp::action::{Destination, Found, Silence};
use regent_rack_agent::dhcp::arrival::Cast;
use regent_rack_agent::dhcp::holding::{Contact, OwnBlock};

#[test]
fn a_client_that_informs_gets_options_and_neither_address_nor_lease() {
    let mut rack = Rack::primary();
    let reply = reading(rack.hears(&Packet::of(INFORM, 1).ciaddr("10.0.0.44")));
    assert_eq!((reply.kind(), reply.message.yiaddr()), (ACK, ip("0.0.0.0")));
    assert_eq!((reply.option(51), reply.option(58), reply.option(59)), (None, None, None));
    assert_eq!(reply.option(6).unwrap(), [10, 0, 0, 5, 10, 0, 0, 6]);
    assert_eq!(reply.outgoing.to, Destination::Client(ip("10.0.0.44")));
    assert!(rack.book.acked.is_empty() && rack.book.offers.is_empty());
}

#[test]
fn a_client_that_informs_has_to_say_where_it_is() {
    let mut rack = Rack::primary();
    assert_silent(rack.hears(&Packet::of(INFORM, 1)), Silence::Contradiction);
    let elsewhere = Packet::of(INFORM, 1).ciaddr("192.168.1.1");
    assert_silent(rack.hears(&elsewhere), Silence::UnknownNetwork);
    let informing = Packet::of(INFORM, 1).ciaddr("10.0.0.44");
    assert_silent(rack.gets(&informing, "10.0.0.77"), Silence::Contradiction);
    let from_nowhere = rack.receives(&informing, "0.0.0.0", Cast::Broadcast);
    assert_silent(from_nowhere, Silence::Contradiction);
}

#[test]
fn a_client_in_a_hurry_is_acknowledged_at_once_after_the_commit_where_that_is_allowed() {
    let mut rack = Rack::primary();
    let hurried = Packet::discover(1).with(80, &[]);
    assert_eq!(reading(rack.hears(&hurried)).kind(), OFFER);
    rack.own_subnet().rapid_commit = RapidCommit::Allowed;
    assert_eq!(reading(rack.hears(&Packet::discover(2))).kind(), OFFER);
    let asking = rack.hears(&hurried);
    let ack = rack.commits(asking);
    assert_eq!((ack.kind(), ack.option(80)), (ACK, Some(Vec::new())));
}

#[test]
fn where_addresses_are_tried_a_client_in_a_hurry_waits_for_that_unless_it_had_the_address() {
    let mut rack = Rack::primary();
    rack.own_subnet().rapid_commit = RapidCommit::Allowed;
    rack.own().probing = Probing::On;
    rack.learns("10.0.0.150", 2, Standing::Free);
    let trial = trial(rack.hears(&Packet::discover(1).with(80, &[])));
    assert_eq!(reading(rack.tries(&trial, Found::Nobody)).kind(), OFFER);
    let asking = rack.hears(&Packet::discover(2).with(80, &[]));
    assert_eq!(rack.commits(asking).kind(), ACK);
}

#[test]
fn a_client_in_a_hurry_is_given_an_address_of_the_block_while_the_region_is_away() {
    let mut rack = Rack::primary();
    rack.own_subnet().rapid_commit = RapidCommit::Allowed;
    rack.book.contact = Contact::CutOff;
    let range = "10.0.0.190-10.0.0.199".parse().unwrap();
    let deadline = rack.now.after(crate::rack::HOUR);
    rack.book.holdings.blocks.push(OwnBlock { range, deadline });
    let kept = kept(rack.hears(&Packet::discover(1).with(80, &[])));
    let ack = reading(rack.keeps(&kept));
    assert_eq!((ack.kind(), ack.option(80)), (ACK, Some(Vec::new())));
}
