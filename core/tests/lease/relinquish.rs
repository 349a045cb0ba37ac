//! Rights given up early: rule R4.

use crate::site::{asks, at, client, held, rack, recorded, terms, try_commit};
use regent_core::lease::give_up::{Relinquish, relinquish};
use regent_core::lease::refusal::Refusal;
use regent_core::time::Millis;

fn tells(number: u64, client_number: u8, remaining: Millis) -> Relinquish {
    Relinquish { server: rack(1), number, client: client(client_number), remaining }
}

#[test]
fn address_whose_rack_gave_its_right_up_rests_for_the_guard_and_no_longer() {
    let binding = relinquish(&held(), &tells(2, 1, Millis(0)), at(500), &terms()).unwrap();
    assert_eq!(binding.free_from(&terms()), at(600).after(terms().guard));
}

#[test]
fn guard_counts_from_the_telling_when_a_lease_the_rack_gave_alone_has_ended_just_before() {
    let binding = relinquish(&held(), &tells(2, 1, Millis(0)), at(700), &terms()).unwrap();
    assert_eq!(binding.free_from(&terms()), at(700).after(terms().guard));
}

#[test]
fn other_racks_keep_their_rights() {
    let binding = try_commit(&recorded(&held()), &asks(rack(2), 1, client(1)), at(300)).unwrap();
    let binding = relinquish(&binding, &tells(2, 1, Millis(0)), at(700), &terms()).unwrap();
    assert_eq!(binding.free_from(&terms()), at(4_500).after(terms().guard));
}

#[test]
fn what_the_rack_acknowledged_last_is_waited_for_on_the_slowest_clock() {
    let remaining = Millis::from_secs(500);
    let binding = relinquish(&held(), &tells(2, 1, remaining), at(1_000), &terms()).unwrap();
    assert_eq!(binding.expires, at(1_000).after(terms().lengthened(remaining)));
    assert!(terms().lengthened(remaining) > remaining);
}

#[test]
fn what_it_acknowledged_to_an_earlier_owner_does_not_count() {
    let told = tells(2, 2, Millis::from_secs(9_000));
    let binding = relinquish(&held(), &told, at(0), &terms()).unwrap();
    assert_eq!(binding.expires, at(600));
}

/// The model shows what comes of it otherwise (`message-order`).
#[test]
fn waiver_that_was_overtaken_by_a_commit_takes_no_right() {
    let renewed = try_commit(&recorded(&held()), &asks(rack(1), 3, client(1)), at(10)).unwrap();
    let late = relinquish(&renewed, &tells(2, 1, Millis(0)), at(11), &terms());
    assert_eq!(late, Err(Refusal::Outdated { number: 2, heard: 3 }));
}

#[test]
fn commit_that_was_overtaken_by_a_waiver_gives_no_right() {
    let binding = relinquish(&held(), &tells(3, 1, Millis(0)), at(10), &terms()).unwrap();
    let late = try_commit(&recorded(&binding), &asks(rack(1), 2, client(1)), at(11));
    assert_eq!(late, Err(Refusal::Outdated { number: 2, heard: 3 }));
}
