//! While the region is away: renewals inside the committed right (rule R7), new clients from blocks (rule R8), and
//! nothing when the clock or the disk cannot be relied on (rules R9 and R12).

use crate::packet::{Packet, ip};
use crate::rack::{
    ACK, HOUR, LIFE, OFFER, OURS, Rack, assert_silent, client, kept, pending, reading, terms,
};
use regent_core::time::Millis;
use regent_rack_agent::dhcp::action::{Action, Silence, Verdict};
use regent_rack_agent::dhcp::holding::{Contact, OwnBlock};
use regent_rack_agent::lease::rack_time::RackTime;

/// A primary that is cut off with one address left in its block, for an hour.
fn with_block() -> Rack {
    let mut rack = Rack::primary();
    rack.book.contact = Contact::CutOff;
    let deadline = rack.now.after(HOUR);
    let range = "10.0.0.190-10.0.0.190".parse().unwrap();
    rack.book.holdings.blocks.push(OwnBlock { range, deadline });
    rack
}

fn renewed(rack: &mut Rack, address: &str) -> Action {
    rack.gets(&Packet::renewing(1, address), address)
}

#[test]
fn a_renewal_inside_the_committed_right_is_written_down_and_then_acknowledged() {
    let mut rack = Rack::primary();
    let address = rack.binds(1).to_string();
    rack.book.contact = Contact::CutOff;
    rack.passes(300_000);
    let kept = kept(renewed(&mut rack, &address));
    assert_eq!(kept.record.client, client(1));
    assert_eq!(kept.record.acked_until, rack.now.after(kept.life));
    let ack = reading(rack.keeps(&kept));
    assert_eq!((ack.kind(), ack.life_secs()), (ACK, 600));
}

#[test]
fn no_renewal_runs_past_the_committed_right_and_none_is_shorter_than_half_a_minute() {
    let mut rack = Rack::primary();
    let address = rack.binds(1).to_string();
    let bound = rack.now;
    rack.book.contact = Contact::CutOff;
    let right = bound.after(terms().shortened(Millis(LIFE.0 + HOUR.0)));
    let mut given = Vec::new();
    for _ in 0..100 {
        rack.passes(60_000);
        match renewed(&mut rack, &address) {
            Action::Keep(kept) => {
                assert!(rack.now.after(kept.life) <= right, "{:?} > {right:?}", rack.now);
                given.push(kept.life);
            }
            other => {
                assert_silent(other, Silence::NoRight);
                break;
            }
        }
    }
    assert!(given.len() > 60 && *given.last().unwrap() < LIFE, "{given:?}");
    assert!(given.iter().all(|life| *life >= Millis::from_secs(30)));
}

#[test]
fn a_new_client_is_offered_and_given_an_address_of_the_block_and_no_other() {
    let mut rack = with_block();
    let offer = reading(rack.hears(&Packet::discover(1)));
    assert_eq!((offer.kind(), offer.message.yiaddr()), (OFFER, ip("10.0.0.190")));
    let kept = kept(rack.hears(&Packet::selecting(1, OURS, "10.0.0.190")));
    assert_eq!(reading(rack.keeps(&kept)).kind(), ACK);
    assert_silent(rack.hears(&Packet::discover(2)), Silence::NoAddress);
    let outside = Packet::selecting(2, OURS, "10.0.0.150");
    assert_silent(rack.hears(&outside), Silence::NoRight);
}

#[test]
fn while_the_disk_is_at_work_the_address_is_nobody_elses() {
    let mut rack = with_block();
    kept(rack.hears(&Packet::selecting(1, OURS, "10.0.0.190")));
    let other = Packet::selecting(2, OURS, "10.0.0.190");
    assert_silent(rack.hears(&other), Silence::NoRight);
}

#[test]
fn the_region_is_not_asked_for_what_the_rack_gave_to_another_client_alone() {
    let mut rack = with_block();
    kept(rack.hears(&Packet::selecting(1, OURS, "10.0.0.190")));
    rack.book.contact = Contact::Quorum;
    let other = Packet::selecting(2, OURS, "10.0.0.190");
    assert_silent(rack.hears(&other), Silence::NotServed);
}

#[test]
fn a_record_that_is_not_the_last_any_more_when_it_is_on_disk_is_not_acknowledged() {
    let mut rack = with_block();
    let older = kept(rack.hears(&Packet::selecting(1, OURS, "10.0.0.190")));
    rack.passes(1_000);
    let newer = kept(rack.hears(&Packet::selecting(1, OURS, "10.0.0.190")));
    assert_silent(rack.keeps(&older), Silence::Late);
    assert_eq!(reading(rack.keeps(&newer)).kind(), ACK);
}

#[test]
fn an_address_found_in_use_is_not_given_alone() {
    let mut rack = with_block();
    let now = rack.now;
    rack.book.occupied.put(ip("10.0.0.190"), (), now);
    assert_silent(rack.hears(&Packet::selecting(1, OURS, "10.0.0.190")), Silence::NotServed);
}

#[test]
fn an_address_of_the_block_rests_after_its_lease_before_it_gets_a_new_owner() {
    let given = || {
        let mut rack = with_block();
        let kept = kept(rack.hears(&Packet::selecting(1, OURS, "10.0.0.190")));
        (rack, kept.record.acked_until.after(terms().guard))
    };
    let (mut rack, free) = given();
    rack.now = RackTime(free.0 - 1);
    assert_silent(rack.hears(&Packet::discover(2)), Silence::NoAddress);
    let (mut rack, free) = given();
    rack.now = free;
    assert_eq!(reading(rack.hears(&Packet::discover(2))).kind(), OFFER);
}

