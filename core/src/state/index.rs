//! Secondary indexes: ways to find rows other than by key.
//!
//! They hold nothing the rows do not say. A snapshot leaves them out and they are built again from the rows;
//! `invariant` compares the two. Every kind says by [`Indexed`] where it is listed.

use crate::id::Id;
use crate::id::{
    ApiTokenId, AvailabilityZoneId, DnsDataId, DnsResourceId, DomainId, FabricId, InterfaceId,
    IpRangeId, NodeId, ReservedIpId, ResourcePoolId, SpaceId, StaticIpAddressId, SubnetId,
    SystemId, TagId, UserId, VlanId,
};
use crate::model::dns_name::DomainName;
use crate::model::hostname::Hostname;
use crate::model::ip_range::IpRangeType;
use crate::model::relative_name::RelativeName;
use crate::net::cidr::Cidr;
use crate::net::mac::MacAddr;
use crate::object::{Kind, ObjectRef};
use crate::state::deadline::Deadline;
use crate::state::used_addresses::UsedAddresses;
use crate::time::ClusterTime;
use equivalent::{Comparable, Equivalent};
use imbl::OrdSet;
use std::cmp::Ordering;
use std::net::IpAddr;

/// Which keys carry a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index<A: Ord + Clone, B: Ord + Clone>(OrdSet<(A, B)>);

impl<A: Ord + Clone, B: Ord + Clone> Default for Index<A, B> {
    fn default() -> Self {
        Self(OrdSet::new())
    }
}

impl<A: Ord + Clone, B: Ord + Clone> Index<A, B> {
    /// The keys listed under `value`, in order.
    pub fn under<'a>(&'a self, value: &'a A) -> impl Iterator<Item = &'a B> + use<'a, A, B> {
        self.0
            .range(Before(value)..)
            .take_while(move |(listed, _)| listed == value)
            .map(|(_, key)| key)
    }

    /// The keys listed under `value` from `first` on, in order.
    pub fn under_from(&self, value: A, first: B) -> impl Iterator<Item = &B> {
        self.0
            .range((value.clone(), first)..)
            .take_while(move |(listed, _)| *listed == value)
            .map(|(_, key)| key)
    }

    /// The pairs from the first one listed under `value` or anything after it, in order.
    pub fn from<'a>(
        &'a self,
        value: &A,
    ) -> impl DoubleEndedIterator<Item = &'a (A, B)> + use<'a, A, B> {
        self.0.range(Before(value)..)
    }

    /// The first key listed under `value`.
    #[must_use]
    pub fn first_under(&self, value: &A) -> Option<&B> {
        self.from(value).next().filter(|(listed, _)| listed == value).map(|(_, key)| key)
    }

    /// The last pair listed under `value` or anything before it.
    #[must_use]
    pub fn last_up_to(&self, value: &A) -> Option<&(A, B)> {
        self.0.range(..After(value)).next_back()
    }

    /// All pairs in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &(A, B)> {
        self.0.iter()
    }

    /// Number of pairs.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing is listed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// A place in an index just before everything listed under a value.
struct Before<'a, A>(&'a A);

impl<A: Ord, B> Equivalent<(A, B)> for Before<'_, A> {
    fn equivalent(&self, _: &(A, B)) -> bool {
        false
    }
}

impl<A: Ord, B> Comparable<(A, B)> for Before<'_, A> {
    fn compare(&self, (listed, _): &(A, B)) -> Ordering {
        self.0.cmp(listed).then(Ordering::Less)
    }
}

/// A place in an index just after everything listed under a value.
struct After<'a, A>(&'a A);

impl<A: Ord, B> Equivalent<(A, B)> for After<'_, A> {
    fn equivalent(&self, _: &(A, B)) -> bool {
        false
    }
}

impl<A: Ord, B> Comparable<(A, B)> for After<'_, A> {
    fn compare(&self, (listed, _): &(A, B)) -> Ordering {
        self.0.cmp(listed).then(Ordering::Greater)
    }
}

