//! One hardware address on two VLANs is two clients: cards of a bond share it, and somebody who borrows it on one VLAN
//! must not be in the way of its owner on another.

use crate::packet::{DECLINE, Packet, ip};
use crate::rack::{
    ACK, OFFER, OURS, RELAYED, Rack, VLAN, assert_silent, client, outgoing, reading,
};
use regent_core::net::mac::MacAddr;
use regent_rack_agent::dhcp::action::{Action, Silence};
use regent_rack_agent::dhcp::client_at::ClientAt;
use regent_rack_agent::dhcp::holding::{ADDRESSES_OF_CLIENT_MAX, Holdings};
use regent_rack_agent::dhcp::recent::bucket::BURST_MESSAGES_MAX;
use regent_rack_agent::dhcp::recent::decline::DECLINES_OF_CLIENT_MAX;
use regent_rack_agent::lease::rack_time::RackTime;
use regent_rack_agent::lease::record::Record;
use std::net::Ipv4Addr;

const RELAY: &str = "10.9.0.1";

/// Client 1 has an address of VLAN 2.
fn binds_behind_the_relay(rack: &mut Rack) -> Ipv4Addr {
    let offer = outgoing(rack.relayed(&Packet::discover(1), RELAY));
    let address = offer.reply.yiaddr;
    let taking = Packet::selecting(1, OURS, &address.to_string());
    let asking = rack.relayed(&taking, RELAY);
    assert_eq!(rack.commits(asking).kind(), ACK);
    address
}

#[test]
fn an_offer_on_one_vlan_leaves_that_on_another_in_force() {
    let mut rack = Rack::primary();
    let wish = Packet::discover(1).address(50, "10.0.0.150");
    assert_eq!(outgoing(rack.hears(&wish)).reply.yiaddr, ip("10.0.0.150"));
    let elsewhere = outgoing(rack.relayed(&Packet::discover(1), RELAY)).reply.yiaddr;
    let at = |vlan| ClientAt { vlan, client: client(1) };
    assert_eq!(rack.book.offers.of(&at(VLAN), rack.now), Some(ip("10.0.0.150")));
    assert_eq!(rack.book.offers.of(&at(RELAYED), rack.now), Some(elsewhere));
}

#[test]
fn who_asks_too_often_on_one_vlan_is_heard_on_another() {
    let mut rack = Rack::primary();
    for _ in 0..BURST_MESSAGES_MAX {
        rack.relayed(&Packet::discover(1), RELAY);
    }
    assert_silent(rack.relayed(&Packet::discover(1), RELAY), Silence::TooOften);
    assert_eq!(reading(rack.hears(&Packet::discover(1))).kind(), OFFER);
}

#[test]
fn an_exchange_seen_on_one_vlan_is_new_on_another() {
    let mut rack = Rack::secondary();
    assert_silent(rack.relayed(&Packet::discover(1), RELAY), Silence::Left);
    rack.passes(1_500);
    assert_silent(rack.hears(&Packet::discover(1)), Silence::Left);
}

#[test]
fn each_vlan_gives_the_client_back_the_address_it_had_there() {
    let mut rack = Rack::primary();
    let asking = rack.hears(&Packet::selecting(1, OURS, "10.0.0.150"));
    rack.commits(asking);
    let behind = binds_behind_the_relay(&mut rack);
    assert_eq!(outgoing(rack.hears(&Packet::discover(1))).reply.yiaddr, ip("10.0.0.150"));
    let again = outgoing(rack.relayed(&Packet::discover(1).address(50, "10.9.0.111"), RELAY));
    assert_eq!(again.reply.yiaddr, behind);
}

#[test]
fn declines_on_one_vlan_do_not_count_on_another() {
    let mut rack = Rack::primary();
    let declining = |address: Ipv4Addr| {
        Packet::of(DECLINE, 1).address(54, OURS).address(50, &address.to_string())
    };
    for _ in 0..DECLINES_OF_CLIENT_MAX {
        let address = binds_behind_the_relay(&mut rack);
        assert!(matches!(rack.relayed(&declining(address), RELAY), Action::Decline(_)));
    }
    let address = rack.binds(1);
    assert!(matches!(rack.hears(&declining(address)), Action::Decline(_)));
}

#[test]
fn of_one_client_the_last_addresses_are_found_and_all_are_held() {
    let mut holdings = Holdings::default();
    let count = u32::try_from(ADDRESSES_OF_CLIENT_MAX).unwrap() + 1;
    let client = regent_core::lease::binding::Client::Card(MacAddr([2, 0, 0, 0, 0, 1]));
    let life = regent_core::time::Millis(9);
    for number in 0..count {
        let record = Record::acked_alone(None, &client, life, RackTime(0));
        holdings.put(Ipv4Addr::from(number), record);
    }
    let found: Vec<_> = holdings.of(&client).map(u32::from).collect();
    assert_eq!(found, (1..count).rev().collect::<Vec<_>>());
    assert!(holdings.is_last_of(Ipv4Addr::from(0), &client));
    for number in 0..count {
        holdings.remove(Ipv4Addr::from(number));
    }
    assert_eq!(holdings.of(&client).next(), None);
}
