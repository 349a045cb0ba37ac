//! A client that has an address: RENEWING, REBINDING, INIT-REBOOT (RFC 2131 section 4.3.2).

use crate::packet::{Packet, ip};
use crate::rack::{ACK, NAK, OURS, PEER, Rack, STRANGER, VLAN, assert_silent, pending, reading};
use regent_core::rack_view::lease::Standing;
use regent_rack_agent::dhcp::action::{Destination, Silence, Verdict};
use regent_rack_agent::dhcp::arrival::{Arrival, Cast};

#[test]
fn a_renewal_is_committed_and_acknowledged_to_the_client_itself() {
    let mut rack = Rack::primary();
    let address = rack.binds(1).to_string();
    let asking = rack.gets(&Packet::renewing(1, &address), &address);
    let ack = rack.commits(asking);
    assert_eq!((ack.kind(), ack.message.yiaddr()), (ACK, ip(&address)));
    assert_eq!(ack.outgoing.to, Destination::Client(ip(&address)));
}

#[test]
fn a_rebinding_client_may_be_renewed_by_a_rack_that_never_saw_it() {
    let mut rack = Rack::primary();
    let asking = rack.hears(&Packet::renewing(1, "10.0.0.150"));
    assert_eq!(rack.commits(asking).kind(), ACK);
}

#[test]
fn a_renewal_that_names_a_server_is_for_that_server() {
    let mut rack = Rack::primary();
    let naming = |server| Packet::renewing(1, "10.0.0.150").address(54, server);
    pending(rack.gets(&naming(OURS), "10.0.0.150"));
    assert_silent(rack.gets(&naming(PEER), "10.0.0.150"), Silence::OtherServer);
}

#[test]
fn a_client_that_renews_from_behind_a_relay_is_found_by_the_address_it_comes_from() {
    let mut rack = Rack::primary();
    let pending = pending(rack.gets(&Packet::renewing(1, "10.9.0.150"), "10.9.0.150"));
    assert_eq!(pending.vlan, crate::rack::RELAYED);
}

#[test]
fn an_address_that_is_only_claimed_does_not_choose_the_network() {
    let mut rack = Rack::primary();
    let elsewhere = Packet::renewing(1, "10.9.0.150");
    assert_silent(rack.gets(&elsewhere, "10.0.0.7"), Silence::Contradiction);
}

#[test]
fn a_client_that_moved_and_asks_everybody_is_refused_where_it_is_now() {
    let mut rack = Rack::primary();
    let (vlan, source, received) = (VLAN, ip("10.9.0.150"), rack.now);
    let cast = Cast::Broadcast;
    let arrival = Arrival { vlan, source, cast, received, now: received };
    let asking = rack.arrives(&Packet::renewing(1, "10.9.0.150"), &arrival);
    assert_eq!(reading(asking).kind(), NAK);
}

#[test]
fn a_rebooted_client_with_its_own_address_goes_on_with_it() {
    let mut rack = Rack::primary();
    rack.learns("10.0.0.150", 1, Standing::Held);
    let asking = rack.hears(&Packet::rebooting(1, "10.0.0.150"));
    assert_eq!(rack.commits(asking).kind(), ACK);
}

#[test]
fn a_rebooted_client_in_another_network_is_refused() {
    let mut rack = Rack::primary();
    let nak = reading(rack.hears(&Packet::rebooting(1, "192.168.7.7")));
    assert_eq!(nak.kind(), NAK);
    assert_eq!(nak.message.yiaddr(), ip("0.0.0.0"));
}

#[test]
fn a_rebooted_client_nobody_knows_meets_silence() {
    let mut rack = Rack::primary();
    assert_silent(rack.hears(&Packet::rebooting(1, "10.0.0.150")), Silence::UnknownClient);
    rack.learns("10.0.0.151", 2, Standing::Free);
    assert_silent(rack.hears(&Packet::rebooting(1, "10.0.0.151")), Silence::UnknownClient);
}

#[test]
fn a_rebooted_client_with_anothers_address_is_refused_when_the_region_says_so() {
    let mut rack = Rack::primary();
    rack.learns("10.0.0.150", 2, Standing::Held);
    let pending = pending(rack.hears(&Packet::rebooting(1, "10.0.0.150")));
    let until = regent_core::time::ClusterTime(9);
    let owned = regent_core::lease::refusal::Refusal::Owned { until };
    assert_eq!(reading(rack.concludes(&pending, Verdict::Refused(owned))).kind(), NAK);
}

#[test]
fn messages_whose_fields_contradict_each_other_meet_silence() {
    let mut rack = Rack::primary();
    for packet in [
        Packet::of(crate::packet::REQUEST, 1),
        Packet::of(crate::packet::REQUEST, 2).address(54, OURS),
    ] {
        assert_silent(rack.hears(&packet), Silence::Contradiction);
    }
}

#[test]
fn an_offer_of_somebody_elses_server_is_left_to_it() {
    let mut rack = Rack::primary();
    rack.hears(&Packet::discover(1));
    let taking = Packet::selecting(1, STRANGER, "10.0.0.150");
    assert_silent(rack.hears(&taking), Silence::OtherServer);
    assert!(rack.book.offers.is_empty());
}

#[test]
fn an_address_that_is_no_clients_is_neither_acknowledged_nor_refused() {
    let mut rack = Rack::primary();
    rack.keep(9, "10.0.0.20");
    for address in ["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.20", "10.0.0.50", "10.0.0.255"] {
        let taking = Packet::selecting(1, OURS, address);
        assert_silent(rack.hears(&taking), Silence::NotServed);
    }
}
