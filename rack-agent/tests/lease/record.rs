//! What a rack remembers: rules R4, R5, R9 and R12.

use crate::site::{at, client, granted, held, just_after, just_before, terms};
use regent_core::lease::adopt::Remaining;
use regent_core::time::Millis;
use regent_rack_agent::lease::record::{ANSWER_WAIT_MAX, Granted, Record};

#[test]
fn right_to_act_alone_counts_from_the_question_and_the_lease_from_the_answer() {
    let right = terms().shortened(Millis::from_secs(600 + 3_600));
    assert_eq!(held().alone_until, Some(at(100).after(right)));
    assert_eq!(held().acked_until, at(701));
}

#[test]
fn right_is_as_long_as_the_region_waits_whatever_the_racks_own_terms_say() {
    let granted = Granted { autonomy: Millis(0), ..granted(1, client(1), at(100)) };
    let record = Record::committed(None, &granted, at(101), &terms()).unwrap();
    let right = terms().shortened(Millis::from_secs(600));
    assert_eq!(record.alone_until, Some(at(100).after(right)));
}

#[test]
fn answer_that_comes_late_is_not_acknowledged() {
    let granted = granted(1, client(1), at(100));
    let last = at(100).after(ANSWER_WAIT_MAX);
    assert!(Record::committed(None, &granted, last, &terms()).is_some());
    assert_eq!(Record::committed(None, &granted, just_after(last), &terms()), None);
}

/// The model shows what comes of it otherwise (`late-answer`).
#[test]
fn answer_to_a_question_from_before_the_right_was_given_up_does_not_bring_it_back() {
    let given_up = held().given_up(3);
    let answer = |number| {
        let granted = granted(number, client(1), at(102));
        Record::committed(Some(&given_up), &granted, at(103), &terms())
    };
    assert_eq!(answer(2), None);
    assert_eq!(answer(3), None);
    assert!(answer(4).unwrap().alone_until.is_some());
}

#[test]
fn what_was_given_up_is_remembered_with_the_next_client_too() {
    let given_up = held().given_up(3);
    let free = given_up.acked_until.after(terms().guard);
    let next = Record::acked_alone(Some(&given_up), &client(2), Millis::from_secs(60), free);
    assert_eq!(next.given_up_in, 3);
}

#[test]
fn answer_for_a_client_is_not_heeded_when_the_block_gave_the_address_to_another() {
    let from_block = Record::acked_alone(None, &client(2), Millis::from_secs(60), at(100));
    let free = from_block.acked_until.after(terms().guard);
    let answered = |now| {
        let granted = granted(1, client(1), now);
        Record::committed(Some(&from_block), &granted, now, &terms())
    };
    assert_eq!(answered(just_before(free)), None);
    assert_eq!(answered(free).unwrap().client, client(1));
}

#[test]
fn shorter_lease_shortens_nothing() {
    let renewed = Record::acked_alone(Some(&held()), &client(1), Millis::from_secs(30), at(102));
    assert_eq!(renewed.acked_until, at(701));
    assert_eq!(renewed.alone_until, held().alone_until);
}

#[test]
fn right_over_one_client_is_no_right_over_the_next() {
    let next = Record::acked_alone(Some(&held()), &client(2), Millis::from_secs(30), at(9_000));
    assert_eq!((next.acked_until, next.alone_until), (at(9_030), None));
}

#[test]
fn right_that_is_given_up_leaves_what_was_acknowledged() {
    let given_up = held().given_up(2);
    assert_eq!(given_up.alone_until, None);
    assert_eq!(given_up.remaining(at(700)), Remaining::Exactly(Millis::from_secs(1)));
    assert_eq!(given_up.remaining(at(701)), Remaining::Exactly(Millis(0)));
}

#[test]
fn released_address_is_over_and_a_late_release_prolongs_nothing() {
    let early = held().released(2, at(200));
    assert_eq!((early.acked_until, early.alone_until), (at(200), None));
    assert_eq!(held().released(2, at(5_000)).acked_until, at(701));
}

#[test]
fn record_on_another_clock_gives_no_right_and_knows_only_the_latest_end() {
    let record = held().on_another_clock(at(5), &terms());
    assert_eq!(record.alone_until, None);
    let latest = terms().lengthened(Millis::from_secs(600));
    assert_eq!(record.remaining(at(5)), Remaining::AtMost(latest));
    assert!(!record.attests(&client(1), at(5)));
}

#[test]
fn rack_attests_a_lease_it_gave_until_it_ends_and_to_nobody_else() {
    assert!(held().attests(&client(1), just_before(at(701))));
    assert!(!held().attests(&client(1), at(701)));
    assert!(!held().attests(&client(2), at(200)));
}

#[test]
fn lease_that_ends_within_what_is_uncertain_does_not_make_it_certain() {
    let record = held().on_another_clock(at(5), &terms());
    let short = Record::acked_alone(Some(&record), &client(1), Millis::from_secs(30), at(6));
    assert!(!short.is_certain);
    let renewed = Record::acked_alone(Some(&record), &client(1), Millis::from_secs(600), at(20));
    assert!(renewed.is_certain);
}
