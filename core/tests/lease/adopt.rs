//! What a cut-off rack tells: rules R8 and R19.

use crate::site::{UNKNOWN, asks, at, client, held, rack, recorded, terms, try_commit};
use regent_core::lease::adopt::{Adopt, Adopted, Remaining, adopt};
use regent_core::lease::binding::{Binding, Held, Tenure};
use regent_core::lease::block::delegate;
use regent_core::lease::free::Standing;
use regent_core::lease::refusal::Refusal;
use regent_core::time::{ClusterTime, Millis};

const LIFE: Millis = Millis::from_secs(100);

fn tells(number: u64, client_number: u8, remaining: Remaining) -> Adopt {
    let (client, tenure) = (client(client_number), Tenure::Leased);
    Adopt { server: rack(1), number, as_of: at(1_000), client, remaining, tenure }
}

fn adopted(standing: &Standing<'_>, told: &Adopt) -> Adopted {
    adopt(standing, told, at(1_000), &terms()).expect("it comes in time and order")
}

fn recorded_of(standing: &Standing<'_>, told: &Adopt) -> Binding {
    match adopted(standing, told) {
        Adopted::Recorded(binding) => binding,
        Adopted::Contradiction(binding) => panic!("contradicts: {binding:?}"),
    }
}

fn end() -> ClusterTime {
    at(1_000).after(terms().lengthened(LIFE))
}

#[test]
fn lease_of_an_unknown_address_is_recorded_with_its_latest_end() {
    let binding = recorded_of(&UNKNOWN, &tells(1, 1, Remaining::Exactly(LIFE)));
    assert_eq!((binding.owner.as_ref(), binding.expires), (Some(&client(1)), end()));
}

#[test]
fn renewal_is_recorded_and_takes_no_right() {
    let binding = recorded_of(&recorded(&held()), &tells(2, 1, Remaining::Exactly(LIFE)));
    assert_eq!((binding.held, binding.expires), (Held::Bound, end()));
    assert_eq!(binding.autonomy[0].until, held().autonomy[0].until);
}

#[test]
fn lease_that_is_over_changes_nobodys_ownership() {
    let binding = recorded_of(&recorded(&held()), &tells(2, 2, Remaining::Exactly(Millis(0))));
    assert_eq!((binding.owner.as_ref(), binding.expires), (Some(&client(1)), at(600)));
}

#[test]
fn in_its_own_block_the_rack_says_whose_an_address_is() {
    let (binding, block) = (held(), delegate(rack(1), 2, at(900), &terms()));
    let standing = Standing { block: Some(&block), ..recorded(&binding) };
    let told = recorded_of(&standing, &tells(3, 2, Remaining::Exactly(LIFE)));
    assert_eq!((told.owner.as_ref(), told.expires), (Some(&client(2)), end()));
}

#[test]
fn two_clients_with_one_address_are_a_contradiction_and_nobody_gets_it() {
    let told = adopted(&recorded(&held()), &tells(2, 2, Remaining::Exactly(LIFE)));
    let Adopted::Contradiction(binding) = told else { panic!("{told:?}") };
    assert_eq!(binding.held, Held::Declined);
    let refused = try_commit(&recorded(&binding), &asks(rack(2), 1, client(1)), at(1_001));
    assert!(matches!(refused, Err(Refusal::Declined { .. })));
}

#[test]
fn block_of_long_ago_gives_the_rack_no_say() {
    let (binding, block) = (held(), delegate(rack(1), 2, at(0), &terms()));
    let now = block.until.after(terms().guard);
    let standing = Standing { block: Some(&block), ..recorded(&binding) };
    let told = Adopt { as_of: now, ..tells(3, 2, Remaining::Exactly(LIFE)) };
    let told = adopt(&standing, &told, now, &terms()).unwrap();
    assert!(matches!(told, Adopted::Contradiction(_)));
}

#[test]
fn rack_that_lost_its_clock_does_not_contradict_what_is_recorded() {
    let binding = recorded_of(&recorded(&held()), &tells(2, 2, Remaining::AtMost(LIFE)));
    assert_eq!(binding, held());
}

/// After a restore a rack without a clock named another client, so either of two may have the address.
fn of_either() -> Binding {
    Binding { owner: None, ..held() }
}

#[test]
fn of_two_that_may_have_an_address_the_one_that_went_on_has_it_once_the_other_had_to_let_go() {
    assert!(!of_either().is_live(at(1_000)));
    let binding = recorded_of(&recorded(&of_either()), &tells(2, 1, Remaining::Exactly(LIFE)));
    assert_eq!((binding.owner.as_ref(), binding.held), (Some(&client(1)), Held::Bound));
    assert_eq!(binding.expires, end());
}

#[test]
fn as_long_as_both_may_have_an_address_it_is_neithers_and_waits_for_both() {
    let both = Binding { expires: at(1_050), ..of_either() };
    let binding = recorded_of(&recorded(&both), &tells(2, 1, Remaining::Exactly(LIFE)));
    assert_eq!((binding.owner.as_ref(), binding.expires), (None, end()));
    for asking in [client(1), client(2)] {
        let refused = try_commit(&recorded(&binding), &asks(rack(2), 1, asking), at(1_001));
        assert!(matches!(refused, Err(Refusal::Owned { .. })), "{refused:?}");
    }
}

#[test]
fn what_was_told_before_something_later_that_was_heard_is_void() {
    let renewed = try_commit(&recorded(&held()), &asks(rack(1), 5, client(1)), at(10)).unwrap();
    let late =
        adopt(&recorded(&renewed), &tells(4, 1, Remaining::Exactly(LIFE)), at(1_000), &terms());
    assert_eq!(late, Err(Refusal::Outdated { number: 4, heard: 5 }));
}

#[test]
fn what_was_under_way_longer_than_the_guard_is_not_heeded() {
    let told = tells(2, 2, Remaining::Exactly(LIFE));
    let last = told.as_of.after(terms().guard);
    let in_time = adopt(&UNKNOWN, &told, last, &terms());
    assert!(in_time.is_ok());
    let late = adopt(&UNKNOWN, &told, last.after(Millis(1)), &terms());
    assert_eq!(late, Err(Refusal::Late { as_of: told.as_of }));
}
