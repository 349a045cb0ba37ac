//! An address is tried on the wire before somebody new is offered it (rule R14).

use crate::packet::{Packet, ip};
use crate::rack::{OFFER, Rack, VLAN, assert_silent, outgoing, reading, trial};
use regent_core::rack_view::lease::Standing;
use regent_core::rack_view::vlan::Probing;
use regent_rack_agent::dhcp::action::{Action, Conflict, Found, Probe, Silence};
use regent_rack_agent::dhcp::book::Alarm;
use regent_rack_agent::dhcp::exchange::ahead::{TRIED_AHEAD_MAX, addresses_to_try, tried_ahead};
use regent_rack_agent::dhcp::holding::{Contact, OwnBlock};
use std::net::Ipv4Addr;

fn probing() -> Rack {
    let mut rack = Rack::primary();
    for vlan in &mut rack.vlans {
        vlan.probing = Probing::On;
    }
    rack
}

#[test]
fn an_address_nobody_answers_at_is_offered() {
    let mut rack = probing();
    let trial = trial(rack.hears(&Packet::discover(1)));
    assert_eq!(trial.probe, Probe::Arp);
    let offer = reading(rack.tries(&trial, Found::Nobody));
    assert_eq!((offer.kind(), offer.message.yiaddr()), (OFFER, trial.address));
}

#[test]
fn an_address_that_could_not_be_tried_is_offered_and_does_not_count_as_tried() {
    let mut rack = probing();
    let first = trial(rack.hears(&Packet::discover(1)));
    let offer = reading(rack.tries(&first, Found::Untried));
    assert_eq!((offer.kind(), offer.message.yiaddr()), (OFFER, first.address));
    assert!(rack.book.tried.is_empty());
    let again = trial(rack.hears(&Packet::discover(1)));
    assert_eq!(again.address, first.address);
    rack.passes(4_001);
    assert_silent(rack.tries(&again, Found::Untried), Silence::Late);
}

#[test]
fn an_address_that_could_not_be_tried_ahead_is_tried_again() {
    let mut rack = probing();
    let view = rack.view();
    let vlan = view.vlan(VLAN).unwrap();
    let addresses = addresses_to_try(vlan, &rack.book, rack.now);
    tried_ahead(vlan, addresses[0], Found::Untried, rack.now, &mut rack.book);
    assert_eq!(addresses_to_try(vlan, &rack.book, rack.now), addresses);
}

#[test]
fn an_address_somebody_answers_at_is_reported_and_another_one_is_tried_next() {
    let mut rack = probing();
    let first = trial(rack.hears(&Packet::discover(1)));
    let conflict = Conflict { vlan: VLAN, address: first.address, client: None };
    let action = rack.tries(&first, Found::Somebody);
    assert_eq!(action, Action::Decline(conflict));
    let second = trial(rack.hears(&Packet::discover(1)));
    assert_ne!(second.address, first.address);
}

#[test]
fn behind_a_relay_addresses_are_tried_by_echo() {
    let mut rack = probing();
    let trial = trial(rack.relayed(&Packet::discover(1), "10.9.0.1"));
    assert_eq!(trial.probe, Probe::Echo);
}

#[test]
fn a_client_that_had_the_address_last_does_not_wait() {
    let mut rack = probing();
    rack.learns("10.0.0.150", 1, Standing::Free);
    assert_eq!(outgoing(rack.hears(&Packet::discover(1))).reply.yiaddr, ip("10.0.0.150"));
}

#[test]
fn an_address_tried_within_half_a_minute_is_offered_at_once() {
    let mut rack = probing();
    rack.book.tried.put(ip("10.0.0.150"), (), rack.now);
    let wish = Packet::discover(1).address(50, "10.0.0.150");
    rack.passes(29_999);
    assert_eq!(reading(rack.hears(&wish)).kind(), OFFER);
    rack.passes(1);
    trial(rack.hears(&wish));
}

#[test]
fn a_trial_that_took_too_long_sends_nothing() {
    let mut rack = probing();
    let trial = trial(rack.hears(&Packet::discover(1)));
    rack.passes(4_001);
    assert_silent(rack.tries(&trial, Found::Nobody), Silence::Late);
}

