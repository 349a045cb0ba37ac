//! Clients while the region answers.

use crate::packet::{Packet, ip};
use crate::region::{EAST, LOWER, UPPER, WEST};
use crate::rig::{EASTERN, Rig, WESTERN, kinds, offered};
use regent_core::command::rack::LeaseStep;
use regent_core::lease::binding::Held;
use regent_core::time::Millis;
use regent_rack_agent::dhcp::arrival::Cast;
use regent_rack_agent::dhcp::book;
use regent_rack_agent::dhcp::message::reply::ReplyKind;
use regent_rack_agent::duty::effect::Alarm;
use regent_rack_agent::duty::event::Event;
use regent_rack_agent::session::NoAnswer;
use std::net::Ipv4Addr;

#[test]
fn client_hears_of_its_lease_when_the_region_has_committed_it_and_the_disk_has_it() {
    let mut rig = Rig::serving();
    let offer = rig.hears_packet(EASTERN, &Packet::discover(1));
    let address = offered(&offer);
    assert!(rig.region.lease(address).is_none(), "an offer is no promise");
    (rig.is_region_silent, rig.is_disk_slow) = (true, true);
    assert!(rig.takes(EASTERN, 1, address).is_empty());
    rig.is_region_silent = false;
    rig.settle();
    assert!(rig.region.lease(address).is_some());
    assert!(rig.take_sent().is_empty(), "the record is not on disk");
    rig.is_disk_slow = false;
    rig.settle();
    assert!(rig.stations[EASTERN].disk.records.contains_key(&address));
    assert_eq!(kinds(&rig.take_sent()), [ReplyKind::Ack]);
}

#[test]
fn lease_is_renewed_at_either_rack() {
    let mut rig = Rig::serving();
    let address = rig.binds(EASTERN, 1);
    rig.pass(300);
    assert_eq!(kinds(&rig.renews(WESTERN, 1, address)), [ReplyKind::Ack]);
    let lease = rig.region.lease(address).unwrap();
    assert_eq!(lease.rack, Some(WEST));
    assert_eq!(lease.binding.autonomy.len(), 2, "both may renew it alone");
}

#[test]
fn many_clients_that_ask_at_once_are_asked_for_in_one_question() {
    let mut rig = Rig::serving();
    let offers: Vec<Ipv4Addr> = (1..=8)
        .map(|client| offered(&rig.hears_packet(EASTERN, &Packet::discover(client))))
        .collect();
    rig.is_region_silent = true;
    for (client, address) in (1..=8).zip(&offers) {
        rig.takes(EASTERN, client, *address);
    }
    assert_eq!(rig.questions.len(), 1, "one is open at a time");
    rig.is_region_silent = false;
    rig.settle();
    let commits = rig.steps.iter().filter(|step| matches!(step, LeaseStep::Commit { .. }));
    assert_eq!(commits.count(), 8);
    assert_eq!(rig.take_sent().len(), 8);
}

#[test]
fn each_vlan_is_served_at_its_own_wire_by_the_address_there() {
    let mut rig = Rig::serving();
    let from = (Ipv4Addr::UNSPECIFIED, Cast::Broadcast);
    let offer = rig.receives(EASTERN, 1, &Packet::discover(1), from);
    assert_eq!(offered(&offer).octets()[..3], [10, 0, 1]);
    assert_eq!(offer[0].reply.options[&54], rig.stations[EASTERN].address_at(1).octets());
    let beat = rig.beats.pop().unwrap();
    let served: Vec<_> = beat.vlans.iter().map(|vlan| (vlan.vlan, vlan.server_id)).collect();
    assert_eq!(served, [(UPPER, Some(ip("10.0.0.3"))), (LOWER, Some(ip("10.0.1.3")))]);
    assert!(beat.vlans.iter().all(|vlan| vlan.trouble.is_none()));
}

#[test]
fn client_that_finds_no_free_address_gets_silence_and_an_operator_hears_of_it() {
    let mut rig = Rig::serving();
    let mut bound = 0;
    for client in 1..=30 {
        rig.pass(2);
        let offer = rig.hears_packet(EASTERN, &Packet::discover(client));
        if let [offer] = offer.as_slice() {
            let address = offer.reply.yiaddr;
            bound += rig.takes(EASTERN, client, address).len();
        }
    }
    rig.pass(2);
    assert!((16..=20).contains(&bound), "{bound} of 20, of which 4 are in a block");
    assert!(rig.alarms.contains(&Alarm::Dhcp(book::Alarm::NoAddress(UPPER))), "{:?}", rig.alarms);
    assert_eq!(rig.alarms.len(), 1, "it is raised once");
}

#[test]
fn what_the_region_surely_did_not_do_is_asked_again_while_the_client_waits() {
    let mut rig = Rig::serving();
    let address = offered(&rig.hears_packet(EASTERN, &Packet::discover(1)));
    rig.failure = Some(NoAnswer::NotDone);
    assert!(rig.takes(EASTERN, 1, address).is_empty());
    rig.failure = None;
    rig.pass(1);
    assert_eq!(kinds(&rig.take_sent()), [ReplyKind::Ack]);
}

#[test]
fn client_that_has_waited_for_more_than_4_s_is_not_acknowledged() {
    let mut rig = Rig::serving();
    let address = offered(&rig.hears_packet(EASTERN, &Packet::discover(1)));
    rig.is_disk_slow = true;
    rig.takes(EASTERN, 1, address);
    rig.pass(5);
    rig.is_disk_slow = false;
    rig.settle();
    assert!(rig.region.lease(address).is_some());
    assert!(rig.take_sent().is_empty());
}

