//! Leases that an admin ended.

use crate::site::{asks, at, client, held, just_before, rack, recorded, terms, try_commit};
use regent_core::lease::adopt::{Adopt, Adopted, Remaining, adopt};
use regent_core::lease::binding::{Binding, Held, Tenure};
use regent_core::lease::give_up::{Ending, Release, Relinquish, end, release, relinquish};
use regent_core::lease::refusal::Refusal;
use regent_core::time::Millis;

/// The first client's lease, ended at 50.
fn ended(ending: Ending) -> Binding {
    end(&held(), ending, at(50))
}

#[test]
fn client_whose_lease_was_ended_gets_no_more_of_it_and_hears_why() {
    let binding = ended(Ending::ClientMayBeThere);
    let until = binding.free_from(&terms());
    for server in [rack(1), rack(2)] {
        let again = try_commit(&recorded(&binding), &asks(server, 9, client(1)), at(51));
        assert_eq!(again, Err(Refusal::Ended { until }));
    }
    let other = try_commit(&recorded(&binding), &asks(rack(1), 9, client(2)), at(51));
    assert_eq!(other, Err(Refusal::Resting { until }), "nobody else has it sooner");
}

#[test]
fn ended_address_rests_exactly_as_long_as_if_its_lease_had_run_out() {
    let binding = ended(Ending::ClientMayBeThere);
    let free = held().free_from(&terms());
    assert_eq!((binding.expires, binding.free_from(&terms())), (at(600), free));
    for next in [client(1), client(2)] {
        let ask = asks(rack(2), 9, next);
        assert!(try_commit(&recorded(&binding), &ask, just_before(free)).is_err());
        assert_eq!(try_commit(&recorded(&binding), &ask, free).unwrap().held, Held::Bound);
    }
}

#[test]
fn what_a_cut_off_rack_went_on_with_is_waited_for_and_ends_all_the_same() {
    let binding = ended(Ending::ClientMayBeThere);
    let told = |now| Adopt {
        server: rack(1),
        number: 9,
        as_of: at(now),
        client: client(1),
        remaining: Remaining::Exactly(Millis::from_secs(600)),
        tenure: Tenure::Leased,
    };
    let adopted = adopt(&recorded(&binding), &told(4_100), at(4_100), &terms()).unwrap();
    let Adopted::Recorded(adopted) = adopted else { panic!("{adopted:?}") };
    assert_eq!(adopted.held, Held::Ended);
    assert!(adopted.expires >= at(4_700), "{:?}", adopted.expires);
    let again = try_commit(&recorded(&adopted), &asks(rack(2), 1, client(1)), at(4_200));
    assert!(matches!(again, Err(Refusal::Ended { .. })), "{again:?}");
}

#[test]
fn ended_lease_comes_back_sooner_by_what_its_client_and_its_rack_say() {
    let binding = ended(Ending::ClientMayBeThere);
    let said = Release { server: rack(1), number: 2, client: client(1) };
    let given_back = release(&binding, &said, at(60)).unwrap();
    assert_eq!((given_back.held, given_back.expires), (Held::Ended, at(60)));
    let (client, remaining) = (client(1), Millis(0));
    let said = Relinquish { server: rack(1), number: 3, client, remaining };
    let waived = relinquish(&given_back, &said, at(61), &terms()).unwrap();
    let free = at(61).after(terms().guard);
    assert_eq!(waived.free_from(&terms()), free, "counted from when the rack told");
}

#[test]
fn address_of_a_client_that_is_gone_rests_for_the_guard_alone() {
    let binding = ended(Ending::ClientIsGone);
    let free = at(50).after(terms().guard);
    assert_eq!(binding.free_from(&terms()), free);
    let next = asks(rack(2), 1, client(2));
    assert!(try_commit(&recorded(&binding), &next, just_before(free)).is_err());
    assert!(try_commit(&recorded(&binding), &next, free).is_ok());
}

#[test]
fn what_a_rack_asked_before_a_client_was_said_to_be_gone_stays_void() {
    let binding = ended(Ending::ClientIsGone);
    let old = try_commit(&recorded(&binding), &asks(rack(1), 1, client(2)), at(600));
    assert_eq!(old, Err(Refusal::Outdated { number: 1, heard: 1 }));
}

#[test]
fn client_that_was_said_to_be_gone_and_was_not_is_an_incident() {
    let binding = ended(Ending::ClientIsGone);
    let next = try_commit(&recorded(&binding), &asks(rack(2), 1, client(2)), at(200)).unwrap();
    let remaining = Remaining::Exactly(Millis::from_secs(300));
    let (client, tenure) = (client(1), Tenure::Leased);
    let told = Adopt { server: rack(1), number: 9, as_of: at(201), client, remaining, tenure };
    let adopted = adopt(&recorded(&next), &told, at(201), &terms()).unwrap();
    assert!(matches!(adopted, Adopted::Contradiction(_)), "{adopted:?}");
}
