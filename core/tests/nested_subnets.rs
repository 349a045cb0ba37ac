//! Subnets within others, which only an import brings: each address is still handed out by one dynamic range at most,
//! and by none if somebody has it for good.
#![allow(clippy::unwrap_used, reason = "tests may fail loudly")]

mod region;

use regent_core::command::Command;
use regent_core::command::edit::Edit;
use regent_core::command::ip_range::IpRangePatch;
use regent_core::command::subnet::SubnetPatch;
use regent_core::id::{IpRangeId, SubnetId, VlanId};
use regent_core::model::import::StagedRow;
use regent_core::model::ip_range::{IpRange, IpRangeType};
use regent_core::model::reserved_ip::ReservedIp;
use regent_core::model::static_ip_address::{AllocType, StaticIpAddress};
use regent_core::model::static_route::StaticRoute;
use regent_core::model::subnet::Subnet;
use regent_core::net::mac::MacAddr;
use regent_core::object::{Kind, TableKey as _};
use regent_core::outcome::Outcome;
use regent_core::query::free_address::FreeAddresses;
use regent_core::query::named::named;
use regent_core::rejection::Rejection;
use regent_core::state::tables::Stored;
use region::staged::{import_with, staged};
use region::{Region, next_free};
use std::net::IpAddr;

const OUTER: SubnetId = SubnetId(1);
const INNER: SubnetId = SubnetId(2);
const OTHER: SubnetId = SubnetId(3);

/// 10.0.0.0/24, 10.0.0.64/26 within it, and 10.1.0.0/24.
fn nested() -> Region {
    nested_with(|inner| inner)
}

fn nested_with(change: impl FnOnce(Subnet) -> Subnet) -> Region {
    let mut region = Region::founded();
    import(&mut region, &subnets(change)).unwrap();
    region
}

fn subnets(change: impl FnOnce(Subnet) -> Subnet) -> Vec<StagedRow> {
    let subnet = |cidr: &str| Subnet::new(VlanId(5001), cidr.parse().unwrap());
    vec![
        staged(OUTER, subnet("10.0.0.0/24")),
        staged(INNER, change(subnet("10.0.0.64/26"))),
        staged(OTHER, subnet("10.1.0.0/24")),
    ]
}

/// How the commit went.
fn import(region: &mut Region, rows: &[StagedRow]) -> Result<Outcome, Rejection> {
    let [begin, chunk, commit] = import_with(&region.state, rows);
    region.run(begin).unwrap();
    region.run(chunk).unwrap();
    region.run(commit)
}

fn address(last: u8) -> IpAddr {
    [10, 0, 0, last].into()
}

fn range(subnet: SubnetId, start: u8, end: u8) -> IpRange {
    let (start_ip, end_ip) = (address(start), address(end));
    let (range_type, comment) = (IpRangeType::Dynamic, String::new());
    IpRange { subnet, range_type, start_ip, end_ip, user: None, comment }
}

fn create(range: IpRange) -> Command {
    Command::IpRange(Edit::Create(range))
}

fn update(id: u32, patch: IpRangePatch) -> Command {
    Command::IpRange(Edit::Update { id: IpRangeId(id), patch })
}

/// Fails unless the refusal names the range that has the addresses.
fn assert_taken_by(id: u32, result: Result<Outcome, Rejection>) {
    let range = IpRange::object(&IpRangeId(id));
    let named = matches!(&result, Err(Rejection::NotUnique { holder, .. }) if *holder == range);
    assert!(named, "{result:?}");
}

fn assert_refused(result: Result<Outcome, Rejection>, reason: &str) {
    let refused = result.unwrap_err().to_string();
    assert!(refused.contains(reason), "{refused}");
}

#[test]
fn dynamic_range_meets_none_of_the_subnet_around_or_within_its_own() {
    let mut region = nested();
    region.run(create(range(OUTER, 80, 90))).unwrap();
    for (start, end) in [(80, 90), (70, 80), (90, 99), (82, 84), (70, 99)] {
        assert_taken_by(1, region.run(create(range(INNER, start, end))));
    }
    region.run(create(range(INNER, 91, 99))).unwrap();
    assert_taken_by(2, region.run(create(range(OUTER, 95, 110))));
    region.assert_sound(&"apart");
}

#[test]
fn dynamic_range_is_not_moved_onto_one_of_another_subnet() {
    let mut region = nested();
    region.run(create(range(OUTER, 80, 90))).unwrap();
    region.run(create(range(INNER, 91, 99))).unwrap();
    let longer = IpRangePatch { start_ip: Some(address(90)), ..IpRangePatch::default() };
    assert_taken_by(1, region.run(update(2, longer)));
    let reserved = IpRange { range_type: IpRangeType::Reserved, ..range(INNER, 85, 86) };
    region.run(create(reserved)).unwrap();
    let dynamic =
        IpRangePatch { range_type: Some(IpRangeType::Dynamic), ..IpRangePatch::default() };
    assert_taken_by(1, region.run(update(3, dynamic)));
    let shorter = IpRangePatch { end_ip: Some(address(89)), ..IpRangePatch::default() };
    region.run(update(1, shorter)).unwrap();
    let longer = IpRangePatch { start_ip: Some(address(90)), ..IpRangePatch::default() };
    region.run(update(2, longer)).unwrap();
    region.assert_sound(&"exchange of an address");
}

