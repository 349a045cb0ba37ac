//! Pools that run dry: what is counted, and what is told before they have.

use crate::region::staged::{import_with, staged};
use crate::site::{EAST, EPOCH, SUBNET, Site, WEST, client, ip, served};
use regent_core::command::Command;
use regent_core::command::edit::Edit;
use regent_core::command::ip_range::IpRangePatch;
use regent_core::command::lease::LeaseCommand;
use regent_core::command::rack::LeaseStep;
use regent_core::id::{IpRangeId, ReservedIpId, StaticIpAddressId};
use regent_core::lease::binding::{Held, Tenure};
use regent_core::lease::give_up::Ending;
use regent_core::lease::terms::Terms;
use regent_core::model::import::StagedRow;
use regent_core::model::lease::REMEMBERED_MILLIS;
use regent_core::model::pool_level::PoolLevel;
use regent_core::model::reserved_ip::ReservedIp;
use regent_core::model::static_ip_address::{AllocType, StaticIpAddress};
use regent_core::net::mac::MacAddr;
use regent_core::outcome::LeaseAnswer;
use regent_core::query::dynamic_usage::{DynamicUsage, of_ranges};
use regent_core::time::Millis;

/// After that nothing is closed any more for what racks or another server may have given before an import.
const DAY: Millis = Millis::from_secs(86_400);

/// The types of events about pools, the oldest first.
fn told(site: &Site) -> Vec<&str> {
    let events = site.region.state.tables().events.iter().map(|(_, row)| &row.value);
    let types = events.map(|event| event.event_type.as_str());
    types.filter(|event_type| event_type.starts_with("DHCP_POOL")).collect()
}

fn level(site: &Site) -> Option<PoolLevel> {
    site.region.state.get::<PoolLevel>(&SUBNET).map(|row| row.value)
}

fn usage(site: &Site) -> DynamicUsage {
    of_ranges(&site.region.state, SUBNET).next().unwrap().1
}

/// Leases the first addresses of the range, from one to the other.
fn fill(site: &mut Site, from: u8, upto: u8) {
    for number in from..upto {
        site.lease(EAST, ip(100 + number), client(number));
    }
}

fn release(site: &mut Site, last: u8) {
    let (number, client) = (site.number(), client(last));
    let released = LeaseStep::Release { number, address: ip(100 + last), client };
    assert_eq!(site.ask(EAST, released), LeaseAnswer::Done);
    let waived = site.relinquish(ip(100 + last), crate::site::client(last));
    assert_eq!(site.ask(EAST, waived), LeaseAnswer::Done);
}

#[test]
fn each_level_is_told_when_it_is_reached_and_once() {
    let mut site = served();
    fill(&mut site, 0, 89);
    assert_eq!((told(&site).len(), level(&site)), (0, None));
    fill(&mut site, 89, 98);
    assert_eq!(told(&site), ["DHCP_POOL_NEARLY_FULL"]);
    fill(&mut site, 98, 100);
    assert_eq!(told(&site), ["DHCP_POOL_NEARLY_FULL", "DHCP_POOL_FULL"]);
    assert_eq!(level(&site), Some(PoolLevel::Full));
}

#[test]
fn level_is_told_again_only_after_it_was_clearly_left() {
    let mut site = served();
    fill(&mut site, 0, 90);
    let rest = Terms::default().guard;
    for last in 0..2 {
        release(&mut site, last);
    }
    site.pass(Millis(rest.0 + 1));
    assert_eq!(usage(&site).taken(), 88);
    fill(&mut site, 0, 2);
    assert_eq!(told(&site).len(), 1, "it came back to where it had been told");
    for last in 0..6 {
        release(&mut site, last);
    }
    site.pass(Millis(rest.0 + 1));
    assert_eq!((usage(&site).taken(), level(&site)), (84, None));
    fill(&mut site, 0, 6);
    assert_eq!(told(&site).len(), 2);
}

