//! Blocks that racks give from without asking (rule R8).

use crate::site::{EAST, NORTH, SUBNET, Site, WEST, client, ip, patch, served};
use regent_core::command::Command;
use regent_core::command::edit::Edit;
use regent_core::command::rack::LeaseStep;
use regent_core::command::vlan::VlanPatch;
use regent_core::id::{IpRangeId, NodeId};
use regent_core::lease::refusal::Refusal;
use regent_core::lease::terms::Terms;
use regent_core::outcome::LeaseAnswer;
use regent_core::time::Millis;
use std::net::IpAddr;

fn delegated(site: &mut Site, rack: NodeId, count: u32) -> Result<(IpAddr, IpAddr), Refusal> {
    let (number, epoch) = (site.number(), site.service().epoch);
    match site.ask(rack, LeaseStep::Delegate { number, epoch, subnet: SUBNET, count }) {
        LeaseAnswer::Delegated { first, last, .. } => Ok((first, last)),
        LeaseAnswer::Refused(refusal) => Err(refusal),
        other => panic!("{other:?}"),
    }
}

#[test]
fn block_is_the_first_run_of_free_addresses() {
    let mut site = served();
    site.lease(EAST, ip(103), client(1));
    assert_eq!(delegated(&mut site, EAST, 8), Ok((ip(104), ip(111))));
    assert_eq!(delegated(&mut site, WEST, 2), Ok((ip(100), ip(101))));
}

#[test]
fn blocks_take_a_fifth_of_the_addresses_and_those_of_one_rack_its_share_of_that() {
    let mut site = served();
    assert_eq!(delegated(&mut site, EAST, 8), Ok((ip(100), ip(107))));
    assert_eq!(delegated(&mut site, EAST, 64), Ok((ip(108), ip(109))), "10 of 20 of 100");
    assert_eq!(delegated(&mut site, EAST, 1), Err(Refusal::NoBlock));
    site.open(EAST, None).unwrap();
    assert_eq!(delegated(&mut site, EAST, 1), Err(Refusal::NoBlock), "another life has no other");
    assert_eq!(delegated(&mut site, WEST, 64), Ok((ip(110), ip(119))));
    assert_eq!(delegated(&mut site, WEST, 1), Err(Refusal::NoBlock));
}

#[test]
fn each_of_three_racks_has_a_third_of_the_fifth() {
    let mut site = served().with_a_third();
    assert_eq!(delegated(&mut site, NORTH, 64), Ok((ip(100), ip(106))), "7 of 20 of 100");
    assert_eq!(delegated(&mut site, EAST, 64), Ok((ip(107), ip(113))));
    assert_eq!(delegated(&mut site, WEST, 64), Ok((ip(114), ip(119))), "what is left");
    assert_eq!(delegated(&mut site, NORTH, 1), Err(Refusal::NoBlock));
}

#[test]
fn rack_that_serves_alone_has_the_whole_fifth() {
    let mut site = served();
    let alone = VlanPatch { secondary_rack: Some(None), ..VlanPatch::default() };
    site.region.run(patch(alone)).unwrap();
    let epoch = site.service().epoch;
    let number = site.number();
    let wish = LeaseStep::Delegate { number, epoch, subnet: SUBNET, count: 64 };
    let answer = site.ask(EAST, wish);
    let LeaseAnswer::Delegated { first, last, .. } = answer else { panic!("{answer:?}") };
    assert_eq!((first, last), (ip(100), ip(119)));
}

#[test]
fn nobody_but_its_rack_gives_an_address_of_a_running_block_not_even_to_its_owner() {
    let mut site = served();
    delegated(&mut site, EAST, 8).unwrap();
    site.lease(EAST, ip(100), client(1));
    for who in [1, 2] {
        let wish = site.commit(ip(100), client(who));
        let answer = site.ask(WEST, wish);
        assert!(matches!(answer, LeaseAnswer::Refused(Refusal::InBlock { .. })), "{answer:?}");
    }
}

#[test]
fn block_is_extended_while_it_runs_and_becomes_another_one_after_its_end() {
    let mut site = served();
    let terms = Terms::default();
    delegated(&mut site, EAST, 8).unwrap();
    let extend = || LeaseStep::Extend { first: ip(100) };
    site.pass(Millis(terms.block_term.0 - 1));
    assert!(matches!(site.ask(EAST, extend()), LeaseAnswer::Delegated { .. }));
    let over = LeaseAnswer::Refused(Refusal::NotDelegated);
    assert_eq!(site.ask(WEST, extend()), over);
    site.pass(terms.block_term);
    assert_eq!(site.ask(EAST, extend()), over);
    assert_eq!(delegated(&mut site, WEST, 8), Ok((ip(108), ip(115))), "it still rests");
    site.pass(terms.guard);
    assert_eq!(delegated(&mut site, EAST, 8), Ok((ip(100), ip(107))));
}

#[test]
fn block_that_was_given_back_is_free_but_for_what_was_given_from_it() {
    let mut site = served();
    delegated(&mut site, EAST, 8).unwrap();
    let told = site.adopt(ip(101), client(1), Millis(60_000));
    assert_eq!(site.ask(EAST, told), LeaseAnswer::Done);
    let number = site.number();
    let back = || LeaseStep::Return { number, first: ip(100) };
    assert_eq!(site.ask(WEST, back()), LeaseAnswer::Refused(Refusal::NotDelegated));
    assert_eq!(site.ask(EAST, back()), LeaseAnswer::Done);
    site.lease(WEST, ip(100), client(2));
    let wish = site.commit(ip(101), client(2));
    let answer = site.ask(WEST, wish);
    assert!(matches!(answer, LeaseAnswer::Refused(Refusal::Owned { .. })), "{answer:?}");
    site.lease(WEST, ip(101), client(1));
}

#[test]
fn block_that_is_given_back_twice_does_not_take_the_next_one_with_it() {
    let mut site = served();
    delegated(&mut site, EAST, 8).unwrap();
    let number = site.number();
    let back = || LeaseStep::Return { number, first: ip(100) };
    assert_eq!(site.ask(EAST, back()), LeaseAnswer::Done);
    delegated(&mut site, EAST, 8).unwrap();
    let late = site.ask(EAST, back());
    assert!(matches!(late, LeaseAnswer::Refused(Refusal::Outdated { .. })), "{late:?}");
}

#[test]
fn search_for_a_block_skips_what_is_used() {
    let mut site = served();
    for last in 100..140 {
        site.lease(EAST, ip(last), client(last));
    }
    assert_eq!(delegated(&mut site, WEST, 4), Ok((ip(140), ip(143))));
}

#[test]
fn rack_gets_no_further_term_for_addresses_that_are_not_dynamic_any_more() {
    let mut site = served();
    delegated(&mut site, WEST, 8).unwrap();
    let off = VlanPatch { dhcp_on: Some(false), ..VlanPatch::default() };
    site.region.run(patch(off)).unwrap();
    site.region.run(Command::IpRange(Edit::Delete { id: IpRangeId(1) })).unwrap();
    let answer = site.ask(WEST, LeaseStep::Extend { first: ip(100) });
    assert_eq!(answer, LeaseAnswer::Refused(Refusal::NotGiven));
}
