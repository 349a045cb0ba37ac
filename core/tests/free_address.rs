//! The next free address: against a naive model, and at a cost that does not grow with what is used.
#![allow(clippy::unwrap_used, reason = "tests may fail loudly")]

mod beginning;
mod random_commands;
mod region;

use beginning::beginning;
use random_commands::choices::Choices;
use random_commands::command;
use regent_core::command::Command;
use regent_core::command::edit::Edit;
use regent_core::id::{StaticIpAddressId, SubnetId};
use regent_core::model::ip_range::IpRangeType;
use regent_core::model::subnet::Subnet;
use regent_core::net::ip_number::IpNumber;
use regent_core::outcome::Outcome;
use regent_core::query::free_address::FreeAddresses;
use regent_core::query::subnet_usage::usage;
use regent_core::rejection::Rejection;
use regent_core::state::State;
use region::{Region, next_free};
use std::collections::BTreeSet;
use std::net::IpAddr;

/// Index lookups that finding one address may cost in a subnet without ranges: the place itself, and one behind a run.
const LOOKUPS_MAX: u32 = 2;

fn region_with(cidr: &str) -> Region {
    let mut region = Region::founded();
    assert_eq!(region.subnet(cidr), SubnetId(1));
    region
}

fn take(region: &mut Region, count: u16) -> Result<Vec<IpAddr>, Rejection> {
    match region.run(next_free(SubnetId(1), count))? {
        Outcome::Allocated(taken) => Ok(taken.into_iter().map(|taken| taken.address).collect()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn nearly_full_slash_16_costs_no_more_than_an_empty_one() {
    let mut region = region_with("10.0.0.0/16");
    for _ in 0..63 {
        take(&mut region, 1024).unwrap();
    }
    take(&mut region, 65_534 - 63 * 1024).unwrap();
    assert!(take(&mut region, 1).is_err());
    // One in a hundred comes free, here and there.
    let mut freed = BTreeSet::new();
    let mut choices = Choices(16);
    while freed.len() < 655 {
        let id = StaticIpAddressId(1 + choices.small(65_534));
        let delete = Command::StaticIpAddress(Edit::Delete { id });
        if region.run(delete).is_ok() {
            freed.insert(IpNumber::of([10, 0, 0, 0].into()).checked_add(id.0.into()).unwrap());
        }
    }
    for address in freed {
        let mut search = FreeAddresses::of_subnet(&region.state, SubnetId(1));
        assert_eq!(search.next(), Some(address.address()));
        assert!(search.lookups() <= LOOKUPS_MAX, "{} lookups", search.lookups());
        assert_eq!(take(&mut region, 1).unwrap(), [address.address()]);
    }
    let full = Rejection::SubnetExhausted {
        from: regent_core::object::ObjectRef::numbered(
            regent_core::object::Kind::Subnet,
            SubnetId(1),
        ),
        addresses: "10.0.0.0/16".into(),
        wanted: 1,
        available: 0,
        total: 65_534,
    };
    assert_eq!(take(&mut region, 1), Err(full));
}

#[test]
fn ipv6_slash_64_starts_above_what_is_left_to_people() {
    let mut region = region_with("2001:db8::/64");
    let first: IpAddr = "2001:db8::1:0:0".parse().unwrap();
    let taken = take(&mut region, 1000).unwrap();
    assert_eq!(taken[0], first);
    let mut search = FreeAddresses::of_subnet(&region.state, SubnetId(1));
    assert_eq!(search.next(), IpNumber::of(first).checked_add(1000).map(IpNumber::address));
    assert!(search.lookups() <= LOOKUPS_MAX);
    let counted = usage(&region.state, SubnetId(1)).unwrap();
    assert_eq!(counted.total_addresses, 1 << 64);
    assert_eq!(counted.num_unavailable, (1 << 32) + 1000);
    assert_eq!(counted.largest_available, (1 << 64) - (1 << 32) - 1000);
}

#[test]
fn two_hundred_takers_of_a_slash_24_get_each_address_once_and_then_a_refusal() {
    let mut region = region_with("10.0.0.0/24");
    let taken: BTreeSet<IpAddr> = (0..200).flat_map(|_| take(&mut region, 1).unwrap()).collect();
    assert_eq!(taken.len(), 200);
    let refused = take(&mut region, 55).unwrap_err();
    assert_eq!(refused.code(), "subnet_exhausted");
    assert_eq!(take(&mut region, 54).unwrap().len(), 54);
    assert!(take(&mut region, 1).is_err());
}

#[test]
fn search_and_count_agree_with_a_naive_look_at_the_rows() {
    for seed in 0..300 {
        let mut choices = Choices(seed);
        let mut region = Region::empty();
        beginning(&mut choices).into_iter().for_each(|command| drop(region.run(command).unwrap()));
        for step in 0..40 {
            region.now.0 += 50;
            let _ = region.run(command(&mut choices));
            for subnet in [SubnetId(1), SubnetId(2), SubnetId(3)] {
                compare(&region.state, subnet, &format!("seed {seed}, step {step}"));
            }
        }
    }
}

fn compare(state: &State, id: SubnetId, when: &str) {
    let Some(subnet) = state.get::<Subnet>(&id).map(|row| &row.value) else { return };
    if subnet.cidr.host_bits() > 8 {
        return;
    }
    let hosts = subnet.cidr.hosts();
    let all: Vec<IpAddr> = (0..hosts.address_count()).map(|n| hosts.nth(n).unwrap()).collect();
    let held = held(state);
    let within = |address: IpAddr, range_type| {
        let mut ranges = state.tables().ip_ranges.iter().map(|(_, row)| &row.value);
        ranges.any(|r| r.subnet == id && r.range_type == range_type && r.contains(address))
    };
    let free = |address: &IpAddr| {
        let reserved = within(*address, IpRangeType::Reserved);
        !held.contains(address) && !is_dynamic(state, *address) && reserved != subnet.managed
    };
    let naive: Vec<IpAddr> = all.iter().copied().filter(free).collect();
    let found: Vec<IpAddr> = FreeAddresses::of_subnet(state, id).collect();
    assert_eq!(found, naive, "{when}");

    let recorded = recorded(state, id);
    let taken = |address: &&IpAddr| {
        recorded.contains(*address)
            || within(**address, IpRangeType::Dynamic)
            || within(**address, IpRangeType::Reserved)
    };
    let counted = usage(state, id).unwrap();
    assert_eq!(counted.num_unavailable, all.iter().filter(taken).count() as u128, "{when}");
    assert_eq!(counted.total_addresses, all.len() as u128, "{when}");
}

/// Whether DHCP gives an address, in whatever subnet.
fn is_dynamic(state: &State, address: IpAddr) -> bool {
    let mut ranges = state.tables().ip_ranges.iter().map(|(_, row)| &row.value);
    ranges.any(|range| range.range_type == IpRangeType::Dynamic && range.contains(address))
}

/// Every single address that MAAS counts as used in a subnet.
fn recorded(state: &State, id: SubnetId) -> BTreeSet<IpAddr> {
    let tables = state.tables();
    let subnet = &state.get::<Subnet>(&id).unwrap().value;
    let addresses = tables.static_ip_addresses.iter().map(|(_, row)| &row.value);
    let routes = tables.static_routes.iter().map(|(_, row)| &row.value);
    let mut recorded: BTreeSet<IpAddr> = BTreeSet::new();
    recorded.extend(addresses.filter(|a| a.subnet == Some(id)).filter_map(|a| a.ip));
    recorded.extend(routes.filter(|route| route.source == id).map(|route| route.gateway_ip));
    recorded.extend(subnet.gateway_ip.iter().chain(&subnet.dns_servers));
    recorded
}

/// Every address somebody has or keeps.
fn held(state: &State) -> BTreeSet<IpAddr> {
    let tables = state.tables();
    let mut held: BTreeSet<IpAddr> = BTreeSet::new();
    held.extend(tables.static_ip_addresses.iter().filter_map(|(_, row)| row.value.ip));
    held.extend(tables.reserved_ips.iter().map(|(_, row)| row.value.ip));
    held.extend(tables.static_routes.iter().map(|(_, row)| row.value.gateway_ip));
    let leases = tables.leases.iter().filter(|(_, row)| row.value.holds_address());
    held.extend(leases.map(|(address, _)| *address));
    for (_, row) in tables.subnets.iter() {
        let own = row.value.gateway_ip.iter().chain(&row.value.dns_servers);
        held.extend(own.filter(|address| row.value.cidr.contains(**address)));
    }
    held
}
