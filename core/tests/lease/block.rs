//! Delegated addresses: rule R8.

use crate::site::{
    UNKNOWN, asks, at, client, held, just_before, rack, recorded, terms, try_commit,
};
use regent_core::lease::block::{Block, delegate, extend};
use regent_core::lease::free::Standing;
use regent_core::lease::refusal::Refusal;
use regent_core::lease::server::{Incarnation, Server};

/// The first rack got a block at 0, in its message 7.
fn block() -> Block {
    delegate(rack(1), 7, at(0), &terms())
}

fn in_block(block: &Block) -> Standing<'_> {
    Standing { block: Some(block), ..UNKNOWN }
}

#[test]
fn term_of_a_block_counts_from_the_entry() {
    assert_eq!(delegate(rack(1), 7, at(100), &terms()).until, at(3_700));
}

#[test]
fn address_in_use_or_resting_is_not_delegated() {
    let binding = held();
    let free = binding.free_from(&terms());
    let standing = recorded(&binding);
    let refused = standing.check_delegable(just_before(free), &terms());
    assert_eq!(refused, Err(Refusal::Resting { until: free }));
    assert_eq!(standing.check_delegable(free, &terms()), Ok(()));
}

#[test]
fn reserved_address_is_not_delegated() {
    let keeper = client(1);
    let standing = Standing { kept_for: Some(std::slice::from_ref(&keeper)), ..UNKNOWN };
    assert_eq!(standing.check_delegable(at(0), &terms()), Err(Refusal::Reserved));
}

#[test]
fn other_racks_get_nothing_from_a_block_before_its_end_and_the_guard() {
    let block = block();
    let free = block.until.after(terms().guard);
    let refusal = Refusal::InBlock { server: rack(1), until: free };
    for now in [at(0), block.until, just_before(free)] {
        let asked = asks(rack(2), 1, client(2));
        assert_eq!(try_commit(&in_block(&block), &asked, now), Err(refusal));
        assert_eq!(in_block(&block).check_delegable(now, &terms()), Err(refusal));
    }
    assert!(try_commit(&in_block(&block), &asks(rack(2), 1, client(2)), free).is_ok());
    assert_eq!(in_block(&block).check_delegable(free, &terms()), Ok(()));
}

#[test]
fn not_even_the_last_owner_gets_its_address_elsewhere_while_it_lies_in_a_block() {
    let (binding, block) = (held(), block());
    let standing = Standing { block: Some(&block), ..recorded(&binding) };
    let refused = try_commit(&standing, &asks(rack(2), 1, client(1)), at(1));
    assert!(matches!(refused, Err(Refusal::InBlock { .. })));
}

#[test]
fn rack_may_commit_an_address_of_its_own_block() {
    assert!(try_commit(&in_block(&block()), &asks(rack(1), 8, client(1)), at(1)).is_ok());
}

#[test]
fn what_the_rack_asked_before_it_asked_for_the_block_is_void() {
    let late = try_commit(&in_block(&block()), &asks(rack(1), 6, client(1)), at(1));
    assert_eq!(late, Err(Refusal::Outdated { number: 6, heard: 7 }));
}

#[test]
fn block_is_extended_while_its_term_runs_and_not_a_moment_later() {
    let block = block();
    let extended = extend(&block, rack(1), just_before(block.until), &terms()).unwrap();
    assert_eq!(extended.until, just_before(block.until).after(terms().block_term));
    assert_eq!(extended.number, block.number);
    let refused = extend(&block, rack(1), block.until, &terms());
    assert_eq!(refused, Err(Refusal::NotDelegated));
}

#[test]
fn neither_another_rack_nor_another_life_of_the_same_rack_extends_a_block() {
    let next_life = Server { incarnation: Incarnation(1), ..rack(1) };
    for server in [rack(2), next_life] {
        assert_eq!(extend(&block(), server, at(1), &terms()), Err(Refusal::NotDelegated));
    }
}
