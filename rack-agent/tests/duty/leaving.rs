//! A rack leaves its region: nothing of what it held is left there to run out, and nothing it gave is forgotten.

use crate::packet::mac;
use crate::region::{EAST, UPPER};
use crate::rig::{EASTERN, Rig, WESTERN};
use regent_core::lease::binding::Client;
use regent_core::lease::terms::Terms;
use regent_core::net::mac::MacAddr;
use std::net::Ipv4Addr;

/// A rack with a lease the region knows, one it gave alone, and blocks.
fn laden() -> (Rig, [Ipv4Addr; 2]) {
    let mut rig = Rig::serving();
    let known = rig.binds(EASTERN, 1);
    rig.cut(EASTERN);
    let alone = rig.binds(EASTERN, 2);
    assert!(!rig.region.blocks_of(EAST).is_empty());
    (rig, [known, alone])
}

#[test]
fn rack_that_leaves_gives_up_everything_on_its_disk_before_it_tells() {
    let (mut rig, addresses) = laden();
    rig.is_disk_slow = true;
    rig.stations[EASTERN].leave(rig.now);
    rig.steps.clear();
    rig.join(EASTERN);
    assert!(rig.steps.is_empty(), "nothing is told yet");
    rig.is_disk_slow = false;
    rig.settle();
    rig.pass(3);
    let disk = &rig.stations[EASTERN].disk;
    assert!(disk.blocks.is_empty());
    assert!(addresses.iter().all(|address| disk.records[address].alone_until.is_none()));
}

#[test]
fn region_knows_all_a_rack_gave_and_waits_for_none_of_it_once_that_may_go() {
    let (mut rig, addresses) = laden();
    rig.stations[EASTERN].leave(rig.now);
    rig.settle();
    assert!(!rig.stations[EASTERN].duty.has_told_all(), "there is no session");
    rig.join(EASTERN);
    rig.pass(3);
    assert!(rig.stations[EASTERN].duty.has_told_all());
    assert!(rig.region.blocks_of(EAST).is_empty());
    for (address, number) in addresses.into_iter().zip(1..) {
        let binding = &rig.region.lease(address).unwrap().binding;
        assert_eq!(binding.owner, Some(Client::Card(MacAddr(mac(number)))));
        assert!(binding.is_live(rig.region.now), "{address}");
        assert!(binding.autonomy.iter().all(|right| right.until.is_none()), "{address}");
        assert_eq!(rig.renews(WESTERN, number, address).len(), 1, "the other rack goes on");
    }
}

#[test]
fn rack_carries_what_no_other_rack_serves() {
    let (mut rig, addresses) = laden();
    rig.stations[EASTERN].leave(rig.now);
    rig.join(EASTERN);
    let carried = |rig: &Rig| rig.stations[EASTERN].duty.carried().into_keys().collect::<Vec<_>>();
    assert!(carried(&rig).is_empty(), "the other rack has them");
    rig.region.serve(UPPER, &[EAST]);
    rig.told(EASTERN);
    let mut expected = addresses.to_vec();
    expected.sort_unstable();
    assert_eq!(carried(&rig), expected);
    rig.pass(700);
    assert!(carried(&rig).is_empty(), "they are over");
}

#[test]
fn rack_carries_what_it_gave_on_a_vlan_that_nobody_serves_any_more() {
    let (mut rig, addresses) = laden();
    rig.region.serve(UPPER, &[]);
    rig.stations[EASTERN].leave(rig.now);
    rig.join(EASTERN);
    let carried = rig.stations[EASTERN].duty.carried();
    assert!(addresses.iter().all(|address| carried.contains_key(address)), "{carried:?}");
}

#[test]
fn rack_carries_what_the_region_alone_knows_of() {
    let mut rig = Rig::serving();
    let address = rig.binds(WESTERN, 1);
    rig.region.serve(UPPER, &[EAST]);
    rig.told(EASTERN);
    rig.stations[EASTERN].leave(rig.now);
    rig.join(EASTERN);
    let duty = &rig.stations[EASTERN].duty;
    assert!(duty.holdings().at(address).is_none());
    let record = &duty.carried()[&address];
    assert_eq!(record.client, Client::Card(MacAddr(mac(1))));
    assert_eq!(rig.now.until(record.acked_until), Terms::default().life);
}
