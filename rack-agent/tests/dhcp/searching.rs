//! A free address is found wherever it is, and no packet costs more than so much.

use crate::packet::{Packet, ip};
use crate::rack::{Rack, VLAN, assert_silent, client_at, outgoing, subnet};
use regent_core::lease::binding::Tenure;
use regent_core::rack_view::lease::{Lease, Standing};
use regent_core::rack_view::vlan::Probing;
use regent_rack_agent::dhcp::action::{Action, Silence};
use regent_rack_agent::dhcp::book::Alarm;
use regent_rack_agent::dhcp::exchange::ahead::addresses_to_try;
use regent_rack_agent::dhcp::exchange::search::{ADDRESSES_LOOKED_MAX, from_place, share};
use regent_rack_agent::dhcp::recent::offer::OFFER_MILLIS_SCARCE;
use regent_rack_agent::dhcp::recent::sweep::SWEEP_SPAN;
use std::net::Ipv4Addr;

const POOL: [Ipv4Addr; 2] = [Ipv4Addr::new(10, 0, 1, 0), Ipv4Addr::new(10, 0, 64, 255)];
/// The pool and the rack's block, of which there is none, are searched.
const FIELDS: usize = 2;

/// A primary with a pool of 16,384 addresses in two ranges. All are taken.
fn full() -> Rack {
    let mut rack = Rack::primary();
    rack.own_subnet().cidr = "10.0.0.0/16".parse().unwrap();
    let ranges = ["10.0.1.0-10.0.48.255", "10.0.49.0-10.0.64.255"];
    rack.own_subnet().ranges = ranges.map(|range| range.parse().unwrap()).into();
    for address in u32::from(POOL[0])..=u32::from(POOL[1]) {
        let (standing, tenure) = (Standing::Held, Tenure::Leased);
        let lease = Lease { client: None, standing, tenure };
        rack.own().leases.put(Ipv4Addr::from(address), lease);
    }
    rack
}

fn packets_for_all() -> u8 {
    let count = usize::try_from(u32::from(POOL[1]) - u32::from(POOL[0]) + 1).unwrap();
    u8::try_from(count.div_ceil(share(FIELDS))).unwrap()
}

#[test]
fn the_one_free_address_of_a_large_pool_is_found_by_going_on_where_the_last_packet_stopped() {
    for free in ["10.0.1.0", "10.0.48.255", "10.0.49.0", "10.0.64.255"] {
        let mut rack = full();
        rack.own().leases.remove(ip(free));
        let offers = (0..=packets_for_all()).map(|number| rack.hears(&Packet::discover(number)));
        let offered: Vec<_> = offers.filter(|action| matches!(action, Action::Send(_))).collect();
        assert_eq!(offered.len(), 1, "{free}");
        assert!(offered.into_iter().all(|offer| outgoing(offer).reply.yiaddr == ip(free)));
    }
}

#[test]
fn the_pool_counts_as_exhausted_when_all_of_it_was_searched() {
    let mut rack = full();
    for number in 1..packets_for_all() {
        assert_silent(rack.hears(&Packet::discover(number)), Silence::NoAddress);
        assert!(rack.book.alarms.is_empty(), "{number}");
    }
    assert_silent(rack.hears(&Packet::discover(200)), Silence::NoAddress);
    assert!(rack.book.alarms.contains(&Alarm::NoAddress(VLAN)));
}

#[test]
fn a_search_that_nobody_went_on_with_begins_anew() {
    let mut rack = full();
    assert_silent(rack.hears(&Packet::discover(1)), Silence::NoAddress);
    rack.passes(SWEEP_SPAN.0);
    for number in 1..packets_for_all() {
        rack.hears(&Packet::discover(number));
    }
    assert!(rack.book.alarms.is_empty());
}

#[test]
fn a_large_subnet_that_is_full_is_not_in_the_way_of_another() {
    let mut rack = full();
    let small = subnet(3, "10.8.0.0/24", "10.8.0.100-10.8.0.100");
    rack.own().subnets.push(small);
    assert_eq!(outgoing(rack.hears(&Packet::discover(1))).reply.yiaddr, ip("10.8.0.100"));
    rack.own().probing = Probing::On;
    rack.book.offers.withdraw(&client_at(1));
    let view = rack.view();
    let addresses = addresses_to_try(view.vlan(VLAN).unwrap(), &rack.book, rack.now);
    assert_eq!(addresses, [ip("10.8.0.100")]);
}

#[test]
fn what_one_packet_costs_is_bounded_however_many_subnets_there_are() {
    assert_eq!(share(1), ADDRESSES_LOOKED_MAX);
    assert!((1..500).all(|fields| fields * share(fields) <= ADDRESSES_LOOKED_MAX));
    assert!(share(0) > 0 && share(usize::MAX) > 0);
}

#[test]
fn addresses_of_ranges_come_from_a_place_on_and_round() {
    let ranges = ["10.0.0.1-10.0.0.2", "10.0.0.5-10.0.0.5", "10.0.0.8-10.0.0.9"];
    let ranges = ranges.map(|range| range.parse().unwrap());
    for (from, last_octets) in [
        (0, [1, 2, 5, 8, 9]),
        (1, [2, 5, 8, 9, 1]),
        (2, [5, 8, 9, 1, 2]),
        (3, [8, 9, 1, 2, 5]),
        (4, [9, 1, 2, 5, 8]),
    ] {
        let found: Vec<_> = from_place(&ranges, from).map(|address| address.octets()[3]).collect();
        assert_eq!(found, last_octets, "{from}");
    }
}

#[test]
fn where_addresses_are_scarce_an_offer_nobody_took_makes_room_sooner() {
    let mut rack = Rack::primary();
    rack.own_subnet().ranges = vec!["10.0.0.100-10.0.0.101".parse().unwrap()];
    let first = outgoing(rack.hears(&Packet::discover(1))).reply.yiaddr;
    rack.passes(1_000);
    rack.hears(&Packet::discover(2));
    rack.passes(OFFER_MILLIS_SCARCE.0 - 1_001);
    assert_silent(rack.hears(&Packet::discover(3)), Silence::NoAddress);
    rack.passes(1);
    assert_eq!(outgoing(rack.hears(&Packet::discover(3))).reply.yiaddr, first);
    assert_eq!(rack.book.offers.of(&client_at(1), rack.now), None);
    assert_silent(rack.hears(&Packet::discover(1)), Silence::NoAddress);
}

#[test]
fn where_there_are_many_an_offer_counts_for_a_minute() {
    let mut rack = Rack::primary();
    rack.own_subnet().ranges = vec!["10.0.0.100-10.0.0.163".parse().unwrap()];
    for number in 0..64 {
        rack.hears(&Packet::discover(number));
    }
    rack.passes(59_999);
    assert_silent(rack.hears(&Packet::discover(200)), Silence::NoAddress);
}
