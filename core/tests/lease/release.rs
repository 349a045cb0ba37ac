//! Addresses given back by their clients: rule R5.

use crate::site::{asks, at, client, held, rack, recorded, terms, try_commit};
use regent_core::lease::binding::Held;
use regent_core::lease::give_up::{Release, decline, release};
use regent_core::lease::refusal::Refusal;
use regent_core::lease::server::Server;

fn gives(server: Server, number: u64, client_number: u8) -> Release {
    Release { server, number, client: client(client_number) }
}

#[test]
fn released_address_ends_at_once_and_is_still_waited_for_where_a_rack_may_renew_it() {
    let binding = release(&held(), &gives(rack(1), 2, 1), at(50)).unwrap();
    assert_eq!((binding.held, binding.expires), (Held::Released, at(50)));
    assert_eq!(binding.free_from(&terms()), at(4_200).after(terms().guard));
}

#[test]
fn released_address_is_kept_in_mind_for_its_client() {
    let binding = release(&held(), &gives(rack(1), 2, 1), at(50)).unwrap();
    let again = try_commit(&recorded(&binding), &asks(rack(2), 1, client(1)), at(51)).unwrap();
    assert_eq!((again.held, again.expires), (Held::Bound, at(651)));
}

#[test]
fn late_release_prolongs_nothing() {
    let binding = release(&held(), &gives(rack(1), 2, 1), at(5_000)).unwrap();
    assert_eq!(binding.expires, at(600));
}

#[test]
fn nobody_gives_back_or_declines_what_is_not_his() {
    let refused = release(&held(), &gives(rack(1), 2, 2), at(50));
    assert_eq!(refused, Err(Refusal::NotOwner));
    assert_eq!(decline(&held(), &client(2), at(50)), Err(Refusal::NotOwner));
}

/// The model shows what comes of it otherwise (`release-elsewhere`): the client gave the address back at one rack and had it again from another
/// before the region heard of it.
#[test]
fn release_through_a_rack_does_not_end_what_another_rack_acknowledged() {
    let again = try_commit(&recorded(&held()), &asks(rack(2), 1, client(1)), at(50)).unwrap();
    let late = release(&again, &gives(rack(1), 2, 1), at(51));
    assert_eq!(late, Err(Refusal::RenewedSince { server: rack(2) }));
    assert!(release(&again, &gives(rack(2), 2, 1), at(51)).is_ok());
}

#[test]
fn release_that_was_overtaken_by_a_commit_is_void() {
    let again = try_commit(&recorded(&held()), &asks(rack(1), 3, client(1)), at(50)).unwrap();
    let late = release(&again, &gives(rack(1), 2, 1), at(51));
    assert_eq!(late, Err(Refusal::Outdated { number: 2, heard: 3 }));
}
