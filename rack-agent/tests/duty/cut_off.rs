//! Clients while the region is away, and what it is told when it is back.

use crate::packet::{Packet, ip};
use crate::region::{EAST, UPPER, WEST};
use crate::rig::{EASTERN, Rig, WESTERN, kinds, life_secs, offered};
use regent_core::command::rack::LeaseStep;
use regent_core::lease::binding::Client;
use regent_core::net::address_range::AddressRange;
use regent_core::net::mac::MacAddr;
use regent_rack_agent::dhcp::holding::Contact;
use regent_rack_agent::dhcp::message::reply::ReplyKind;
use regent_rack_agent::duty::effect::Alarm;
use regent_rack_agent::session::NoAnswer;
use std::net::Ipv4Addr;

fn client(number: u8) -> Client {
    Client::Card(MacAddr(crate::packet::mac(number)))
}

fn owner(rig: &Rig, address: Ipv4Addr) -> Option<Client> {
    rig.region.lease(address)?.binding.owner.clone()
}

#[test]
fn client_renews_at_a_rack_that_is_cut_off_until_its_right_ends() {
    let mut rig = Rig::serving();
    let address = rig.binds(EASTERN, 1);
    rig.cut(EASTERN);
    for _ in 0..13 {
        rig.pass(300);
        let acked = rig.renews(EASTERN, 1, address);
        assert_eq!(kinds(&acked), [ReplyKind::Ack]);
    }
    rig.pass(300);
    assert!(rig.renews(EASTERN, 1, address).is_empty(), "an hour and ten minutes are over");
}

#[test]
fn new_client_gets_an_address_of_the_block_once_it_is_on_disk() {
    let mut rig = Rig::serving();
    rig.cut(EASTERN);
    let address = offered(&rig.hears_packet(EASTERN, &Packet::discover(1)));
    rig.is_disk_slow = true;
    assert!(rig.takes(EASTERN, 1, address).is_empty());
    rig.is_disk_slow = false;
    rig.settle();
    let acked = rig.take_sent();
    assert_eq!((kinds(&acked), life_secs(&acked)), (vec![ReplyKind::Ack], 600));
    assert!(owner(&rig, address).is_none(), "the region knows nothing of it");
}

#[test]
fn rack_gives_new_clients_no_more_than_its_block() {
    let mut rig = Rig::serving();
    rig.cut(WESTERN);
    let blocks = rig.stations[WESTERN].disk.blocks.iter().map(|block| block.range);
    let of_wire = |range: &AddressRange| range.nth(0).is_some_and(|first| first < ip("10.0.1.0"));
    let own = blocks.filter(of_wire);
    let addresses: u128 = own.map(|range| range.address_count()).sum();
    assert!(addresses > 0);
    let addresses = u8::try_from(addresses).unwrap();
    for client in 1..=addresses {
        rig.binds(WESTERN, client);
    }
    let next = Packet::discover(addresses + 1).secs(3);
    assert!(rig.hears_packet(WESTERN, &next).is_empty());
}

#[test]
fn what_was_given_alone_is_told_before_anything_is_asked() {
    let mut rig = Rig::serving();
    rig.cut(EASTERN);
    let address = rig.binds(EASTERN, 1);
    rig.steps.clear();
    rig.join(EASTERN);
    let next = offered(&rig.hears_packet(EASTERN, &Packet::discover(2)));
    rig.takes(EASTERN, 2, next);
    assert_eq!(owner(&rig, address), Some(client(1)));
    let told: Vec<&str> = rig.steps.iter().filter_map(name).collect();
    assert_eq!(told, ["adopt", "adopted", "commit"]);
    rig.steps.clear();
    rig.cut(EASTERN);
    rig.join(EASTERN);
    let told: Vec<&str> = rig.steps.iter().filter_map(name).collect();
    assert_eq!(told, ["adopted"], "and it is told once");
}

fn name(step: &LeaseStep) -> Option<&'static str> {
    match step {
        LeaseStep::Adopt { .. } => Some("adopt"),
        LeaseStep::Adopted => Some("adopted"),
        LeaseStep::Commit { .. } => Some("commit"),
        LeaseStep::Release { .. }
        | LeaseStep::Decline { .. }
        | LeaseStep::FoundInUse { .. }
        | LeaseStep::Relinquish { .. }
        | LeaseStep::Delegate { .. }
        | LeaseStep::Extend { .. }
        | LeaseStep::Return { .. } => None,
    }
}

#[test]
fn rack_that_crashed_between_the_ack_and_telling_tells_after_it() {
    let mut rig = Rig::serving();
    rig.cut(EASTERN);
    let address = rig.binds(EASTERN, 1);
    rig.crash(EASTERN);
    assert_eq!(rig.stations[EASTERN].duty.contact(), Contact::CutOff);
    assert_eq!(kinds(&rig.renews(EASTERN, 1, address)), [ReplyKind::Ack], "its view is on disk");
    rig.join(EASTERN);
    assert_eq!(owner(&rig, address), Some(client(1)));
}