#[test]
fn every_address_counts_once_and_as_what_it_is() {
    let mut site = served();
    fill(&mut site, 0, 3);
    release(&mut site, 2);
    let found = LeaseStep::FoundInUse { epoch: EPOCH, address: ip(110) };
    assert_eq!(site.ask(WEST, found), LeaseAnswer::Done);
    let (number, count) = (site.number(), 10);
    let block = LeaseStep::Delegate { number, epoch: EPOCH, subnet: SUBNET, count };
    let LeaseAnswer::Delegated { first, .. } = site.ask(WEST, block) else { panic!("no block") };
    site.lease(WEST, first, client(50));
    let expected = DynamicUsage {
        addresses: 100,
        leased: 3,
        resting: 1,
        declined: 1,
        kept: 0,
        in_blocks: 9,
        free: 86,
    };
    assert_eq!(usage(&site), expected);
    assert_eq!(level(&site), None);
}

#[test]
fn smaller_range_is_fuller_and_one_that_is_gone_has_no_level() {
    let mut site = served();
    fill(&mut site, 0, 18);
    let id = IpRangeId(1);
    let patch = IpRangePatch { end_ip: Some(ip(119)), ..IpRangePatch::default() };
    site.region.run(Command::IpRange(Edit::Update { id, patch })).unwrap();
    assert_eq!(told(&site), ["DHCP_POOL_NEARLY_FULL"]);
    site.region.run(Command::IpRange(Edit::Delete { id })).unwrap();
    site.region.assert_sound(&"without a range");
    assert_eq!(level(&site), None);
}

/// The same site with rows that only an import brings into a dynamic range.
fn imported(rows: &[StagedRow]) -> Site {
    let mut site = served();
    for step in import_with(&site.region.state, rows) {
        site.region.run(step).unwrap();
    }
    site.region.assert_sound(&"import");
    site.enrol_again(EAST);
    site.open(EAST, None).unwrap();
    site.pass(DAY);
    site
}

fn reserved(last: u8, owner: u8) -> StagedRow {
    let mac_address = MacAddr([0x52, 0x54, 0, 0, 0, owner]);
    let reserved = ReservedIp { subnet: SUBNET, ip: ip(last), mac_address, comment: String::new() };
    staged(ReservedIpId(1), reserved)
}

#[test]
fn address_that_is_kept_counts_as_one_of_its_range_and_is_taken_whether_its_client_has_it_or_not() {
    let mut site = imported(&[reserved(120, 7)]);
    let all = DynamicUsage { addresses: 100, free: 99, ..DynamicUsage::default() };
    let kept = DynamicUsage { kept: 1, ..all };
    assert_eq!(usage(&site), kept);
    let epoch = site.service().epoch;
    let mut wish = site.commit_in(epoch, ip(120), client(7));
    if let LeaseStep::Commit { tenure, .. } = &mut wish {
        *tenure = Tenure::ForGood;
    }
    let answer = site.ask(EAST, wish);
    assert!(matches!(answer, LeaseAnswer::Committed { .. }), "{answer:?}");
    assert_eq!(usage(&site), DynamicUsage { leased: 1, ..all });
    site.pass(REMEMBERED_MILLIS);
    assert_eq!(usage(&site), DynamicUsage { leased: 1, ..all });
    let (address, ending, by) = (ip(120), Ending::ClientIsGone, String::new());
    site.region.run(Command::Lease(LeaseCommand::End { address, ending, by })).unwrap();
    assert_eq!(site.recorded(address).binding.held, Held::Ended);
    assert_eq!(usage(&site), DynamicUsage { resting: 1, ..all });
    site.pass(Terms::default().guard);
    assert_eq!(usage(&site), kept);
}

#[test]
fn address_that_was_only_seen_is_free() {
    let seen = StaticIpAddress::new(AllocType::Discovered, Some(SUBNET), Some(ip(120)));
    let mut site = imported(&[staged(StaticIpAddressId(1), seen)]);
    let empty = DynamicUsage { addresses: 100, free: 100, ..DynamicUsage::default() };
    assert_eq!(usage(&site), empty);
    let epoch = site.service().epoch;
    let wish = site.commit_in(epoch, ip(120), client(1));
    let answer = site.ask(EAST, wish);
    assert!(matches!(answer, LeaseAnswer::Committed { .. }), "{answer:?}");
    assert_eq!(usage(&site), DynamicUsage { leased: 1, free: 99, ..empty });
}
