//! A VLAN after a restore: rule R20.

use crate::site::{
    UNKNOWN, asks, at, client, held, just_before, rack, recorded, terms, try_commit,
};
use regent_core::lease::adopt::{Adopt, Adopted, Remaining, adopt};
use regent_core::lease::binding::{Binding, Tenure};
use regent_core::lease::commit::Commit;
use regent_core::lease::free::Standing;
use regent_core::lease::quarantine::Quarantine;
use regent_core::lease::refusal::Refusal;
use regent_core::time::Millis;

const LIFE: Millis = Millis::from_secs(100);

/// Both racks were enrolled when the state was saved. It is restored at 10.
fn quarantine() -> Quarantine {
    Quarantine::begin([rack(1), rack(2)].into(), at(10), &terms())
}

fn quarantined<'a>(quarantine: &'a Quarantine, binding: &'a Binding) -> Standing<'a> {
    Standing { quarantine: Some(quarantine), ..recorded(binding) }
}

fn told(standing: &Standing<'_>, client_number: u8, remaining: Remaining) -> Binding {
    let client = client(client_number);
    let tenure = Tenure::Leased;
    let told = Adopt { server: rack(2), number: 1, as_of: at(20), client, remaining, tenure };
    match adopt(standing, &told, at(20), &terms()).expect("it comes in time and order") {
        Adopted::Recorded(binding) => binding,
        Adopted::Contradiction(binding) => panic!("contradicts: {binding:?}"),
    }
}

#[test]
fn nobody_new_gets_an_address_and_none_is_delegated() {
    let quarantine = quarantine();
    let standing = Standing { quarantine: Some(&quarantine), ..UNKNOWN };
    let until = at(10 + 600 + 3_600 + 3_600).after(terms().guard);
    let refusal = Err(Refusal::Quarantined { until });
    assert_eq!(try_commit(&standing, &asks(rack(1), 1, client(1)), at(11)).map(drop), refusal);
    assert_eq!(standing.check_delegable(at(11), &terms()), refusal);
    assert_eq!(standing.check_delegable(just_before(until), &terms()), refusal);
    assert_eq!(standing.check_delegable(until, &terms()), Ok(()));
}

#[test]
fn only_the_rack_that_knows_that_a_client_has_its_address_renews_it() {
    let (quarantine, binding) = (quarantine(), held());
    let standing = quarantined(&quarantine, &binding);
    let guessed = asks(rack(1), 2, client(1));
    let refused = try_commit(&standing, &guessed, at(11));
    assert!(matches!(refused, Err(Refusal::Quarantined { .. })));
    let known = Commit { attested: true, ..guessed };
    assert_eq!(try_commit(&standing, &known, at(11)).unwrap().expires, at(611));
}

#[test]
fn it_ends_when_every_rack_has_told_or_was_fenced() {
    let mut quarantine = quarantine();
    quarantine.told(rack(1));
    assert!(quarantine.until(at(11)).is_some());
    quarantine.fence(rack(2).rack);
    assert_eq!(quarantine.until(at(11)), None);
}

#[test]
fn it_ends_by_time_when_nobody_tells() {
    let end = quarantine().until(at(10)).unwrap();
    assert!(quarantine().until(just_before(end)).is_some());
    assert_eq!(quarantine().until(end), None);
}

#[test]
fn what_a_rack_tells_is_newer_than_what_was_restored() {
    let (quarantine, binding) = (quarantine(), held());
    let binding = told(&quarantined(&quarantine, &binding), 2, Remaining::Exactly(LIFE));
    assert_eq!(binding.owner, Some(client(2)));
    assert!(binding.is_live(at(20)));
}

#[test]
fn address_that_one_of_two_clients_has_goes_to_neither_before_both_had_to_let_go() {
    let (quarantine, binding) = (quarantine(), held());
    let binding = told(&quarantined(&quarantine, &binding), 2, Remaining::AtMost(LIFE));
    for number in [1, 2] {
        let refused = try_commit(&recorded(&binding), &asks(rack(2), 9, client(number)), at(599));
        assert!(matches!(refused, Err(Refusal::Owned { .. })), "client {number}: {refused:?}");
    }
}
