//! Addresses that are tried: in use or not (rule R14).

use crate::lab::{CLIENT, Lab, RACK};
use regent_rack_agent::clock::sample::now;
use regent_rack_agent::dhcp::action::{Found, Probe};
use regent_rack_agent::duty::event::{Event, ProbeId};
use std::net::Ipv4Addr;

const UNUSED: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 99);
/// Behind the client, which forwards for nobody but itself.
const FAR: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 7);

#[test]
fn arp_finds_who_has_an_address_and_that_nobody_has_another() {
    let Some(lab) = Lab::new("arp_finds_who_has_an_address_and_that_nobody_has_another") else {
        return;
    };
    let lab = lab.with_client_address();
    let mut rack = lab.open();
    assert_eq!(rack.probe(CLIENT, Probe::Arp), Found::Somebody);
    let before = now();
    assert_eq!(rack.probe(UNUSED, Probe::Arp), Found::Nobody);
    assert!(before.until(now()).0 >= 200, "nobody is given time to answer");
}

#[test]
fn the_racks_own_address_is_in_use() {
    let Some(lab) = Lab::new("the_racks_own_address_is_in_use") else { return };
    let mut rack = lab.open();
    assert_eq!(rack.probe(RACK, Probe::Arp), Found::Somebody);
    assert_eq!(rack.probe(RACK, Probe::Echo), Found::Somebody);
}

#[test]
fn an_address_that_the_rack_has_where_no_client_is_counts_as_in_use_too() {
    let name = "an_address_that_the_rack_has_where_no_client_is_counts_as_in_use_too";
    let Some(lab) = Lab::new(name) else { return };
    // A second cable to the same network; the kernel answers there for all addresses of the machine.
    lab.client.ip("link add bridge0 type bridge");
    lab.client.ip("link set client0 master bridge0");
    lab.client.ip("link set bridge0 up");
    lab.client.ip(&format!("link add port1 type veth peer name rack1 netns {}", lab.rack.pid()));
    lab.client.ip("link set port1 master bridge0");
    lab.client.ip("link set port1 up");
    lab.rack.ip("link set rack1 up");
    lab.rack.ip("addr add 192.0.2.77/32 dev lo");
    lab.rack.ip("link set lo up");
    lab.client.wait_until_up("port1");
    lab.client.wait_until_up("bridge0");
    let mut rack = lab.open();
    assert_eq!(rack.probe(Ipv4Addr::new(192, 0, 2, 77), Probe::Arp), Found::Somebody);
}

#[test]
fn an_echo_finds_a_host_behind_a_router_and_that_nobody_is_there() {
    let Some(lab) = Lab::new("an_echo_finds_a_host_behind_a_router_and_that_nobody_is_there")
    else {
        return;
    };
    let lab = lab.with_client_address();
    lab.client.ip("addr add 198.51.100.7/32 dev client0");
    lab.rack.ip("route add 198.51.100.0/24 via 192.0.2.2");
    let mut rack = lab.open();
    assert_eq!(rack.probe(FAR, Probe::Echo), Found::Somebody);
    assert_eq!(rack.probe(Ipv4Addr::new(198, 51, 100, 8), Probe::Echo), Found::Nobody);
    let unrouted = Ipv4Addr::new(203, 0, 113, 9);
    assert_eq!(rack.probe(unrouted, Probe::Echo), Found::Untried);
}

#[test]
fn many_addresses_are_tried_at_once_and_each_has_its_finding() {
    let Some(lab) = Lab::new("many_addresses_are_tried_at_once_and_each_has_its_finding") else {
        return;
    };
    let lab = lab.with_client_address();
    let mut rack = lab.open();
    let wire = rack.wire();
    for last in 2..=201 {
        let address = Ipv4Addr::new(192, 0, 2, last);
        rack.wires.probe(ProbeId(last.into()), wire, address, Probe::Arp).unwrap();
    }
    let mut findings: Vec<(u64, Found)> = (2..=201)
        .map(|_| match rack.next() {
            Event::Tried { id, found } => (id.0, found),
            other => panic!("{other:?}"),
        })
        .collect();
    findings.sort_unstable();
    let finding = |last| (last, if last == 2 { Found::Somebody } else { Found::Nobody });
    assert_eq!(findings, (2..=201).map(finding).collect::<Vec<_>>());
}
