//! Nobody fills the rack's memory, and nobody keeps others from being heard.

use crate::packet::Packet;
use crate::rack::{Rack, VLAN, assert_silent, client_at, reading};
use regent_core::lease::binding::Client;
use regent_core::net::mac::MacAddr;
use regent_core::rack_view::lease::Standing;
use regent_rack_agent::dhcp::action::{Action, Silence};
use regent_rack_agent::dhcp::book::Alarm;
use regent_rack_agent::dhcp::client_at::ClientAt;
use regent_rack_agent::dhcp::recent::bucket::{BURST_MESSAGES_MAX, MESSAGE_MILLIS};
use regent_rack_agent::dhcp::recent::offer::{OFFERS_MAX, Offers};
use regent_rack_agent::lease::rack_time::RackTime;
use std::net::Ipv4Addr;

#[test]
fn a_client_that_asks_too_often_is_not_heard_and_others_are() {
    let mut rack = Rack::primary();
    for _ in 0..BURST_MESSAGES_MAX {
        assert!(matches!(rack.hears(&Packet::discover(1)), Action::Send(_)));
    }
    assert_silent(rack.hears(&Packet::discover(1)), Silence::TooOften);
    assert!(matches!(rack.hears(&Packet::discover(2)), Action::Send(_)));
    rack.passes(MESSAGE_MILLIS);
    assert!(matches!(rack.hears(&Packet::discover(1)), Action::Send(_)));
    assert_silent(rack.hears(&Packet::discover(1)), Silence::TooOften);
}

#[test]
fn an_exhausted_pool_raises_an_alarm() {
    let mut rack = Rack::primary();
    rack.own_subnet().ranges = vec!["10.0.0.100-10.0.0.100".parse().unwrap()];
    rack.hears(&Packet::discover(1));
    assert!(rack.book.alarms.is_empty());
    assert_silent(rack.hears(&Packet::discover(2)), Silence::NoAddress);
    assert!(rack.book.alarms.contains(&Alarm::NoAddress(VLAN)));
}

#[test]
fn offers_are_bounded_and_the_oldest_goes_first() {
    let mut offers = Offers::default();
    let made_up = |number: u32| {
        let [a, b, c, d] = number.to_be_bytes();
        ClientAt { vlan: VLAN, client: Client::Card(MacAddr([2, 9, a, b, c, d])) }
    };
    let count = u32::try_from(OFFERS_MAX).unwrap() + 1;
    for number in 0..count {
        offers.put(&made_up(number), Ipv4Addr::from(number), RackTime(number.into()));
    }
    let now = RackTime(count.into());
    assert_eq!(offers.len(), OFFERS_MAX);
    assert_eq!(offers.of(&made_up(0), now), None);
    assert_eq!(offers.to(Ipv4Addr::from(0), now), None);
    assert_eq!(offers.to(Ipv4Addr::from(1), now), Some(&made_up(1)));
}

#[test]
fn an_address_offered_to_a_second_client_is_not_the_firsts_any_more() {
    let mut offers = Offers::default();
    let (address, now) = (Ipv4Addr::new(10, 0, 0, 9), RackTime(0));
    offers.put(&client_at(1), address, now);
    offers.put(&client_at(2), address, now);
    assert_eq!(offers.of(&client_at(1), now), None);
    assert_eq!(offers.to(address, now), Some(&client_at(2)));
    offers.withdraw(&client_at(1));
    assert_eq!(offers.to(address, now), Some(&client_at(2)));
}

#[test]
fn a_client_holds_one_offer_of_a_vlan_at_a_time() {
    let mut offers = Offers::default();
    let (first, last, now) = (Ipv4Addr::new(10, 0, 0, 9), Ipv4Addr::new(10, 0, 0, 10), RackTime(0));
    offers.put(&client_at(1), first, now);
    offers.put(&client_at(1), last, now);
    assert_eq!((offers.to(first, now), offers.len()), (None, 1));
    assert_eq!(offers.of(&client_at(1), now), Some(last));
}

#[test]
fn one_message_has_one_answer() {
    let answers = [(); 2].map(|()| reading(Rack::primary().hears(&Packet::discover(1))).bytes);
    assert_eq!(answers[0], answers[1]);
}

#[test]
fn an_exhausted_pool_is_searched_once_a_second() {
    let mut rack = Rack::primary();
    rack.own_subnet().ranges = vec!["10.0.0.100-10.0.0.100".parse().unwrap()];
    rack.learns("10.0.0.100", 9, Standing::Held);
    assert_silent(rack.hears(&Packet::discover(1)), Silence::NoAddress);
    rack.learns("10.0.0.100", 9, Standing::Free);
    rack.passes(999);
    assert_silent(rack.hears(&Packet::discover(2)), Silence::NoAddress);
    assert!(matches!(rack.hears(&Packet::discover(9)), Action::Send(_)), "it had it last");
    rack.book.offers.withdraw(&client_at(9));
    rack.passes(1);
    assert!(matches!(rack.hears(&Packet::discover(3)), Action::Send(_)));
}
