//! Requests through relays (RFC 1542, RFC 3046, RFC 3527, RFC 5107).

use crate::packet::{Packet, ip};
use crate::rack::{ACK, RELAYED, Rack, assert_silent, outgoing, pending, reading, subnet};
use regent_rack_agent::dhcp::action::{Destination, Silence};

const CIRCUIT: [u8; 6] = [1, 4, b'p', b'o', b'r', b't'];

#[test]
fn the_subnet_is_the_relays_and_the_reply_goes_through_it() {
    let mut rack = Rack::primary();
    let offer = reading(rack.hears(&Packet::discover(1).giaddr("10.9.0.1")));
    assert_eq!(offer.outgoing.to, Destination::Relay(ip("10.9.0.1")));
    assert_eq!(offer.message.giaddr(), ip("10.9.0.1"));
    assert_eq!(offer.message.yiaddr().octets()[..3], [10, 9, 0]);
}

#[test]
fn what_the_relay_added_comes_back_unchanged_and_last() {
    let mut rack = Rack::primary();
    let information = [CIRCUIT.as_slice(), &[2, 2, 9, 9, 200, 1, 7]].concat();
    let asking = Packet::discover(1).giaddr("10.9.0.1").with(82, &information);
    let offer = reading(rack.hears(&asking));
    let expected = [&[82, 13], information.as_slice(), &[255]].concat();
    let end = offer.bytes.iter().rposition(|byte| *byte != 0).unwrap();
    assert_eq!(offer.bytes[end + 1 - expected.len()..=end], expected);
}

#[test]
fn a_relay_in_another_network_says_which_one_the_client_is_in() {
    let mut rack = Rack::primary();
    let asking = Packet::discover(1).giaddr("172.16.0.1").with(82, &[5, 4, 10, 9, 0, 1]);
    let offer = outgoing(rack.hears(&asking));
    assert_eq!(offer.reply.yiaddr.octets()[..3], [10, 9, 0]);
    assert_eq!(offer.to, Destination::Relay(ip("172.16.0.1")));
}

#[test]
fn without_a_relay_nobody_chooses_the_network_by_an_option() {
    let mut rack = Rack::primary();
    let asking = Packet::discover(1).with(82, &[5, 4, 10, 9, 0, 1]);
    assert_eq!(outgoing(rack.hears(&asking)).reply.yiaddr.octets()[..3], [10, 0, 0]);
    let wishing = Packet::discover(2).address(50, "10.9.0.150");
    assert_eq!(outgoing(rack.hears(&wishing)).reply.yiaddr.octets()[..3], [10, 0, 0]);
}

#[test]
fn a_relay_of_an_unknown_network_meets_silence() {
    let mut rack = Rack::primary();
    let asking = Packet::discover(1).giaddr("172.16.0.1");
    assert_silent(rack.hears(&asking), Silence::UnknownNetwork);
}

#[test]
fn a_relay_may_stand_in_for_the_server() {
    let mut rack = Rack::primary();
    let information = [11, 4, 10, 9, 0, 1];
    let discover = Packet::discover(1).giaddr("10.9.0.1").with(82, &information);
    let offer = reading(rack.hears(&discover));
    assert_eq!(offer.option(54).unwrap(), [10, 9, 0, 1]);
    let address = offer.message.yiaddr().to_string();
    let taking =
        Packet::selecting(1, "10.9.0.1", &address).giaddr("10.9.0.1").with(82, &information);
    let asking = rack.hears(&taking);
    assert_eq!(rack.commits(asking).kind(), ACK);
}

#[test]
fn without_a_relay_nobody_stands_in_for_the_server() {
    let mut rack = Rack::primary();
    let offer = reading(rack.hears(&Packet::discover(1).with(82, &[11, 4, 10, 9, 0, 1])));
    assert_eq!(offer.option(54).unwrap(), ip(crate::rack::OURS).octets());
}

#[test]
fn of_several_subnets_on_the_wire_the_relays_own_is_first_and_others_follow() {
    let mut rack = Rack::primary();
    rack.vlans[1].subnets.push(subnet(3, "10.8.0.0/24", "10.8.0.100-10.8.0.100"));
    let asking = |client| Packet::discover(client).giaddr("10.8.0.1");
    assert_eq!(outgoing(rack.hears(&asking(1))).reply.yiaddr, ip("10.8.0.100"));
    assert_eq!(outgoing(rack.hears(&asking(2))).reply.yiaddr.octets()[..3], [10, 9, 0]);
}

#[test]
fn a_renewal_through_a_relay_is_committed_on_its_vlan() {
    let mut rack = Rack::primary();
    let asking = Packet::renewing(1, "10.9.0.150").giaddr("10.9.0.1");
    assert_eq!(pending(rack.hears(&asking)).vlan, RELAYED);
}
