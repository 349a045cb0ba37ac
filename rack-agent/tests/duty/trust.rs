//! When what a rack holds does not count any more: another boot, a clock in doubt, another life, a region restored.

use crate::packet::Packet;
use crate::region::EAST;
use crate::rig::{EASTERN, Rig, WESTERN, kinds, offered};
use regent_core::command::rack::LeaseStep;
use regent_core::lease::adopt::Remaining;
use regent_core::lease::terms::Terms;
use regent_rack_agent::clock::mark::Mark;
use regent_rack_agent::clock::sample::WallTime;
use regent_rack_agent::dhcp::holding::Contact;
use regent_rack_agent::dhcp::message::reply::ReplyKind;
use regent_rack_agent::duty::event::Event;
use regent_rack_agent::duty::machine::MARK_MILLIS;
use regent_rack_agent::lease::rack_time::RackTime;

/// What the rack told of its one lease.
fn adopted(rig: &Rig) -> Remaining {
    let told = rig.steps.iter().find_map(|step| match step {
        LeaseStep::Adopt { remaining, .. } => Some(*remaining),
        _ => None,
    });
    told.unwrap()
}

#[test]
fn rack_in_another_boot_gives_nothing_before_the_region_answers_and_does_not_know_how_long_leases_run()
 {
    let mut rig = Rig::serving();
    let address = rig.binds(EASTERN, 1);
    rig.cut(EASTERN);
    rig.stations[EASTERN].reboot(0, rig.now);
    rig.settle();
    assert_eq!(rig.stations[EASTERN].duty.contact(), Contact::Distrusted);
    assert!(rig.stations[EASTERN].disk.blocks.is_empty());
    assert!(rig.renews(EASTERN, 1, address).is_empty());
    assert!(rig.hears_packet(EASTERN, &Packet::discover(2)).is_empty());
    rig.steps.clear();
    rig.join(EASTERN);
    let life = Terms::default().lengthened(Terms::default().life);
    assert_eq!(adopted(&rig), Remaining::AtMost(life));
    assert!(rig.alarms.is_empty(), "the region has taken it: {:?}", rig.alarms);
    assert_eq!(kinds(&rig.renews(EASTERN, 1, address)), [ReplyKind::Ack]);
    rig.pass(3);
    let returned = rig.steps.iter().filter(|step| matches!(step, LeaseStep::Return { .. }));
    assert_eq!(returned.count(), 2, "what it does not hold any more goes back");
    assert_eq!(rig.stations[EASTERN].disk.blocks.len(), rig.region.blocks_of(EAST).len());
}

#[test]
fn region_hears_nothing_of_a_rack_in_another_boot_before_that_is_on_disk() {
    let mut rig = Rig::serving();
    rig.binds(EASTERN, 1);
    rig.cut(EASTERN);
    rig.is_disk_slow = true;
    rig.stations[EASTERN].reboot(0, rig.now);
    rig.steps.clear();
    rig.join(EASTERN);
    rig.pass(1);
    assert!(rig.steps.is_empty());
    rig.is_disk_slow = false;
    rig.pass(1);
    assert!(!rig.steps.is_empty());
}

#[test]
fn rack_that_another_process_pushes_out_does_nothing_alone_until_the_region_answers() {
    let mut rig = Rig::serving();
    let address = rig.binds(EASTERN, 1);
    rig.hears(EASTERN, Event::Rival);
    rig.cut(EASTERN);
    assert_eq!(rig.stations[EASTERN].duty.contact(), Contact::Distrusted);
    assert!(rig.stations[EASTERN].disk.blocks.is_empty());
    assert!(rig.stations[EASTERN].disk.records[&address].alone_until.is_none());
    assert!(rig.renews(EASTERN, 1, address).is_empty());
    assert!(rig.hears_packet(EASTERN, &Packet::discover(2).secs(3)).is_empty());
    rig.join(EASTERN);
    assert_eq!(kinds(&rig.renews(EASTERN, 1, address)), [ReplyKind::Ack]);
}

#[test]
fn clock_in_doubt_ends_all_rights_and_voids_what_was_asked() {
    let mut rig = Rig::serving();
    let address = rig.binds(EASTERN, 1);
    rig.is_region_silent = true;
    rig.renews(EASTERN, 1, address);
    let hang_ups = rig.hang_ups;
    rig.hears(EASTERN, Event::ClockInDoubt);
    rig.is_region_silent = false;
    rig.settle();
    assert!(rig.take_sent().is_empty(), "the answer is not heeded");
    assert_eq!(rig.hang_ups, hang_ups + 1);
    assert!(rig.renews(EASTERN, 1, address).is_empty());
    let record = &rig.stations[EASTERN].disk.records[&address];
    assert!(record.alone_until.is_none() && !record.is_certain);
    rig.join(EASTERN);
    assert_eq!(kinds(&rig.renews(EASTERN, 1, address)), [ReplyKind::Ack]);
}

#[test]
fn clock_that_was_set_while_no_process_ran_ends_all_rights() {
    let mut rig = Rig::serving();
    let address = rig.binds(EASTERN, 1);
    rig.cut(EASTERN);
    rig.stations[EASTERN].crash_while_the_wall_clock_is_set(900, rig.now);
    rig.settle();
    assert_eq!(rig.stations[EASTERN].duty.contact(), Contact::CutOff, "that may be drift");
    rig.stations[EASTERN].crash_while_the_wall_clock_is_set(3_600_000, rig.now);
    rig.settle();
    assert_eq!(rig.stations[EASTERN].duty.contact(), Contact::Distrusted);
    assert!(rig.renews(EASTERN, 1, address).is_empty());
    let record = &rig.stations[EASTERN].disk.records[&address];
    assert!(record.alone_until.is_none() && !record.is_certain);
    rig.crash(EASTERN);
    assert_eq!(rig.stations[EASTERN].duty.contact(), Contact::CutOff, "one step is one doubt");
    assert!(rig.renews(EASTERN, 1, address).is_empty(), "rights do not come back");
}

