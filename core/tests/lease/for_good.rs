//! Addresses that clients have for good, because they know no leases: rule R17.

use crate::site::{UNKNOWN, asks, at, client, just_before, rack, recorded, terms, try_commit};
use regent_core::lease::adopt::{Adopt, Adopted, Remaining, adopt};
use regent_core::lease::binding::{Binding, Client, Held, Tenure};
use regent_core::lease::block::delegate;
use regent_core::lease::commit::Commit;
use regent_core::lease::free::Standing;
use regent_core::lease::give_up::{Ending, Release, Relinquish, decline, end, release, relinquish};
use regent_core::lease::quarantine::Quarantine;
use regent_core::lease::refusal::Refusal;
use regent_core::lease::server::Server;
use regent_core::time::{ClusterTime, Millis};

/// Two hundred years.
const LATE: ClusterTime = ClusterTime(6_307_200_000_000);

fn asks_for_good(server: Server, number: u64, client: Client) -> Commit {
    Commit { tenure: Tenure::ForGood, ..asks(server, number, client) }
}

/// The first client got the address at 0 through the first rack, for good.
fn kept() -> Binding {
    let holders = [client(1)];
    let standing = Standing { kept_for: Some(&holders), ..UNKNOWN };
    try_commit(&standing, &asks_for_good(rack(1), 1, client(1)), at(0)).expect("it is kept for it")
}

fn adopted(standing: &Standing<'_>, tenure: Tenure, remaining: Millis) -> Binding {
    let (client, remaining) = (client(1), Remaining::Exactly(remaining));
    let told = Adopt { server: rack(2), number: 1, as_of: at(20), client, remaining, tenure };
    match adopt(standing, &told, at(20), &terms()).expect("it comes in time and order") {
        Adopted::Recorded(binding) => binding,
        Adopted::Contradiction(binding) => panic!("contradicts: {binding:?}"),
    }
}

#[test]
fn nothing_is_given_for_good_that_is_not_kept_for_the_client() {
    let (asked, others) = (asks_for_good(rack(1), 1, client(1)), [client(2)]);
    assert_eq!(try_commit(&UNKNOWN, &asked, at(0)), Err(Refusal::NotGiven));
    for (holders, refusal) in [(&others[..], Refusal::Reserved), (&[][..], Refusal::Reserved)] {
        let standing = Standing { kept_for: Some(holders), ..UNKNOWN };
        assert_eq!(try_commit(&standing, &asked, at(0)), Err(refusal), "{holders:?}");
    }
}

#[test]
fn no_time_frees_it_and_neither_does_its_being_kept_no_longer() {
    let binding = kept();
    assert!(binding.is_live(LATE));
    let until = ClusterTime::NEVER;
    let next = try_commit(&recorded(&binding), &asks(rack(2), 1, client(2)), LATE);
    assert_eq!(next, Err(Refusal::Owned { until }));
    assert_eq!(recorded(&binding).check_free(LATE, &terms()), Err(Refusal::Owned { until }));
    assert_eq!(recorded(&binding).check_delegable(LATE, &terms()), Err(Refusal::Owned { until }));
}

#[test]
fn rack_may_renew_it_alone_for_no_longer_than_any_lease() {
    assert_eq!(kept().autonomy[0].until, Some(at(600 + 3_600)));
}

#[test]
fn whatever_its_client_says_later_it_has_it_for_good() {
    let leased = try_commit(&recorded(&kept()), &asks(rack(2), 1, client(1)), at(900)).unwrap();
    let said = Release { server: rack(1), number: 2, client: client(1) };
    let given_back = release(&kept(), &said, at(50)).unwrap();
    let said = Relinquish { server: rack(1), number: 2, client: client(1), remaining: Millis(0) };
    let waived = relinquish(&kept(), &said, at(50), &terms()).unwrap();
    for binding in [leased, given_back, waived] {
        assert_eq!((binding.held, binding.tenure()), (Held::Bound, Tenure::ForGood));
    }
}