#[test]
fn leases_from_a_block_end_with_it() {
    let mut rack = with_block();
    rack.passes(HOUR.0 - 100_000);
    let kept = kept(rack.hears(&Packet::selecting(1, OURS, "10.0.0.190")));
    assert!((Millis(99_000)..Millis(100_000)).contains(&kept.life), "{:?}", kept.life);
    let ack = rack.keeps(&kept);
    assert_eq!(reading(ack).life_secs(), 99, "never more than what was given");
    rack.passes(100_000);
    assert_silent(rack.hears(&Packet::selecting(2, OURS, "10.0.0.190")), Silence::NoRight);
}

#[test]
fn an_address_offered_to_one_client_is_not_given_to_another() {
    let mut rack = with_block();
    rack.hears(&Packet::discover(1));
    let other = Packet::selecting(2, OURS, "10.0.0.190");
    assert_silent(rack.hears(&other), Silence::NotServed);
}

#[test]
fn a_wish_the_region_did_not_answer_is_met_from_the_block() {
    let mut rack = with_block();
    rack.book.contact = Contact::Quorum;
    let asked = pending(rack.hears(&Packet::selecting(1, OURS, "10.0.0.190")));
    rack.book.contact = Contact::CutOff;
    rack.passes(1_000);
    kept(rack.concludes(&asked, Verdict::Unreachable));
}

#[test]
fn a_wish_the_region_did_not_answer_in_time_is_not_met() {
    let mut rack = with_block();
    rack.book.contact = Contact::Quorum;
    let asked = pending(rack.hears(&Packet::selecting(1, OURS, "10.0.0.190")));
    rack.book.contact = Contact::CutOff;
    rack.passes(4_001);
    assert_silent(rack.concludes(&asked, Verdict::Unreachable), Silence::Late);
    assert_eq!(rack.book.holdings.iter().count(), 0);
}

#[test]
fn a_wish_for_what_was_reserved_for_another_meanwhile_is_not_met() {
    let mut rack = with_block();
    rack.book.contact = Contact::Quorum;
    let asked = pending(rack.hears(&Packet::selecting(1, OURS, "10.0.0.190")));
    rack.book.contact = Contact::CutOff;
    rack.keep(2, "10.0.0.190");
    assert_silent(rack.concludes(&asked, Verdict::Unreachable), Silence::NotServed);
}

#[test]
fn a_yes_of_the_region_that_comes_when_the_block_has_given_the_address_to_another_is_not_acknowledged()
 {
    let mut rack = with_block();
    rack.book.contact = Contact::Quorum;
    let asked = pending(rack.hears(&Packet::selecting(1, OURS, "10.0.0.190")));
    let granted = rack.grants();
    rack.book.contact = Contact::CutOff;
    kept(rack.hears(&Packet::selecting(2, OURS, "10.0.0.190")));
    assert_silent(rack.concludes(&asked, granted), Silence::Late);
    assert!(rack.book.holdings.is_last_of(ip("10.0.0.190"), &client(2)));
}

#[test]
fn a_reserved_address_is_given_alone_only_as_a_renewal_or_from_a_block() {
    let mut rack = with_block();
    rack.keep(1, "10.0.0.20");
    rack.keep(2, "10.0.0.190");
    assert_silent(rack.hears(&Packet::rebooting(1, "10.0.0.20")), Silence::NoRight);
    kept(rack.hears(&Packet::rebooting(2, "10.0.0.190")));
    assert_silent(rack.hears(&Packet::selecting(3, OURS, "10.0.0.190")), Silence::NotServed);
}

#[test]
fn a_rack_that_cannot_rely_on_its_clock_or_disk_does_nothing_alone() {
    let mut rack = with_block();
    rack.book.contact = Contact::Quorum;
    let address = rack.binds(1).to_string();
    rack.book.contact = Contact::Distrusted;
    assert_silent(renewed(&mut rack, &address), Silence::NoRight);
    assert_silent(rack.hears(&Packet::discover(2)), Silence::NoRight);
    assert_silent(rack.hears(&Packet::selecting(2, OURS, "10.0.0.190")), Silence::NoRight);
    assert!(rack.book.alarms.is_empty());
}

#[test]
fn with_the_region_there_the_block_is_spared_until_the_pool_is_empty() {
    for number in 1..9 {
        let mut rack = with_block();
        rack.book.contact = Contact::Quorum;
        rack.own_subnet().ranges = vec!["10.0.0.189-10.0.0.190".parse().unwrap()];
        let first = reading(rack.hears(&Packet::discover(number))).message.yiaddr();
        assert_eq!(first, ip("10.0.0.189"), "{number}");
        let second = reading(rack.hears(&Packet::discover(number + 10))).message.yiaddr();
        assert_eq!(second, ip("10.0.0.190"), "{number}");
    }
}

#[test]
fn an_address_passed_on_is_no_more_its_first_clients() {
    let mut rack = with_block();
    let first = kept(rack.hears(&Packet::selecting(1, OURS, "10.0.0.190")));
    rack.now = first.record.acked_until.after(terms().guard);
    kept(rack.hears(&Packet::selecting(2, OURS, "10.0.0.190")));
    assert_eq!(rack.book.holdings.of(&client(1)).next(), None);
    assert_eq!(rack.book.holdings.of(&client(2)).next(), Some(ip("10.0.0.190")));
}