#[test]
fn what_the_clocks_show_is_written_down_every_ten_minutes_and_after_a_doubt() {
    let mut rig = Rig::serving();
    let ahead = |rig: &Rig, ms| Mark { boot: rig.now, wall: WallTime(rig.now.0 + ms) };
    let first = rig.stations[EASTERN].disk.clocks;
    rig.hears(EASTERN, Event::Clocks(ahead(&rig, 1)));
    rig.settle();
    assert_eq!(rig.stations[EASTERN].disk.clocks, first);
    rig.now = rig.now.after(MARK_MILLIS);
    rig.hears(EASTERN, Event::Clocks(ahead(&rig, 2)));
    rig.settle();
    assert_eq!(rig.stations[EASTERN].disk.clocks, Some(ahead(&rig, 2)));
    rig.hears(EASTERN, Event::ClockInDoubt);
    rig.hears(EASTERN, Event::Clocks(ahead(&rig, 3)));
    rig.settle();
    assert_eq!(rig.stations[EASTERN].disk.clocks, Some(ahead(&rig, 3)));
}

#[test]
fn clock_that_was_set_back_is_the_one_that_counts_from_then_on() {
    let mut rig = Rig::serving();
    let address = rig.binds(EASTERN, 1);
    rig.now = RackTime(5_000);
    rig.hears(EASTERN, Event::ClockInDoubt);
    rig.settle();
    let life = Terms::default().lengthened(Terms::default().life);
    let held = |rig: &Rig| rig.stations[EASTERN].disk.records[&address].acked_until;
    assert_eq!(held(&rig), rig.now.after(life));
    rig.join(EASTERN);
    rig.pass(3);
    let blocks = &rig.stations[EASTERN].disk.blocks;
    assert_eq!(blocks.len(), 2);
    let latest = rig.now.after(Terms::default().block_term);
    assert!(blocks.iter().all(|block| block.deadline < latest), "{blocks:?}");
    assert_eq!(kinds(&rig.renews(EASTERN, 1, address)), [ReplyKind::Ack]);
}

#[test]
fn rack_that_lost_its_disk_begins_another_life_and_knows_nothing() {
    let mut rig = Rig::serving();
    let address = rig.binds(EASTERN, 1);
    let before = rig.stations[EASTERN].duty.life();
    rig.cut(EASTERN);
    rig.stations[EASTERN].lose_disk(rig.now);
    rig.settle();
    assert!(rig.renews(EASTERN, 1, address).is_empty());
    rig.join(EASTERN);
    assert_ne!(rig.stations[EASTERN].disk.life, before);
    assert_eq!(rig.stations[EASTERN].disk.life, rig.stations[EASTERN].duty.life());
    assert_eq!(kinds(&rig.renews(EASTERN, 1, address)), [ReplyKind::Ack], "the region knows");
}

#[test]
fn rack_that_is_given_another_life_forgets_what_it_held_in_the_one_before() {
    let mut rig = Rig::serving();
    let address = rig.binds(EASTERN, 1);
    rig.cut(EASTERN);
    // Somebody else was enrolled as this rack meanwhile.
    rig.region.open(EAST, None).unwrap();
    let lives = |rig: &Rig| rig.stations[EASTERN].disk.life;
    let before = lives(&rig);
    rig.join_without_records(EASTERN);
    assert_ne!(lives(&rig), before);
    assert!(rig.stations[EASTERN].disk.records.is_empty());
    assert!(rig.stations[EASTERN].duty.holdings().at(address).is_none());
}

#[test]
fn restored_region_hears_of_every_lease_after_all_rights_are_given_up() {
    let mut rig = Rig::serving();
    rig.region.save();
    let address = rig.binds(EASTERN, 1);
    assert!(rig.region.restore());
    assert!(rig.region.lease(address).is_none());
    rig.is_disk_slow = true;
    rig.steps.clear();
    rig.join(EASTERN);
    assert!(rig.steps.is_empty(), "rights are not given up before that is on disk");
    rig.is_disk_slow = false;
    rig.settle();
    assert!(matches!(adopted(&rig), Remaining::Exactly(_)));
    let record = &rig.stations[EASTERN].disk.records[&address];
    assert!(record.alone_until.is_none() && record.given_up_in > 0);
    assert!(rig.stations[EASTERN].disk.blocks.is_empty());
    assert_eq!(rig.stations[EASTERN].disk.epoch, Some(rig.region.epoch()));
    assert_eq!(kinds(&rig.renews(EASTERN, 1, address)), [ReplyKind::Ack]);
    // Nobody new gets anything before the other rack has told, too.
    let next = offered(&rig.hears_packet(EASTERN, &Packet::discover(2)));
    assert_eq!(kinds(&rig.takes(EASTERN, 2, next)), [ReplyKind::Nak]);
    rig.join(WESTERN);
    rig.pass(61);
    rig.binds(EASTERN, 2);
    rig.pass(61);
    assert_eq!(rig.region.blocks_of(EAST).len(), 2);
}

#[test]
fn rack_that_was_off_while_the_region_was_restored_notices() {
    let mut rig = Rig::serving();
    rig.region.save();
    let address = rig.binds(EASTERN, 1);
    rig.crash(EASTERN);
    assert!(rig.region.restore());
    rig.join(EASTERN);
    let record = &rig.stations[EASTERN].disk.records[&address];
    assert!(record.given_up_in > 0);
    assert!(rig.region.lease(address).is_some());
}
