//! What a rack asks and may not: refused, and told, but not more often than somebody wants to read.

use crate::site::{EAST, EPOCH, SUBNET, Site, WEST, client, ip, patch, served};
use regent_core::command::rack::LeaseStep;
use regent_core::command::vlan::VlanPatch;
use regent_core::id::{NodeId, SubnetId};
use regent_core::lease::binding::Held;
use regent_core::lease::refusal::Refusal;
use regent_core::model::decline_count::DECLINES_SPAN_MILLIS;
use regent_core::model::rack_fault::FAULT_TOLD_AGAIN_MILLIS;
use regent_core::outcome::LeaseAnswer;
use regent_core::time::Millis;
use std::net::IpAddr;

/// Types of the events since the site was made, which enrolments are not.
fn told(site: &Site) -> Vec<String> {
    let events = site.region.state.tables().events.iter().map(|(_, row)| &row.value);
    let faults = events.filter(|event| event.event_type != "RACK_ENROLLED");
    faults.map(|event| event.event_type.clone()).collect()
}

/// A site whose second rack serves nothing any more.
fn served_by_east() -> Site {
    let mut site = served();
    let alone = VlanPatch { secondary_rack: Some(None), ..VlanPatch::default() };
    site.region.run(patch(alone)).unwrap();
    site
}

fn refused_as(site: &mut Site, step: LeaseStep, refusal: Refusal) {
    assert_eq!(site.ask(WEST, step), LeaseAnswer::Refused(refusal));
}

#[test]
fn rack_that_asks_about_what_it_does_not_serve_is_told_of() {
    let mut site = served_by_east();
    let epoch = site.service().epoch;
    let wish = site.commit_in(epoch, ip(100), client(1));
    refused_as(&mut site, wish, Refusal::NotServing);
    let (_, event) = site.region.state.tables().events.iter().last().unwrap();
    let event = &event.value;
    assert_eq!((event.event_type.as_str(), event.level), ("RACK_DOES_NOT_SERVE", 30));
    assert_eq!((event.node, event.ip_address), (Some(WEST), Some(ip(100))));
}

#[test]
fn rack_that_does_not_know_yet_that_it_serves_no_more_has_done_nothing_wrong() {
    let mut site = served_by_east();
    let wish = site.commit_in(EPOCH, ip(100), client(1));
    refused_as(&mut site, wish, Refusal::NotServing);
    let number = site.number();
    let wish = LeaseStep::Delegate { number, epoch: EPOCH, subnet: SUBNET, count: 1 };
    refused_as(&mut site, wish, Refusal::NotServing);
    let wish = site.commit_in(EPOCH, ip(100), client(1));
    assert_eq!(site.ask(EAST, wish), LeaseAnswer::Refused(Refusal::NotServing));
    assert_eq!(told(&site), [""; 0]);
}

#[test]
fn addresses_and_subnets_that_nobody_knows_are_told_of() {
    for number in [0, 1] {
        let mut site = served();
        let nowhere: IpAddr = [192, 0, 2, 1].into();
        let step = match number {
            0 => site.adopt(nowhere, client(1), Millis(60_000)),
            _ => LeaseStep::Delegate { number, epoch: EPOCH, subnet: SubnetId(9), count: 1 },
        };
        refused_as(&mut site, step, Refusal::NotServing);
        assert_eq!(told(&site), ["RACK_ASKED_OF_UNKNOWN"]);
    }
}

#[test]
fn only_a_block_that_is_another_racks_is_told_of() {
    let mut site = served();
    let number = site.number();
    let wish = LeaseStep::Delegate { number, epoch: EPOCH, subnet: SUBNET, count: 4 };
    assert!(matches!(site.ask(EAST, wish), LeaseAnswer::Delegated { .. }));
    refused_as(&mut site, LeaseStep::Extend { first: ip(150) }, Refusal::NotDelegated);
    assert_eq!(told(&site), [""; 0], "its own may have ended");
    let number = site.number();
    refused_as(&mut site, LeaseStep::Return { number, first: ip(100) }, Refusal::NotDelegated);
    assert_eq!(told(&site), ["RACK_HAS_NOT_THE_BLOCK"]);
}

/// Says of an address that somebody unknown uses it.
fn found_in_use(site: &mut Site, rack: NodeId, address: IpAddr) -> LeaseAnswer {
    site.ask(rack, LeaseStep::FoundInUse { epoch: EPOCH, address })
}

#[test]
fn no_more_than_a_twentieth_of_a_subnet_is_believed_to_be_in_use_within_an_hour() {
    let mut site = served();
    site.lease(EAST, ip(104), client(1));
    let number = site.number();
    let decline = LeaseStep::Decline { number, address: ip(104), client: client(1) };
    assert_eq!(site.ask(EAST, decline), LeaseAnswer::Done);
    for last in 100..104 {
        let rack = if last % 2 == 0 { EAST } else { WEST };
        assert_eq!(found_in_use(&mut site, rack, ip(last)), LeaseAnswer::Done, "5 of 100");
    }
    site.lease(EAST, ip(106), client(2));
    let number = site.number();
    let decline = LeaseStep::Decline { number, address: ip(106), client: client(2) };
    for answer in [found_in_use(&mut site, WEST, ip(105)), site.ask(EAST, decline)] {
        let is_limit = matches!(answer, LeaseAnswer::Refused(Refusal::TooManyDeclines { .. }));
        assert!(is_limit, "{answer:?}");
    }
    assert_eq!(site.recorded(ip(106)).binding.held, Held::Bound, "its client keeps it");
    assert_eq!(told(&site), ["DHCP_TOO_MANY_DECLINES"; 2], "of each rack");
    site.pass(DECLINES_SPAN_MILLIS);
    assert!(site.region.state.tables().decline_counts.is_empty());
    assert_eq!(found_in_use(&mut site, WEST, ip(105)), LeaseAnswer::Done);
}

#[test]
fn each_kind_is_told_once_an_hour_for_each_rack() {
    let mut site = served_by_east();
    let ask = |site: &mut Site| {
        for address in [ip(100), ip(101), [192, 0, 2, 1].into()] {
            let step = site.adopt(address, client(1), Millis(60_000));
            refused_as(site, step, Refusal::NotServing);
        }
    };
    (0..3).for_each(|_| ask(&mut site));
    assert_eq!(told(&site), ["RACK_DOES_NOT_SERVE", "RACK_ASKED_OF_UNKNOWN"]);
    site.pass(Millis(FAULT_TOLD_AGAIN_MILLIS.0 - 1));
    ask(&mut site);
    assert_eq!(told(&site).len(), 2);
    site.pass(Millis(1));
    ask(&mut site);
    assert_eq!(told(&site).len(), 4);
    let step = site.adopt([192, 0, 2, 1].into(), client(1), Millis(60_000));
    assert_eq!(site.ask(EAST, step), LeaseAnswer::Refused(Refusal::NotServing));
    assert_eq!(told(&site).len(), 5, "another rack");
}