#[test]
fn somebody_who_answers_for_every_address_cannot_take_the_pool() {
    let mut rack = probing();
    for client in 0..5 {
        let trial = trial(rack.hears(&Packet::discover(client)));
        assert!(matches!(rack.tries(&trial, Found::Somebody), Action::Decline(_)));
    }
    assert!(rack.book.alarms.is_empty());
    let sixth = trial(rack.hears(&Packet::discover(9)));
    assert_silent(rack.tries(&sixth, Found::Somebody), Silence::TooManyDeclines);
    assert!(rack.book.alarms.contains(&Alarm::Declines(regent_core::id::SubnetId(1))));
    assert_eq!(rack.book.occupied.len(), 5);
    let wish = Packet::discover(9).address(50, &sixth.address.to_string());
    assert_ne!(trial(rack.hears(&wish)).address, sixth.address, "it gets another one meanwhile");
    rack.passes(60_000);
    assert_eq!(trial(rack.hears(&wish)).address, sixth.address);
}

#[test]
fn nor_can_he_by_answering_before_anybody_asks() {
    let mut rack = probing();
    let view = rack.view();
    let vlan = view.vlan(VLAN).unwrap();
    for last in 100..120 {
        let address = Ipv4Addr::new(10, 0, 0, last);
        tried_ahead(vlan, address, Found::Somebody, rack.now, &mut rack.book);
    }
    assert_eq!(rack.book.occupied.len(), 5);
    assert!(rack.book.alarms.contains(&Alarm::Declines(regent_core::id::SubnetId(1))));
}

#[test]
fn some_free_addresses_are_tried_before_anybody_asks() {
    let mut rack = probing();
    rack.learns("10.0.0.100", 9, Standing::Held);
    let view = rack.view();
    let vlan = view.vlan(VLAN).unwrap();
    let addresses = addresses_to_try(vlan, &rack.book, rack.now);
    assert_eq!(addresses.len(), TRIED_AHEAD_MAX);
    assert!(!addresses.contains(&ip("10.0.0.100")));
    for address in &addresses {
        tried_ahead(vlan, *address, Found::Nobody, rack.now, &mut rack.book);
    }
    assert!(addresses_to_try(vlan, &rack.book, rack.now).is_empty());
    let offered = outgoing(rack.hears(&Packet::discover(1))).reply.yiaddr;
    assert!(addresses.contains(&offered));
    assert_eq!(addresses_to_try(vlan, &rack.book, rack.now).len(), 1);
}

#[test]
fn an_address_found_in_use_ahead_is_reported_and_not_tried_again() {
    let mut rack = probing();
    rack.own_subnet().ranges = vec!["10.0.0.150-10.0.0.150".parse().unwrap()];
    let (view, address) = (rack.view(), ip("10.0.0.150"));
    let vlan = view.vlan(VLAN).unwrap();
    let action = tried_ahead(vlan, address, Found::Somebody, rack.now, &mut rack.book);
    assert_eq!(action, Action::Decline(Conflict { vlan: VLAN, address, client: None }));
    assert!(addresses_to_try(vlan, &rack.book, rack.now).is_empty());
}

#[test]
fn nothing_is_tried_ahead_where_nothing_is_tried() {
    let mut rack = probing();
    rack.own().probing = Probing::Off;
    let view = rack.view();
    assert!(addresses_to_try(view.vlan(VLAN).unwrap(), &rack.book, rack.now).is_empty());
}

#[test]
fn addresses_of_the_block_are_tried_ahead_while_the_region_is_away_and_no_others() {
    let mut rack = probing();
    let deadline = rack.now.after(crate::rack::HOUR);
    let range = "10.0.0.190-10.0.0.191".parse().unwrap();
    rack.book.holdings.blocks.push(OwnBlock { range, deadline });
    let view = rack.view();
    let vlan = view.vlan(VLAN).unwrap();
    let block = [ip("10.0.0.190"), ip("10.0.0.191")];
    let in_quorum = addresses_to_try(vlan, &rack.book, rack.now);
    assert!(in_quorum.iter().all(|address| !block.contains(address)));
    rack.book.contact = Contact::CutOff;
    let mut alone = addresses_to_try(vlan, &rack.book, rack.now);
    alone.sort_unstable();
    assert_eq!(alone, block);
}

#[test]
fn what_is_kept_for_a_client_or_lies_in_another_racks_block_is_not_tried_ahead() {
    let mut rack = probing();
    rack.own_subnet().ranges = vec!["10.0.0.150-10.0.0.152".parse().unwrap()];
    rack.own_subnet().foreign_blocks = vec!["10.0.0.151-10.0.0.151".parse().unwrap()];
    rack.keep(1, "10.0.0.152");
    let view = rack.view();
    let addresses = addresses_to_try(view.vlan(VLAN).unwrap(), &rack.book, rack.now);
    assert_eq!(addresses, [ip("10.0.0.150")]);
}