#[test]
fn subnet_does_not_move_onto_the_ranges_of_another() {
    let mut region = nested();
    region.run(create(range(OUTER, 80, 90))).unwrap();
    for cidr in ["10.0.0.64/27", "10.0.0.0/23"] {
        let patch = SubnetPatch { cidr: Some(cidr.parse().unwrap()), ..SubnetPatch::default() };
        let moved = region.run(Command::Subnet(Edit::Update { id: INNER, patch }));
        assert_refused(moved, "subnet 1");
    }
}

#[test]
fn no_address_is_given_for_good_out_of_a_range_of_the_subnet_around() {
    let mut region = nested();
    region.run(create(range(OUTER, 65, 90))).unwrap();
    let reason = "10.0.0.80 is in the dynamic range 10.0.0.65-10.0.0.90";
    let ip = Some(address(80));
    let given = StaticIpAddress::new(AllocType::UserReserved, Some(INNER), ip);
    assert_refused(region.run(Command::StaticIpAddress(Edit::Create(given))), reason);
    let mac_address = MacAddr([2, 0, 0, 0, 0, 1]);
    let kept = ReservedIp { subnet: INNER, ip: address(80), mac_address, comment: String::new() };
    assert_refused(region.run(Command::ReservedIp(Edit::Create(kept))), reason);
    let (source, destination, gateway_ip) = (INNER, OTHER, address(80));
    let route = StaticRoute { source, destination, gateway_ip, metric: 0 };
    assert_refused(region.run(Command::StaticRoute(Edit::Create(route))), reason);
    for patch in [
        SubnetPatch { gateway_ip: Some(ip), ..SubnetPatch::default() },
        SubnetPatch { dns_servers: Some(vec![address(80)]), ..SubnetPatch::default() },
    ] {
        let refused = region.run(Command::Subnet(Edit::Update { id: INNER, patch }));
        assert_refused(refused, reason);
    }
}

#[test]
fn search_for_free_addresses_passes_over_the_ranges_of_all_subnets_around() {
    let mut region = nested();
    region.run(create(range(OUTER, 65, 90))).unwrap();
    region.run(create(range(INNER, 93, 99))).unwrap();
    let free: Vec<IpAddr> = FreeAddresses::of_subnet(&region.state, INNER).take(3).collect();
    assert_eq!(free, [91, 92, 100].map(address));
    region.run(next_free(INNER, 3)).unwrap();
    region.run(next_free(OUTER, 200)).unwrap();
    let given =
        region.state.tables().static_ip_addresses.iter().filter_map(|(_, row)| row.value.ip);
    let is_dynamic = |ip: &IpAddr| (65..=90).chain(93..=99).any(|last| address(last) == *ip);
    assert_eq!(given.filter(is_dynamic).count(), 0);
}

#[test]
fn dynamic_range_holds_nothing_that_a_subnet_within_has_for_good() {
    let gateway = |subnet| Subnet { gateway_ip: Some(address(70)), ..subnet };
    assert_refused(nested_with(gateway).run(create(range(OUTER, 66, 72))), "used by subnet 2");
    let server = |subnet| Subnet { dns_servers: vec![address(71)], ..subnet };
    assert_refused(nested_with(server).run(create(range(OUTER, 66, 72))), "used by subnet 2");
    let mut region = nested();
    let (source, destination, gateway_ip) = (INNER, OTHER, address(72));
    let route = StaticRoute { source, destination, gateway_ip, metric: 0 };
    region.run(Command::StaticRoute(Edit::Create(route))).unwrap();
    assert_refused(region.run(create(range(OUTER, 66, 72))), "used by static route 1");
    region.run(create(range(OUTER, 66, 71))).unwrap();
}

#[test]
fn range_is_found_by_its_first_address_even_where_a_narrower_subnet_is() {
    let mut region = nested();
    region.run(create(range(OUTER, 80, 90))).unwrap();
    let found = named(&region.state, Kind::IpRange, "10.0.0.80");
    assert_eq!(found, Some(IpRangeId(1).to_key()));
}

#[test]
fn import_with_coinciding_dynamic_ranges_is_refused_as_unsound() {
    let mut rows = subnets(|inner| inner);
    rows.push(staged(IpRangeId(1), range(OUTER, 80, 90)));
    rows.push(staged(IpRangeId(2), range(INNER, 90, 95)));
    let refused = import(&mut Region::founded(), &rows);
    assert_refused(refused, "10.0.0.80 and 10.0.0.90 overlap");
}