#[test]
fn numbers_of_messages_go_on_growing_after_a_crash() {
    let mut rig = Rig::serving();
    let address = rig.binds(EASTERN, 1);
    let heard = |rig: &Rig| rig.region.lease(address).unwrap().binding.autonomy[0].heard;
    let before = heard(&rig);
    rig.crash(EASTERN);
    rig.join(EASTERN);
    assert_eq!(kinds(&rig.renews(EASTERN, 1, address)), [ReplyKind::Ack]);
    assert!(heard(&rig) > before);
}

#[test]
fn region_that_does_not_answer_for_2_s_is_away_and_a_client_that_waits_is_served_alone() {
    let mut rig = Rig::serving();
    let address = rig.binds(EASTERN, 1);
    rig.is_region_silent = true;
    assert!(rig.renews(EASTERN, 1, address).is_empty());
    rig.pass(2);
    assert_eq!(rig.stations[EASTERN].duty.contact(), Contact::CutOff);
    assert_eq!(kinds(&rig.take_sent()), [ReplyKind::Ack]);
    assert_eq!(rig.hang_ups, 0);
    rig.pass(4);
    assert!(rig.hang_ups > 0, "after 5 s another session is wanted");
}

#[test]
fn answer_that_comes_after_the_rack_counted_as_cut_off_is_dropped_and_the_lease_told_again() {
    let mut rig = Rig::serving();
    let address = rig.binds(EASTERN, 1);
    rig.is_region_silent = true;
    rig.renews(EASTERN, 1, address);
    rig.pass(2);
    assert_eq!(rig.take_sent().len(), 1, "it was served alone");
    rig.is_region_silent = false;
    rig.steps.clear();
    rig.settle();
    assert!(rig.take_sent().is_empty());
    assert_eq!(rig.stations[EASTERN].duty.contact(), Contact::Quorum);
    let told: Vec<&str> = rig.steps.iter().filter_map(name).collect();
    assert_eq!(told, ["commit", "adopt", "adopted"]);
}

#[test]
fn region_that_keeps_failing_is_away_too() {
    let mut rig = Rig::serving();
    let address = rig.binds(EASTERN, 1);
    rig.failure = Some(NoAnswer::Unknown);
    assert!(rig.renews(EASTERN, 1, address).is_empty());
    rig.pass(3);
    assert_eq!(rig.stations[EASTERN].duty.contact(), Contact::CutOff);
    assert_eq!(kinds(&rig.renews(EASTERN, 1, address)), [ReplyKind::Ack]);
    rig.failure = None;
    rig.pass(1);
    assert_eq!(rig.stations[EASTERN].duty.contact(), Contact::Quorum);
}

#[test]
fn answer_to_a_question_of_the_session_before_reaches_nobody() {
    let mut rig = Rig::serving();
    let address = offered(&rig.hears_packet(EASTERN, &Packet::discover(1)));
    rig.is_region_silent = true;
    rig.takes(EASTERN, 1, address);
    let (rack, session, ask) = rig.questions.remove(0);
    rig.is_region_silent = false;
    let id = ask.id;
    let node = rig.stations[rack].node;
    let result = Ok(rig.region.ask(node, session, ask.steps).unwrap());
    rig.join(EASTERN);
    let at = rig.now;
    let answered = regent_rack_agent::session::Answered { id, at, result };
    let said = regent_rack_agent::session::FromRegion::Answered(answered);
    rig.hears(EASTERN, regent_rack_agent::duty::event::Event::Region(said));
    rig.settle();
    assert!(rig.take_sent().is_empty());
    assert!(rig.stations[EASTERN].duty.holdings().at(address).is_none());
}

#[test]
fn lease_the_region_does_not_take_is_told_again_and_meanwhile_not_all_is_told() {
    let mut rig = Rig::serving();
    rig.cut(EASTERN);
    let address = rig.binds(EASTERN, 1);
    // The VLAN has gone to the other rack, and the block has ended.
    rig.region.serve(UPPER, &[WEST]);
    rig.region.save();
    assert!(rig.region.restore());
    rig.steps.clear();
    rig.join(EASTERN);
    rig.pass(10);
    let told = |rig: &Rig, what| rig.steps.iter().filter_map(name).any(|name| name == what);
    assert!(told(&rig, "adopt") && !told(&rig, "adopted"));
    let not_told = Alarm::NotTold { address, client: client(1) };
    assert!(rig.alarms.contains(&not_told), "{:?}", rig.alarms);
    rig.pass(800);
    assert!(told(&rig, "adopted"), "the lease is over, and so is what there was to tell");
    assert!(rig.region.blocks_of(EAST).len() <= 1);
}
