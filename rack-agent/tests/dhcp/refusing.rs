//! When a client is refused (rule R13).

use crate::packet::{Packet, ip};
use crate::rack::{NAK, OURS, Rack, assert_silent, other_server, outgoing, pending, reading};
use regent_core::lease::refusal::Refusal;
use regent_core::rack_view::lease::Standing;
use regent_core::time::ClusterTime;
use regent_rack_agent::dhcp::action::{Action, Destination, Silence, Verdict};
use regent_rack_agent::dhcp::holding::Contact;
use std::net::Ipv4Addr;

const UNTIL: ClusterTime = ClusterTime(77);

fn refused(packet: &Packet, refusal: Refusal) -> Action {
    let mut rack = Rack::primary();
    rack.learns("10.0.0.150", 1, Standing::Free);
    let pending = pending(rack.hears(packet));
    rack.concludes(&pending, Verdict::Refused(refusal))
}

fn taking() -> Packet {
    Packet::selecting(1, OURS, "10.0.0.150")
}

fn renewing() -> Packet {
    Packet::renewing(1, "10.0.0.150")
}

#[test]
fn a_client_is_refused_when_the_region_says_that_the_address_is_not_its_own() {
    for refusal in [
        Refusal::Owned { until: UNTIL },
        Refusal::Declined { until: UNTIL },
        Refusal::Ended { until: UNTIL },
        Refusal::Reserved,
    ] {
        for packet in [taking(), renewing(), Packet::rebooting(1, "10.0.0.150")] {
            assert_eq!(reading(refused(&packet, refusal)).kind(), NAK, "{refusal}");
        }
    }
}

#[test]
fn a_client_that_takes_an_offer_nobody_can_keep_begins_anew_and_one_that_has_the_address_is_left_alone()
 {
    for refusal in [
        Refusal::Resting { until: UNTIL },
        Refusal::InBlock { server: other_server(), until: UNTIL },
        Refusal::Quarantined { until: UNTIL },
        Refusal::Closed { until: UNTIL },
    ] {
        assert_eq!(reading(refused(&taking(), refusal)).kind(), NAK, "{refusal}");
        let named = renewing().address(54, OURS);
        for packet in [renewing(), named, Packet::rebooting(1, "10.0.0.150")] {
            assert_silent(refused(&packet, refusal), Silence::Refused(refusal));
        }
    }
}

#[test]
fn a_client_meets_silence_when_the_reason_may_pass() {
    for refusal in [
        Refusal::Outdated { number: 1, heard: 2 },
        Refusal::Late { as_of: UNTIL },
        Refusal::RenewedSince { server: other_server() },
        Refusal::NotOwner,
        Refusal::NotDelegated,
        Refusal::Life,
    ] {
        assert_silent(refused(&taking(), refusal), Silence::Refused(refusal));
    }
}

#[test]
fn a_rack_that_is_cut_off_refuses_nobody() {
    let mut rack = Rack::primary();
    for contact in [Contact::CutOff, Contact::Distrusted] {
        rack.book.contact = contact;
        assert_silent(rack.hears(&Packet::rebooting(1, "192.168.7.7")), Silence::NoRight);
    }
}

#[test]
fn a_refusal_is_broadcast_with_the_servers_name_and_nothing_else() {
    let mut rack = Rack::primary();
    let nak = outgoing(rack.hears(&Packet::rebooting(1, "192.168.7.7").with(61, &[1, 2])));
    assert_eq!(nak.to, Destination::Broadcast);
    assert_eq!(nak.reply.options.keys().copied().collect::<Vec<_>>(), [54, 61]);
    assert_eq!((nak.reply.ciaddr, nak.reply.siaddr), (ip("0.0.0.0"), ip("0.0.0.0")));
}

#[test]
fn a_refusal_through_a_relay_tells_the_relay_to_broadcast_it() {
    let mut rack = Rack::primary();
    let nak = outgoing(rack.relayed(&Packet::rebooting(1, "192.168.7.7"), "10.9.0.1"));
    assert_eq!(nak.to, Destination::Relay(ip("10.9.0.1")));
    assert!(nak.reply.broadcast);
}

#[test]
fn a_refused_address_is_not_offered_again_at_once() {
    let mut rack = Rack::primary();
    let offer = reading(rack.hears(&Packet::discover(1))).message.yiaddr();
    let pending = pending(rack.hears(&Packet::selecting(1, OURS, &offer.to_string())));
    rack.concludes(&pending, Verdict::Refused(Refusal::Resting { until: UNTIL }));
    assert_ne!(reading(rack.hears(&Packet::discover(1))).message.yiaddr(), offer);
}

#[test]
fn who_asks_for_anothers_address_does_not_take_it_from_its_owner() {
    let mut rack = Rack::primary();
    rack.learns("10.0.0.150", 1, Standing::Held);
    let pending = pending(rack.hears(&Packet::selecting(2, OURS, "10.0.0.150")));
    rack.concludes(&pending, Verdict::Refused(Refusal::Owned { until: UNTIL }));
    assert_eq!(reading(rack.hears(&Packet::discover(1))).message.yiaddr(), ip("10.0.0.150"));
}

/// What a client is offered after the region refused an address to client 1.
fn offered_after_a_refusal(rack: &mut Rack, number: u8) -> Ipv4Addr {
    let pending = pending(rack.hears(&Packet::selecting(1, OURS, "10.0.0.150")));
    rack.concludes(&pending, Verdict::Refused(Refusal::Resting { until: UNTIL }));
    let wish = Packet::discover(number).address(50, "10.0.0.150");
    reading(rack.hears(&wish)).message.yiaddr()
}

#[test]
fn what_a_client_was_refused_it_is_not_offered_though_it_had_it_last() {
    let mut rack = Rack::primary();
    rack.learns("10.0.0.150", 1, Standing::Free);
    assert_ne!(offered_after_a_refusal(&mut rack, 1), ip("10.0.0.150"));
}

#[test]
fn what_one_client_was_refused_no_other_is_offered_for_a_minute() {
    let mut rack = Rack::primary();
    assert_ne!(offered_after_a_refusal(&mut rack, 2), ip("10.0.0.150"));
    rack.passes(60_000);
    let wish = Packet::discover(3).address(50, "10.0.0.150");
    assert_eq!(reading(rack.hears(&wish)).message.yiaddr(), ip("10.0.0.150"));
}