/// All secondary indexes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Indexes {
    /// Nodes by system id.
    pub nodes_by_system_id: Index<SystemId, NodeId>,
    /// Nodes by domain and host name, whatever its case.
    pub nodes_by_name: Index<(Option<DomainId>, Hostname), NodeId>,
    /// Domains by name, whatever its case.
    pub domains_by_name: Index<DomainName, DomainId>,
    /// DNS resources by domain and name, whatever its case.
    pub dns_resources_by_name: Index<(DomainId, RelativeName), DnsResourceId>,
    /// DNS records of a DNS resource.
    pub dns_data_by_resource: Index<DnsResourceId, DnsDataId>,
    /// Zones by name.
    pub zones_by_name: Index<String, AvailabilityZoneId>,
    /// Resource pools by name.
    pub pools_by_name: Index<String, ResourcePoolId>,
    /// Tags by name.
    pub tags_by_name: Index<String, TagId>,
    /// Spaces by name.
    pub spaces_by_name: Index<String, SpaceId>,
    /// Fabrics by name.
    pub fabrics_by_name: Index<String, FabricId>,
    /// VLANs by fabric and number.
    pub vlans_by_vid: Index<(FabricId, u16), VlanId>,
    /// Subnets by prefix.
    pub subnets_by_cidr: Index<Cidr, SubnetId>,
    /// Ranges of a subnet by type and first address.
    pub ranges_by_start: Index<(SubnetId, IpRangeType, IpAddr), IpRangeId>,
    /// Reserved IPs by address.
    pub reserved_ips_by_ip: Index<IpAddr, ReservedIpId>,
    /// Reserved IPs by MAC address and subnet.
    pub reserved_ips_by_mac: Index<(MacAddr, SubnetId), ReservedIpId>,
    /// Static IP addresses by address.
    pub addresses_by_ip: Index<IpAddr, StaticIpAddressId>,
    /// Static IP addresses of an interface.
    pub addresses_by_interface: Index<InterfaceId, StaticIpAddressId>,
    /// What addresses are in use, by whatever.
    pub used_addresses: UsedAddresses,
    /// Users by name.
    pub users_by_name: Index<String, UserId>,
    /// API tokens by their own key.
    pub tokens_by_key: Index<String, ApiTokenId>,
    /// Leases by the client's hardware address.
    pub leases_by_mac: Index<MacAddr, IpAddr>,
    /// Interfaces of a node.
    pub interfaces_by_node: Index<NodeId, InterfaceId>,
    /// Interfaces of a node by name.
    pub interfaces_by_name: Index<(NodeId, String), InterfaceId>,
    /// Interfaces by MAC address.
    pub interfaces_by_mac: Index<MacAddr, InterfaceId>,
    /// Who refers to an object: a referred object cannot be deleted.
    pub referrers: Index<ObjectRef, ObjectRef>,
    /// What falls due, soonest first.
    pub deadlines: Index<ClusterTime, Deadline>,
}

/// One row being listed in, or struck from, the indexes.
pub struct Listing<'a> {
    indexes: &'a mut Indexes,
    change: Change,
}

/// What is done with the entries of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::state) enum Change {
    /// The row came.
    List,
    /// The row goes.
    Strike,
}

impl<'a> Listing<'a> {
    pub(in crate::state) fn new(indexes: &'a mut Indexes, change: Change) -> Self {
        Self { indexes, change }
    }

    /// One entry of the row.
    pub fn entry<A: Ord + Clone, B: Ord + Clone>(
        &mut self,
        index: fn(&mut Indexes) -> &mut Index<A, B>,
        value: A,
        key: B,
    ) {
        let set = &mut index(self.indexes).0;
        match self.change {
            Change::List => drop(set.insert((value, key))),
            Change::Strike => drop(set.remove(&(value, key))),
        }
    }

    /// The row has, or keeps others from having, an address.
    pub fn uses(&mut self, address: IpAddr) {
        match self.change {
            Change::List => self.indexes.used_addresses.hold(address),
            Change::Strike => self.indexes.used_addresses.let_go(address),
        }
    }

    /// The row refers to `target`, which cannot be deleted while it does.
    pub fn refers(&mut self, target: ObjectRef, source: ObjectRef) {
        self.entry(|indexes| &mut indexes.referrers, target, source);
    }
}

/// The references of one row, being listed or struck.
pub struct References<'a, 'b> {
    listing: &'a mut Listing<'b>,
    source: ObjectRef,
}

impl<'b> Listing<'b> {
    /// The references of the row of `kind` with this id.
    pub fn references<'a>(&'a mut self, kind: Kind, id: impl Id) -> References<'a, 'b> {
        References { listing: self, source: ObjectRef::numbered(kind, id) }
    }
}

impl References<'_, '_> {
    /// A field that refers to an object of `kind`, or to none.
    pub fn to(&mut self, kind: Kind, id: Option<impl Id>) {
        if let Some(id) = id {
            self.listing.refers(ObjectRef::numbered(kind, id), self.source.clone());
        }
    }
}

/// A kind of row that says where it is listed beside its table.
pub trait Indexed<I> {
    /// Every secondary index entry and every reference of this row.
    fn index(&self, id: &I, listing: &mut Listing<'_>);
}
