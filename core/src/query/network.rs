//! Where things stand in the network: which subnet an address is in, which VLAN a fabric starts with.

use crate::id::{FabricId, SubnetId, VlanId};
use crate::model::ip_range::{IpRange, IpRangeType};
use crate::model::subnet::Subnet;
use crate::model::vlan::Vlan;
use crate::net::cidr::Cidr;
use crate::object::{Kind, ObjectRef};
use crate::state::State;
use crate::state::table::Row;
use std::net::IpAddr;
use std::sync::Arc;

/// The subnet an address lies in; the narrowest, should imported ones overlap.
#[must_use]
pub fn subnet_of(state: &State, address: IpAddr) -> Option<(SubnetId, Arc<Row<Subnet>>)> {
    let id = around(state, Cidr::of_address(address)).next()?;
    state.get::<Subnet>(&id).map(|row| (id, row.clone()))
}

/// The subnets an address lies in, narrowest first.
pub fn subnets_around(state: &State, address: IpAddr) -> impl Iterator<Item = SubnetId> + '_ {
    around(state, Cidr::of_address(address))
}

/// A subnet that shares addresses with a prefix, other than `except`.
#[must_use]
pub fn overlapping(state: &State, cidr: Cidr, except: Option<SubnetId>) -> Option<SubnetId> {
    let inside = state.indexes().subnets_by_cidr.from(&cidr);
    let inside = inside.take_while(|(other, _)| cidr.contains_cidr(*other)).map(|(_, id)| *id);
    around(state, cidr).chain(inside).find(|id| Some(*id) != except)
}

/// The subnets that have addresses from `start` to `end`: those around the first, then those that begin behind it.
pub fn subnets_meeting(
    state: &State,
    start: IpAddr,
    end: IpAddr,
) -> impl Iterator<Item = SubnetId> + '_ {
    let whole = Cidr::of_address(start);
    let behind =
        state.indexes().subnets_by_cidr.from(&whole).filter(move |(cidr, _)| *cidr != whole);
    let behind = behind.take_while(move |(cidr, _)| cidr.network() <= end).map(|(_, id)| *id);
    around(state, whole).chain(behind)
}

/// The subnets a prefix lies in, narrowest first.
fn around(state: &State, cidr: Cidr) -> impl Iterator<Item = SubnetId> + '_ {
    let wider = (0..=cidr.prefix()).rev();
    wider.filter_map(move |prefix| {
        let outer = Cidr::containing(cidr.network(), prefix).ok()?;
        let listed = state.indexes().subnets_by_cidr.from(&outer).next()?;
        (listed.0 == outer).then_some(listed.1)
    })
}

/// The default VLAN of a fabric: its first.
#[must_use]
pub fn default_vlan(state: &State, fabric: FabricId) -> Option<VlanId> {
    state.referrers::<Vlan>(&ObjectRef::numbered(Kind::Fabric, fabric)).next()
}

/// The range of one type of a subnet that an address lies in.
#[must_use]
pub fn range_around(
    state: &State,
    subnet: SubnetId,
    range_type: IpRangeType,
    address: IpAddr,
) -> Option<&Arc<Row<IpRange>>> {
    let place = (subnet, range_type, address);
    let ((of, kind, _), id) = state.indexes().ranges_by_start.last_up_to(&place)?;
    let row = state.get::<IpRange>(id)?;
    (*of == subnet && *kind == range_type && row.value.contains(address)).then_some(row)
}

/// The dynamic range that an address lies in, of whatever subnet: imported subnets may lie within each other.
#[must_use]
pub fn dynamic_range_around(state: &State, address: IpAddr) -> Option<&Arc<Row<IpRange>>> {
    let (_, id) = state.indexes().dynamic_ranges_by_start.last_up_to(&address)?;
    state.get::<IpRange>(id).filter(|row| row.value.contains(address))
}

/// The ranges of one type of a subnet, by address.
pub fn ranges(
    state: &State,
    subnet: SubnetId,
    range_type: IpRangeType,
) -> impl Iterator<Item = &Arc<Row<IpRange>>> {
    let first = (subnet, range_type, IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED));
    state
        .indexes()
        .ranges_by_start
        .from(&first)
        .take_while(move |((of, kind, _), _)| *of == subnet && *kind == range_type)
        .filter_map(|(_, id)| state.get::<IpRange>(id))
}