#[test]
fn address_its_client_gave_back_is_no_right_of_the_rack_before_the_region_hears() {
    let mut rig = Rig::serving();
    let address = rig.binds(EASTERN, 1);
    rig.is_disk_slow = true;
    let server = rig.stations[EASTERN].address_at(0).to_string();
    let text = address.to_string();
    let release = Packet::of(7, 1).address(54, &server).ciaddr(&text);
    rig.gets_packet(EASTERN, &release, &text);
    assert_eq!(rig.region.lease(address).unwrap().binding.held, Held::Bound);
    rig.is_disk_slow = false;
    rig.settle();
    let record = &rig.stations[EASTERN].disk.records[&address];
    assert!(record.alone_until.is_none() && record.acked_until <= rig.now);
    let binding = &rig.region.lease(address).unwrap().binding;
    assert_eq!((binding.held, binding.autonomy[0].until), (Held::Released, None));
}

#[test]
fn release_that_was_not_done_is_told_under_another_number_and_the_waiver_after_it() {
    let mut rig = Rig::serving();
    let address = rig.binds(EASTERN, 1);
    let server = rig.stations[EASTERN].address_at(0).to_string();
    let text = address.to_string();
    rig.steps.clear();
    rig.failure = Some(NoAnswer::NotDone);
    rig.gets_packet(EASTERN, &Packet::of(7, 1).address(54, &server).ciaddr(&text), &text);
    rig.failure = None;
    rig.pass(3);
    let number = |step: &LeaseStep| match step {
        LeaseStep::Release { number, .. } => Some(*number),
        _ => None,
    };
    let numbers: Vec<u64> = rig.steps.iter().filter_map(number).collect();
    let [first, second] = numbers[..] else { panic!("{numbers:?}") };
    assert!(first < second);
    let binding = &rig.region.lease(address).unwrap().binding;
    assert_eq!((binding.held, binding.autonomy[0].until), (Held::Released, None));
}

#[test]
fn right_to_a_lease_that_ran_out_is_given_up_so_that_its_address_comes_back_soon() {
    let mut rig = Rig::serving();
    let address = rig.binds(EASTERN, 1);
    rig.pass(602);
    let record = &rig.stations[EASTERN].disk.records[&address];
    assert!(record.alone_until.is_none());
    assert_eq!(rig.region.lease(address).unwrap().binding.autonomy[0].until, None);
    rig.pass(121);
    assert!(rig.stations[EASTERN].disk.records.is_empty(), "and it is forgotten");
    assert!(rig.stations[EASTERN].duty.holdings().at(address).is_none());
}

#[test]
fn rack_has_a_block_of_each_subnet_and_gives_it_back_with_the_vlan() {
    let mut rig = Rig::serving();
    assert_eq!(rig.region.blocks_of(EAST).len(), 2);
    rig.region.serve(UPPER, &[WEST]);
    rig.pass(3);
    assert_eq!(rig.stations[EASTERN].disk.blocks.len(), 1);
    assert_eq!(rig.region.blocks_of(EAST).len(), 1);
    assert_eq!(rig.region.blocks_of(WEST).len(), 2);
}

#[test]
fn client_of_a_rack_that_died_after_its_offer_is_given_that_address_by_the_other_unasked() {
    let mut rig = Rig::serving();
    let address = offered(&rig.hears_packet(EASTERN, &Packet::discover(1)));
    rig.hears_packet(WESTERN, &Packet::discover(1));
    assert!(rig.takes_from(EASTERN, WESTERN, 1, address).is_empty());
    rig.pass(1);
    assert_eq!(kinds(&rig.take_sent()), [ReplyKind::Ack]);
    assert_eq!(rig.region.lease(address).unwrap().rack, Some(WEST));
}

#[test]
fn rack_that_hears_of_a_lease_does_not_stand_in_for_the_one_that_gave_it() {
    let mut rig = Rig::serving();
    let address = offered(&rig.hears_packet(EASTERN, &Packet::discover(1)));
    assert!(rig.takes_from(EASTERN, WESTERN, 1, address).is_empty());
    assert_eq!(kinds(&rig.takes(EASTERN, 1, address)), [ReplyKind::Ack]);
    rig.told_difference(WESTERN);
    rig.pass(2);
    assert!(rig.take_sent().is_empty());
    assert_eq!(rig.region.lease(address).unwrap().rack, Some(EAST));
}

#[test]
fn rack_stands_in_for_16_clients_in_a_tenth_of_a_second_however_much_happens_meanwhile() {
    let mut rig = Rig::serving();
    for client in 1..=20 {
        let address = Ipv4Addr::new(10, 0, 0, 99 + client);
        assert!(rig.takes_from(EASTERN, WESTERN, client, address).is_empty());
    }
    let commits = |rig: &Rig| {
        let is_commit = |step: &&LeaseStep| matches!(step, LeaseStep::Commit { .. });
        rig.steps.iter().filter(is_commit).count()
    };
    let mut counts = Vec::new();
    for pause in [1_000, 99, 1] {
        rig.now = rig.now.after(Millis(pause));
        for _ in 0..3 {
            rig.hears(WESTERN, Event::Tick);
            rig.settle();
        }
        counts.push(commits(&rig));
    }
    assert_eq!(counts, [16, 16, 20]);
}
