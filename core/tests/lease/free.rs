//! When an address may get another owner: rule R3.

use crate::site::{asks, at, client, held, just_before, rack, recorded, terms, try_commit};
use regent_core::lease::binding::Binding;
use regent_core::lease::give_up::{DECLINED_MILLIS, Relinquish, decline, relinquish};
use regent_core::lease::refusal::Refusal;
use regent_core::time::{ClusterTime, Millis};

/// No rack may act on it alone: only its own end counts.
fn held_by_client_alone() -> Binding {
    let told = Relinquish { server: rack(1), number: 2, client: client(1), remaining: Millis(0) };
    relinquish(&held(), &told, at(0), &terms()).expect("it comes in order")
}

fn taken_over_at(binding: &Binding, now: ClusterTime) -> Result<Binding, Refusal> {
    try_commit(&recorded(binding), &asks(rack(2), 1, client(2)), now)
}

#[test]
fn address_in_use_is_refused_with_its_end() {
    let refused = taken_over_at(&held_by_client_alone(), just_before(at(600)));
    assert_eq!(refused, Err(Refusal::Owned { until: at(600) }));
}

#[test]
fn address_rests_from_its_end_for_as_long_as_the_guard() {
    let binding = held_by_client_alone();
    let free = at(600).after(terms().guard);
    assert_eq!(taken_over_at(&binding, at(600)), Err(Refusal::Resting { until: free }));
    assert_eq!(taken_over_at(&binding, just_before(free)), Err(Refusal::Resting { until: free }));
    assert_eq!(taken_over_at(&binding, free).unwrap().owner, Some(client(2)));
}

#[test]
fn address_rests_until_no_rack_may_renew_it_alone_and_the_guard_is_over() {
    let binding = held();
    let free = at(4_200).after(terms().guard);
    assert_eq!(binding.free_from(&terms()), free);
    assert_eq!(taken_over_at(&binding, just_before(free)), Err(Refusal::Resting { until: free }));
    assert!(taken_over_at(&binding, free).is_ok());
}

#[test]
fn every_rack_is_waited_for() {
    let binding = try_commit(&recorded(&held()), &asks(rack(2), 1, client(1)), at(300)).unwrap();
    assert_eq!(binding.free_from(&terms()), at(4_500).after(terms().guard));
}

#[test]
fn next_owner_does_not_wait_for_rights_over_the_last_one() {
    let binding = held();
    let passed_on = taken_over_at(&binding, binding.free_from(&terms())).unwrap();
    let ends: Vec<_> = passed_on.autonomy.iter().filter(|own| own.until.is_some()).collect();
    assert_eq!(ends.len(), 1);
    assert_eq!(ends[0].server, rack(2));
}

#[test]
fn declined_address_goes_to_nobody_for_a_day() {
    let declined = decline(&held_by_client_alone(), &client(1), at(10)).unwrap();
    let until = at(10).after(DECLINED_MILLIS);
    let refused = taken_over_at(&declined, just_before(until));
    assert_eq!(refused, Err(Refusal::Declined { until }));
    let own = try_commit(&recorded(&declined), &asks(rack(1), 9, client(1)), just_before(until));
    assert_eq!(own, Err(Refusal::Declined { until }), "its owner does not get it either");
    assert!(taken_over_at(&declined, until.after(terms().guard)).is_ok());
}

#[test]
fn promise_of_a_foreign_server_is_waited_for() {
    let binding = Binding { foreign_until: at(9_000), ..held_by_client_alone() };
    let refused = taken_over_at(&binding, just_before(at(9_000)));
    assert_eq!(refused, Err(Refusal::Resting { until: at(9_000) }));
    assert!(taken_over_at(&binding, at(9_000)).is_ok());
}
