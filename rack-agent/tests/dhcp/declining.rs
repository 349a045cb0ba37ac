//! Addresses that come back: RELEASE (rule R5) and DECLINE (rule R15).

use crate::packet::{DECLINE, Packet, RELEASE, ip};
use crate::rack::{OURS, PEER, Rack, VLAN, assert_silent, client, outgoing, reading};
use regent_core::rack_view::lease::Standing;
use regent_rack_agent::dhcp::action::{Action, Conflict, Return, Silence};
use regent_rack_agent::dhcp::arrival::Cast;
use regent_rack_agent::dhcp::book::Alarm;
use regent_rack_agent::dhcp::exchange::give_back::released;

fn declining(number: u8, address: &str) -> Packet {
    Packet::of(DECLINE, number).address(54, OURS).address(50, address)
}

fn releasing(number: u8, address: &str) -> Packet {
    Packet::of(RELEASE, number).address(54, OURS).ciaddr(address)
}

#[test]
fn what_a_client_gives_back_goes_to_the_region() {
    let mut rack = Rack::primary();
    let address = rack.binds(1);
    let action = rack.gets(&releasing(1, &address.to_string()), &address.to_string());
    assert_eq!(action, Action::Release(Return { vlan: VLAN, address, client: client(1) }));
}

#[test]
fn a_client_gives_back_only_what_it_has() {
    let mut rack = Rack::primary();
    let address = rack.binds(1).to_string();
    rack.learns("10.0.0.150", 2, Standing::Held);
    for (number, other) in [(2, address.as_str()), (1, "10.0.0.150"), (1, "10.0.0.199")] {
        if other != address || number != 1 {
            assert_silent(rack.gets(&releasing(number, other), other), Silence::NotOwner);
        }
    }
    let nothing = Packet::of(RELEASE, 1).address(54, OURS).address(50, &address);
    assert_silent(rack.hears(&nothing), Silence::Contradiction);
    let elsewhere = Packet::of(RELEASE, 1).address(54, PEER).ciaddr(&address);
    assert_silent(rack.gets(&elsewhere, &address), Silence::OtherServer);
}

#[test]
fn nobody_gives_an_address_back_from_elsewhere() {
    let mut rack = Rack::primary();
    let address = rack.binds(1).to_string();
    let release = releasing(1, &address);
    assert_silent(rack.gets(&release, "10.0.0.77"), Silence::Contradiction);
    let forged = rack.receives(&release, "10.0.0.77", Cast::Broadcast);
    assert_silent(forged, Silence::Contradiction);
    assert_silent(rack.relayed(&release, "10.9.0.1"), Silence::NotOwner);
    assert!(matches!(rack.gets(&release, &address), Action::Release(_)));
}

#[test]
fn a_declined_address_is_reported_and_offered_to_nobody_for_a_day() {
    let mut rack = Rack::primary();
    let address = rack.binds(1);
    let action = rack.hears(&declining(1, &address.to_string()));
    let by = Some(client(1));
    assert_eq!(action, Action::Decline(Conflict { vlan: VLAN, address, client: by }));
    let wish = |number| Packet::discover(number).address(50, &address.to_string());
    rack.passes(23 * 3_600_000);
    assert_ne!(reading(rack.hears(&wish(1))).message.yiaddr(), address);
    rack.passes(3_600_000);
    assert_eq!(outgoing(rack.hears(&wish(2))).reply.yiaddr, address);
}

#[test]
fn only_the_client_it_was_acknowledged_to_declines_it_and_only_within_a_minute() {
    let mut rack = Rack::primary();
    let address = rack.binds(1).to_string();
    assert_silent(rack.hears(&declining(2, &address)), Silence::NotOwner);
    assert_silent(rack.hears(&declining(1, "10.9.0.150")), Silence::NotOwner);
    rack.passes(60_000);
    assert_silent(rack.hears(&declining(1, &address)), Silence::NotOwner);
}

