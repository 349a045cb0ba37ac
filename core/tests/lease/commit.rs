//! Commit before ACK: rules R1, R2 and R6.

use crate::site::{UNKNOWN, asks, at, client, held, rack, recorded, terms, try_commit};
use regent_core::lease::binding::Held;
use regent_core::lease::commit::Commit;
use regent_core::lease::free::Standing;
use regent_core::lease::refusal::Refusal;
use regent_core::lease::server::{Incarnation, Server};
use regent_core::time::Millis;

#[test]
fn commit_sets_the_owner_the_end_and_what_the_rack_may_do_alone() {
    let binding = try_commit(&UNKNOWN, &asks(rack(1), 1, client(1)), at(100)).unwrap();
    assert_eq!(binding.owner, Some(client(1)));
    assert_eq!(binding.held, Held::Bound);
    assert_eq!(binding.expires, at(700));
    assert_eq!(binding.acknowledged_by, Some(rack(1)));
    let [autonomy] = binding.autonomy.as_slice() else { panic!("one rack may act") };
    assert_eq!((autonomy.server, autonomy.until), (rack(1), Some(at(700 + 3_600))));
}

#[test]
fn lease_is_live_until_the_moment_it_expires() {
    let binding = held();
    assert!(binding.is_live(at(599)));
    assert!(!binding.is_live(at(600)));
}

#[test]
fn another_rack_may_renew_for_the_same_client_and_both_may_act_alone_then() {
    let renewed = try_commit(&recorded(&held()), &asks(rack(2), 1, client(1)), at(300)).unwrap();
    assert_eq!(renewed.expires, at(900));
    let ends: Vec<_> = renewed.autonomy.iter().map(|own| (own.server, own.until)).collect();
    assert_eq!(ends, [(rack(1), Some(at(4_200))), (rack(2), Some(at(4_500)))]);
}

#[test]
fn shorter_renewal_shortens_nothing() {
    let short = Commit { life: Millis::from_secs(30), ..asks(rack(1), 2, client(1)) };
    let renewed = try_commit(&recorded(&held()), &short, at(1)).unwrap();
    assert_eq!(renewed.expires, at(600));
    assert_eq!(renewed.autonomy[0].until, Some(at(4_200)));
}

#[test]
fn owner_gets_its_address_again_long_after_it_expired() {
    let again = try_commit(&recorded(&held()), &asks(rack(2), 1, client(1)), at(601)).unwrap();
    assert_eq!(again.expires, at(1_201));
}

#[test]
fn length_of_nothing_and_more_than_the_terms_allow_are_refused() {
    for life in [Millis(0), Millis(terms().life.0 + 1)] {
        let asked = Commit { life, ..asks(rack(1), 1, client(1)) };
        assert_eq!(try_commit(&UNKNOWN, &asked, at(0)), Err(Refusal::Life));
    }
}

#[test]
fn message_that_was_overtaken_by_a_later_one_is_void() {
    let binding = try_commit(&UNKNOWN, &asks(rack(1), 5, client(1)), at(0)).unwrap();
    for number in [4, 5] {
        let refused = try_commit(&recorded(&binding), &asks(rack(1), number, client(1)), at(1));
        assert_eq!(refused, Err(Refusal::Outdated { number, heard: 5 }));
    }
    assert!(try_commit(&recorded(&binding), &asks(rack(1), 6, client(1)), at(1)).is_ok());
    assert!(try_commit(&recorded(&binding), &asks(rack(2), 1, client(1)), at(1)).is_ok());
}

#[test]
fn how_far_a_rack_was_heard_is_remembered_when_the_address_goes_to_another_client() {
    let binding = try_commit(&UNKNOWN, &asks(rack(1), 5, client(1)), at(0)).unwrap();
    let free = binding.free_from(&terms());
    let passed_on = try_commit(&recorded(&binding), &asks(rack(2), 1, client(2)), free).unwrap();
    let late = try_commit(&recorded(&passed_on), &asks(rack(1), 4, client(2)), free);
    assert_eq!(late, Err(Refusal::Outdated { number: 4, heard: 5 }));
}

#[test]
fn of_a_rack_that_began_anew_only_the_last_life_is_remembered() {
    let next_life = Server { incarnation: Incarnation(1), ..rack(1) };
    let again = try_commit(&recorded(&held()), &asks(next_life, 1, client(1)), at(1)).unwrap();
    assert_eq!(again.autonomy.len(), 2, "both may have given it");
    let free = again.free_from(&terms());
    let passed_on = try_commit(&recorded(&again), &asks(rack(2), 1, client(2)), free).unwrap();
    let heard: Vec<_> = passed_on.autonomy.iter().map(|own| own.server).collect();
    assert_eq!(heard, [next_life, rack(2)]);
}

#[test]
fn reserved_address_goes_to_nobody_else() {
    let keeper = client(1);
    let standing = Standing { kept_for: Some(std::slice::from_ref(&keeper)), ..UNKNOWN };
    let refused = try_commit(&standing, &asks(rack(1), 1, client(2)), at(0));
    assert_eq!(refused, Err(Refusal::Reserved));
    assert!(try_commit(&standing, &asks(rack(1), 1, client(1)), at(0)).is_ok());
}