#[test]
fn lease_becomes_one_for_good_when_its_client_asks_as_one_from_before_dhcp() {
    let (leased, holders) = (crate::site::held(), [client(1)]);
    let standing = Standing { kept_for: Some(&holders), ..recorded(&leased) };
    let binding = try_commit(&standing, &asks_for_good(rack(2), 1, client(1)), at(10)).unwrap();
    assert_eq!(binding.tenure(), Tenure::ForGood);
}

#[test]
fn address_whose_client_found_it_in_use_waits_for_an_admin() {
    let declined = decline(&kept(), &client(1), at(10)).unwrap();
    let until = ClusterTime::NEVER;
    assert_eq!(recorded(&declined).check_free(LATE, &terms()), Err(Refusal::Declined { until }));
    let ended = end(&declined, Ending::ClientIsGone, at(20));
    assert_eq!(recorded(&ended).check_free(at(20).after(terms().guard), &terms()), Ok(()));
}

#[test]
fn admin_who_has_made_sure_that_its_client_is_off_frees_it() {
    let ended = end(&kept(), Ending::ClientIsGone, at(50));
    let free = at(50).after(terms().guard);
    assert_eq!((ended.tenure(), ended.free_from(&terms())), (Tenure::Leased, free));
    let next = asks(rack(2), 1, client(2));
    assert!(try_commit(&recorded(&ended), &next, just_before(free)).is_err());
    assert_eq!(try_commit(&recorded(&ended), &next, free).unwrap().tenure(), Tenure::Leased);
}

/// A rack that was away when an admin ended it tells of it like of anything else it remembers.
#[test]
fn what_an_admin_ended_no_rack_brings_back() {
    let ended = end(&kept(), Ending::ClientIsGone, at(10));
    for remaining in [Millis(0), Millis::from_secs(100)] {
        let told = adopted(&recorded(&ended), Tenure::ForGood, remaining);
        assert_eq!((told.held, told.tenure()), (Held::Ended, Tenure::Leased), "{remaining:?}");
    }
}

#[test]
fn what_a_restored_region_has_forgotten_its_rack_remembers() {
    let quarantine = Quarantine::begin([rack(2)].into(), at(10), &terms());
    let older = crate::site::held();
    for binding in [None, Some(&older)] {
        let standing = Standing { binding, quarantine: Some(&quarantine), ..UNKNOWN };
        let told = adopted(&standing, Tenure::ForGood, Millis(0));
        assert_eq!((told.held, told.tenure()), (Held::Bound, Tenure::ForGood), "{binding:?}");
        assert_eq!(told.owner, Some(client(1)));
        assert_eq!(adopted(&standing, Tenure::Leased, Millis(0)).tenure(), Tenure::Leased);
    }
}

#[test]
fn another_client_that_a_rack_says_has_it_is_an_incident() {
    let remaining = Remaining::Exactly(Millis::from_secs(100));
    let (client, tenure) = (client(2), Tenure::Leased);
    let told = Adopt { server: rack(2), number: 1, as_of: LATE, client, remaining, tenure };
    let adopted = adopt(&recorded(&kept()), &told, LATE, &terms()).unwrap();
    assert!(matches!(adopted, Adopted::Contradiction(_)), "{adopted:?}");
}

#[test]
fn rack_gets_it_for_a_client_in_its_own_block_and_no_other_rack_does() {
    let (block, holders) = (delegate(rack(1), 1, at(0), &terms()), [client(1)]);
    let standing = Standing { block: Some(&block), kept_for: Some(&holders), ..UNKNOWN };
    let own = try_commit(&standing, &asks_for_good(rack(1), 2, client(1)), at(10)).unwrap();
    assert_eq!(own.tenure(), Tenure::ForGood);
    let other = try_commit(&standing, &asks_for_good(rack(2), 1, client(1)), at(10));
    assert!(matches!(other, Err(Refusal::InBlock { .. })), "{other:?}");
}
