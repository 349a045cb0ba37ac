//! Requests through relays (RFC 1542, RFC 3046, RFC 3527, RFC 5107).

use crate::packet::{INFORM, Packet, ip};
use crate::rack::{
    ACK, NAK, OURS, RELAYED, Rack, assert_silent, outgoing, pending, reading, subnet,
};
use regent_core::lease::refusal::Refusal;
use regent_core::time::ClusterTime;
use regent_rack_agent::dhcp::action::{Destination, Silence, Verdict};

const RELAY: &str = "10.9.0.1";
const LINK: [u8; 6] = [5, 4, 10, 9, 0, 1];
const STAND_IN: [u8; 6] = [11, 4, 10, 9, 0, 1];
const CIRCUIT: [u8; 6] = [1, 4, b'p', b'o', b'r', b't'];

#[test]
fn the_subnet_is_the_relays_and_the_reply_goes_through_it() {
    let mut rack = Rack::primary();
    let offer = reading(rack.relayed(&Packet::discover(1), RELAY));
    assert_eq!(offer.outgoing.to, Destination::Relay(ip("10.9.0.1")));
    assert_eq!(offer.message.giaddr(), ip("10.9.0.1"));
    assert_eq!(offer.message.yiaddr().octets()[..3], [10, 9, 0]);
}

#[test]
fn what_the_relay_added_comes_back_unchanged_and_last() {
    let mut rack = Rack::primary();
    let information = [CIRCUIT.as_slice(), &[2, 2, 9, 9, 200, 1, 7]].concat();
    let asking = Packet::discover(1).with(82, &information);
    let offer = reading(rack.relayed(&asking, RELAY));
    let expected = [&[82, 13], information.as_slice(), &[255]].concat();
    let end = offer.bytes.iter().rposition(|byte| *byte != 0).unwrap();
    assert_eq!(offer.bytes[end + 1 - expected.len()..=end], expected);
}

#[test]
fn a_relay_in_another_network_says_which_one_the_client_is_in() {
    let mut rack = Rack::primary();
    let asking = Packet::discover(1).with(82, &LINK);
    let offer = outgoing(rack.relayed(&asking, "10.0.0.1"));
    assert_eq!(offer.reply.yiaddr.octets()[..3], [10, 9, 0]);
    assert_eq!(offer.to, Destination::Relay(ip("10.0.0.1")));
}

#[test]
fn without_a_relay_nobody_chooses_the_network_by_an_option() {
    let mut rack = Rack::primary();
    let asking = Packet::discover(1).with(82, &LINK);
    assert_eq!(outgoing(rack.hears(&asking)).reply.yiaddr.octets()[..3], [10, 0, 0]);
    let wishing = Packet::discover(2).address(50, "10.9.0.150");
    assert_eq!(outgoing(rack.hears(&wishing)).reply.yiaddr.octets()[..3], [10, 0, 0]);
}

#[test]
fn a_relay_of_an_unknown_network_meets_silence() {
    let mut rack = Rack::primary();
    assert_silent(rack.relayed(&Packet::discover(1), "172.16.0.1"), Silence::UnknownNetwork);
    let linking = Packet::discover(1).with(82, &LINK);
    assert_silent(rack.relayed(&linking, "172.16.0.1"), Silence::UnknownRelay);
}

#[test]
fn a_relay_may_stand_in_for_the_server() {
    let mut rack = Rack::primary();
    let offer = reading(rack.relayed(&Packet::discover(1).with(82, &STAND_IN), RELAY));
    assert_eq!(offer.option(54).unwrap(), [10, 9, 0, 1]);
    let address = offer.message.yiaddr().to_string();
    let taking = Packet::selecting(1, RELAY, &address).with(82, &STAND_IN);
    let asking = rack.relayed(&taking, RELAY);
    let ack = rack.commits(asking);
    assert_eq!((ack.kind(), ack.option(54).unwrap()), (ACK, vec![10, 9, 0, 1]));
    let renewing = Packet::renewing(1, &address).address(54, RELAY).with(82, &STAND_IN);
    let asking = rack.relayed(&renewing, RELAY);
    assert_eq!(rack.commits(asking).kind(), ACK);
}

#[test]
fn without_a_relay_nobody_stands_in_for_the_server() {
    let mut rack = Rack::primary();
    let offer = reading(rack.hears(&Packet::discover(1).with(82, &STAND_IN)));
    assert_eq!(offer.option(54).unwrap(), ip(OURS).octets());
}

#[test]
fn of_several_subnets_on_the_wire_the_relays_own_is_first_and_others_follow() {
    let mut rack = Rack::primary();
    rack.vlans[1].subnets.push(subnet(3, "10.8.0.0/24", "10.8.0.100-10.8.0.100"));
    let mut asks = |client| outgoing(rack.relayed(&Packet::discover(client), "10.8.0.1"));
    assert_eq!(asks(1).reply.yiaddr, ip("10.8.0.100"));
    assert_eq!(asks(2).reply.yiaddr.octets()[..3], [10, 9, 0]);
}

