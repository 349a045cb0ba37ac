//! What a cut-off rack may acknowledge: rules R7 and R8.

use crate::site::{at, client, held, just_after, just_before, terms};
use regent_core::time::Millis;
use regent_rack_agent::lease::rack_time::RackTime;
use regent_rack_agent::lease::record::Record;
use regent_rack_agent::lease::right::{
    LIFE_ALONE_MIN, block_deadline, lease_from_block, renewal_alone,
};

fn renewal_at(now: RackTime) -> Option<Millis> {
    renewal_alone(&held(), &client(1), now, &terms(), LIFE_ALONE_MIN)
}

/// A block whose deadline is 5,000.
fn from_block(last: Option<&Record>, number: u8, now: RackTime) -> Option<Millis> {
    lease_from_block(at(5_000), last, &client(number), now, &terms(), LIFE_ALONE_MIN)
}

/// The last moment at which a lease of at least [`LIFE_ALONE_MIN`] ends before a deadline on any clock.
fn last_chance(deadline: RackTime) -> RackTime {
    RackTime(deadline.0 - terms().lengthened(LIFE_ALONE_MIN).0)
}

#[test]
fn renewal_is_never_longer_than_the_terms_allow() {
    assert_eq!(renewal_at(at(102)), Some(terms().life));
}

#[test]
fn renewal_ends_before_the_right_does_on_any_clock() {
    let right = held().alone_until.unwrap();
    let now = RackTime(right.0 - 100_000);
    let life = renewal_at(now).unwrap();
    assert!(terms().lengthened(life) <= Millis(100_000));
    assert!(life < Millis(100_000));
}

#[test]
fn rack_stays_silent_when_what_is_left_is_not_worth_it() {
    let last = last_chance(held().alone_until.unwrap());
    assert_eq!(renewal_at(last), Some(LIFE_ALONE_MIN));
    assert_eq!(renewal_at(just_after(last)), None);
    assert_eq!(renewal_at(held().alone_until.unwrap()), None);
}

#[test]
fn only_the_client_of_the_record_is_renewed_and_only_with_a_right() {
    let (now, terms) = (at(102), terms());
    assert_eq!(renewal_alone(&held(), &client(2), now, &terms, LIFE_ALONE_MIN), None);
    let given_up = held().given_up(2);
    assert_eq!(renewal_alone(&given_up, &client(1), now, &terms, LIFE_ALONE_MIN), None);
}

#[test]
fn block_ends_for_the_rack_counted_from_the_question() {
    let term = Millis::from_secs(3_600);
    let deadline = block_deadline(at(100), term, &terms());
    assert_eq!(deadline, at(100).after(terms().shortened(term)));
    assert!(deadline < at(3_700));
}

#[test]
fn block_gives_to_anybody_until_what_is_left_is_not_worth_it() {
    assert_eq!(from_block(None, 1, at(0)), Some(terms().life));
    let last = last_chance(at(5_000));
    assert_eq!(from_block(None, 1, last), Some(LIFE_ALONE_MIN));
    assert_eq!(from_block(None, 1, just_after(last)), None);
}

#[test]
fn address_of_a_block_rests_for_the_guard_before_the_next_client() {
    let last = held();
    let free = last.acked_until.after(terms().guard);
    assert_eq!(from_block(Some(&last), 2, last.acked_until), None);
    assert_eq!(from_block(Some(&last), 2, just_before(free)), None);
    assert_eq!(from_block(Some(&last), 2, free), Some(terms().life));
    assert_eq!(from_block(Some(&last), 1, at(200)), Some(terms().life), "its own client may");
}