#[test]
fn it_is_declined_to_the_server_that_gave_it() {
    let mut rack = Rack::primary();
    let address = rack.binds(1).to_string();
    let unnamed = Packet::of(DECLINE, 1).address(50, &address);
    assert_silent(rack.hears(&unnamed), Silence::OtherServer);
    assert_silent(rack.hears(&unnamed.address(54, PEER)), Silence::OtherServer);
    let nothing = Packet::of(DECLINE, 1).address(54, OURS);
    assert_silent(rack.hears(&nothing), Silence::Contradiction);
}

#[test]
fn one_client_declines_three_addresses_a_minute() {
    let mut rack = Rack::primary();
    for round in 0..4 {
        rack.passes(4_000);
        let address = rack.binds(1).to_string();
        let action = rack.hears(&declining(1, &address));
        if round < 3 {
            assert!(matches!(action, Action::Decline(_)), "{round}");
        } else {
            assert_silent(action, Silence::TooManyDeclines);
        }
    }
}

#[test]
fn a_client_whose_decline_is_not_heeded_gets_another_address_all_the_same() {
    let mut rack = Rack::primary();
    for _ in 0..3 {
        let address = rack.binds(1).to_string();
        rack.hears(&declining(1, &address));
    }
    let address = rack.binds(1);
    assert_silent(rack.hears(&declining(1, &address.to_string())), Silence::TooManyDeclines);
    assert_ne!(reading(rack.hears(&Packet::discover(1))).message.yiaddr(), address);
}

#[test]
fn a_client_may_name_the_missing_rack_whose_offer_it_took() {
    let mut rack = Rack::primary();
    let address = rack.binds(1);
    let naming = Packet::of(DECLINE, 1).address(54, PEER).address(50, &address.to_string());
    assert_silent(rack.hears(&naming), Silence::OtherServer);
    rack.own().peers[0].missed_heartbeats = 3;
    assert!(matches!(rack.hears(&naming), Action::Decline(_)));
}

#[test]
fn a_client_that_declines_now_and_then_is_heard() {
    let mut rack = Rack::primary();
    for round in 0..5 {
        rack.passes(40_000);
        let address = rack.binds(1).to_string();
        let action = rack.hears(&declining(1, &address));
        assert!(matches!(action, Action::Decline(_)), "{round}");
    }
}

#[test]
fn one_in_twenty_addresses_of_a_pool_is_declined_in_an_hour_and_then_there_is_an_alarm() {
    let mut rack = Rack::primary();
    for number in 0..6 {
        assert!(rack.book.alarms.is_empty());
        let address = rack.binds(number).to_string();
        let action = rack.hears(&declining(number, &address));
        if number < 5 {
            assert!(matches!(action, Action::Decline(_)), "{number}");
        } else {
            assert_silent(action, Silence::TooManyDeclines);
        }
    }
    let subnet = rack.own_subnet().id;
    assert!(rack.book.alarms.contains(&Alarm::Declines(subnet)));
    rack.passes(3_600_000);
    let address = rack.binds(7);
    assert_ne!(address, ip("0.0.0.0"));
    assert!(matches!(rack.hears(&declining(7, &address.to_string())), Action::Decline(_)));
}

#[test]
fn what_is_given_back_is_written_down_before_the_region_hears_of_it() {
    let mut rack = Rack::primary();
    let address = rack.binds(1);
    let action = rack.gets(&releasing(1, &address.to_string()), &address.to_string());
    let Action::Release(given) = action else { panic!("{action:?}") };
    let record = released(&given, 77, rack.now, &mut rack.book).unwrap();
    assert_eq!((record.alone_until, record.given_up_in), (None, 77));
    assert!(!record.attests(&client(1), rack.now));
    assert_eq!(rack.book.holdings.at(address), Some(&record));
}

#[test]
fn what_another_client_gives_back_leaves_the_record_alone() {
    let mut rack = Rack::primary();
    let address = rack.binds(1);
    let record = rack.book.holdings.at(address).cloned();
    let given = Return { vlan: VLAN, address, client: client(2) };
    assert_eq!(released(&given, 77, rack.now, &mut rack.book), None);
    assert_eq!(rack.book.holdings.at(address).cloned(), record);
}