#[test]
fn a_renewal_through_a_relay_is_committed_on_its_vlan() {
    let mut rack = Rack::primary();
    let asking = rack.relayed(&Packet::renewing(1, "10.9.0.150"), RELAY);
    assert_eq!(pending(asking).vlan, RELAYED);
}

#[test]
fn a_relay_that_broadcasts_is_none() {
    let mut rack = Rack::primary();
    let claiming = Packet::discover(1).giaddr(RELAY);
    assert_silent(rack.hears(&claiming), Silence::UnknownRelay);
}

#[test]
fn only_a_host_that_is_no_rack_of_ours_can_be_a_relay() {
    let mut rack = Rack::primary();
    rack.vlans[1].peers[0].server_id = ip("10.9.0.3");
    for relay in ["10.9.0.0", "10.9.0.255", "10.9.0.3"] {
        assert_silent(rack.relayed(&Packet::discover(1), relay), Silence::UnknownRelay);
    }
    let linking = Packet::discover(1).with(82, &LINK);
    assert_silent(rack.relayed(&linking, OURS), Silence::UnknownRelay);
}

#[test]
fn no_relay_speaks_for_a_vlan_the_rack_has_a_wire_in() {
    let mut rack = Rack::primary();
    assert_silent(rack.relayed(&Packet::discover(1), "10.0.0.77"), Silence::UnknownRelay);
    let linking = Packet::discover(1).with(82, &[5, 4, 10, 0, 0, 1]);
    assert_silent(rack.relayed(&linking, RELAY), Silence::UnknownRelay);
}

#[test]
fn of_two_racks_behind_one_stand_in_the_one_whose_offer_is_taken_answers() {
    let taking = Packet::selecting(1, RELAY, "10.9.0.150").with(82, &STAND_IN);
    let mut rack = Rack::secondary();
    assert_silent(rack.relayed(&taking, RELAY), Silence::Left);
    let asking = Packet::discover(1).secs(2).address(50, "10.9.0.150").with(82, &STAND_IN);
    assert_eq!(outgoing(rack.relayed(&asking, RELAY)).reply.yiaddr, ip("10.9.0.150"));
    pending(rack.relayed(&taking, RELAY));
}

#[test]
fn a_request_that_names_the_rack_itself_is_for_it_though_a_relay_stands_in() {
    let mut rack = Rack::primary();
    let taking = Packet::selecting(1, OURS, "10.9.0.150").with(82, &STAND_IN);
    pending(rack.relayed(&taking, RELAY));
}

#[test]
fn what_a_relay_passes_on_every_rack_hears_so_the_secondary_waits_for_its_turn() {
    let mut rack = Rack::secondary();
    for packet in [
        Packet::discover(1),
        Packet::renewing(2, "10.9.0.150"),
        Packet::rebooting(3, "192.168.7.7"),
    ] {
        assert_silent(rack.relayed(&packet, RELAY), Silence::Left);
    }
    let informing = Packet::of(INFORM, 4).ciaddr("10.9.0.150");
    assert_silent(rack.relayed(&informing, RELAY), Silence::OtherServer);
    pending(rack.relayed(&Packet::renewing(2, "10.9.0.150").secs(2), RELAY));
}

#[test]
fn a_client_without_an_address_that_speaks_to_one_rack_alone_is_not_heard() {
    let mut rack = Rack::primary();
    for packet in [
        Packet::discover(1),
        Packet::selecting(2, OURS, "10.0.0.150"),
        Packet::rebooting(3, "192.168.7.7"),
        Packet::bootp(4),
    ] {
        assert_silent(rack.gets(&packet, "10.0.0.77"), Silence::Contradiction);
    }
    let discover = Packet::discover(5).ciaddr("10.0.0.77");
    assert_silent(rack.gets(&discover, "10.0.0.77"), Silence::Contradiction);
}

#[test]
fn a_refusal_goes_to_a_client_behind_routers_where_no_broadcast_gets_to() {
    let mut rack = Rack::primary();
    let asked = pending(rack.gets(&Packet::renewing(1, "10.9.0.150"), "10.9.0.150"));
    let owned = Refusal::Owned { until: ClusterTime(9) };
    let nak = reading(rack.concludes(&asked, Verdict::Refused(owned)));
    assert_eq!((nak.kind(), nak.outgoing.to), (NAK, Destination::Client(ip("10.9.0.150"))));
    let asked = pending(rack.gets(&Packet::renewing(1, "10.0.0.150"), "10.0.0.150"));
    let nak = reading(rack.concludes(&asked, Verdict::Refused(owned)));
    assert_eq!((nak.kind(), nak.outgoing.to), (NAK, Destination::Broadcast));
}
