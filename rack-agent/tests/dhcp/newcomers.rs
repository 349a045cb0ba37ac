//! Clients nobody knows are heard at a bounded rate, others always.

use crate::packet::{Packet, ip};
use crate::rack::{OURS, RELAYED, Rack, VLAN, assert_silent, client, pending};
use regent_core::rack_view::lease::Standing;
use regent_rack_agent::dhcp::action::{Action, Silence};
use regent_rack_agent::dhcp::book::Alarm;
use regent_rack_agent::newcomer_limit::{AT_ONCE, PER_SECOND};

/// Time after which one more is heard, in milliseconds.
const PAUSE_MILLIS: u64 = 1000 / PER_SECOND as u64;

/// A primary with room for everybody, on which as many new clients were heard as are at once.
fn beset() -> Rack {
    let mut rack = Rack::primary();
    rack.own_subnet().cidr = "10.0.0.0/16".parse().unwrap();
    rack.own_subnet().ranges = vec!["10.0.1.0-10.0.255.250".parse().unwrap()];
    while rack.book.newcomers.admit(VLAN, rack.now) {}
    rack
}

/// A client made up by somebody.
fn made_up(packet: Packet, number: u64) -> Packet {
    let [.., high, low] = number.to_be_bytes();
    packet.field(31, &[high, low])
}

#[test]
fn so_many_new_clients_are_heard_at_once_and_one_more_every_moment() {
    let mut rack = beset();
    rack.passes(u64::from(AT_ONCE) * PAUSE_MILLIS);
    for number in 0..u64::from(AT_ONCE) {
        let action = rack.hears(&made_up(Packet::discover(7), number));
        assert!(matches!(action, Action::Send(_)), "{number}");
    }
    assert!(rack.book.alarms.is_empty());
    let another = made_up(Packet::discover(7), AT_ONCE.into());
    assert_silent(rack.hears(&another), Silence::TooManyNewcomers);
    assert!(rack.book.alarms.contains(&Alarm::Newcomers(VLAN)));
    rack.passes(PAUSE_MILLIS);
    assert!(matches!(rack.hears(&another), Action::Send(_)));
}

#[test]
fn new_clients_are_counted_however_they_ask() {
    for packet in [
        Packet::discover(1),
        Packet::selecting(1, OURS, "10.0.1.50"),
        Packet::renewing(1, "10.0.1.50"),
    ] {
        let mut rack = beset();
        assert_silent(rack.hears(&packet), Silence::TooManyNewcomers);
        rack.passes(PAUSE_MILLIS);
        assert!(!matches!(rack.hears(&packet), Action::Silent(_)));
    }
}

#[test]
fn a_client_that_is_known_is_always_heard() {
    let mut rack = beset();
    rack.learns("10.0.1.51", 1, Standing::Held);
    rack.learns("10.0.1.52", 2, Standing::Free);
    rack.keep(3, "10.0.1.53");
    rack.learns("10.0.1.53", 9, Standing::Held);
    for number in 1..=3 {
        assert!(matches!(rack.hears(&Packet::discover(number)), Action::Send(_)), "{number}");
    }
    pending(rack.gets(&Packet::renewing(1, "10.0.1.51"), "10.0.1.51"));
    assert!(rack.book.alarms.is_empty());
}

#[test]
fn a_client_that_was_offered_an_address_or_given_one_here_is_known() {
    let mut rack = beset();
    rack.passes(PAUSE_MILLIS);
    let address = rack.binds(1).to_string();
    assert_eq!(rack.book.holdings.of(&client(1)).next(), Some(ip(&address)));
    pending(rack.gets(&Packet::renewing(1, &address), &address));
}

#[test]
fn new_clients_of_one_vlan_do_not_count_on_another_nor_does_who_is_known_there() {
    let mut rack = beset();
    assert!(matches!(rack.relayed(&Packet::discover(2), "10.9.0.1"), Action::Send(_)));
    rack.passes(PAUSE_MILLIS);
    rack.binds(1);
    while rack.book.newcomers.admit(RELAYED, rack.now) {}
    let elsewhere = rack.relayed(&Packet::discover(1), "10.9.0.1");
    assert_silent(elsewhere, Silence::TooManyNewcomers);
}
