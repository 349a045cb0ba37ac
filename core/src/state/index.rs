//! Secondary indexes: ways to find rows other than by key.
//!
//! They hold nothing the rows do not say. A snapshot leaves them out and they are built again from the rows;
//! `invariant` compares the two. Every kind says by [`Indexed`] where it is listed.

use crate::id::Id;
use crate::id::{
    ApiTokenId, AvailabilityZoneId, DnsResourceId, DomainId, FabricId, InterfaceId, IpRangeId,
    NodeId, RackLifeId, RackTokenId, ReservedIpId, ResourcePoolId, SpaceId, StaticIpAddressId,
    SubnetId, SystemId, TagId, UserId, VlanId,
};
use crate::model::dns_name::DomainName;
use crate::model::hostname::Hostname;
use crate::model::ip_range::IpRangeType;
use crate::model::relative_name::RelativeName;
use crate::model::secret_digest::SecretDigest;
use crate::net::cidr::Cidr;
use crate::net::mac::MacAddr;
use crate::object::{Kind, Numbered};
use crate::state::deadline::Deadline;
use crate::state::dynamic_pools::{DynamicPools, Pool};
use crate::state::used_addresses::UsedAddresses;
use crate::time::ClusterTime;
use equivalent::{Comparable, Equivalent};
use imbl::OrdSet;
use std::any::Any;
use std::cmp::Ordering;
use std::net::IpAddr;
use std::sync::Arc;

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
    /// Nodes by host name, whatever its case, and domain.
    pub nodes_by_name: Index<(Hostname, Option<DomainId>), NodeId>,
    /// Domains by name, whatever its case.
    pub domains_by_name: Index<DomainName, DomainId>,
    /// DNS resources by domain and name, whatever its case.
    pub dns_resources_by_name: Index<(DomainId, RelativeName), DnsResourceId>,
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
    /// Dynamic ranges of whatever subnet by first address: no two of them share one.
    pub dynamic_ranges_by_start: Index<IpAddr, IpRangeId>,
    /// Reserved IPs by address.
    pub reserved_ips_by_ip: Index<IpAddr, ReservedIpId>,
    /// Reserved IPs by MAC address and subnet.
    pub reserved_ips_by_mac: Index<(MacAddr, SubnetId), ReservedIpId>,
    /// Static IP addresses by address.
    pub addresses_by_ip: Index<IpAddr, StaticIpAddressId>,
    /// What addresses are in use, by whatever.
    pub used_addresses: UsedAddresses,
    /// How full dynamic ranges are.
    pub dynamic_pools: DynamicPools,
    /// Users by name.
    pub users_by_name: Index<String, UserId>,
    /// API tokens by their own key.
    pub tokens_by_key: Index<String, ApiTokenId>,
    /// Lives of racks by the rack.
    pub rack_lives_by_rack: Index<NodeId, RackLifeId>,
    /// Tokens of racks by the digest of their secret.
    pub rack_tokens_by_digest: Index<SecretDigest, RackTokenId>,
    /// Leases by the client's hardware address.
    pub leases_by_mac: Index<MacAddr, IpAddr>,
    /// Leases by the name their clients have, the oldest first.
    pub leases_by_name: Index<Hostname, (ClusterTime, IpAddr)>,
    /// Interfaces of a node by name.
    pub interfaces_by_name: Index<(NodeId, Arc<str>), InterfaceId>,
    /// Interfaces by MAC address.
    pub interfaces_by_mac: Index<MacAddr, InterfaceId>,
    /// Who refers to an object: a referred object cannot be deleted. Also how what belongs to an object is found.
    pub referrers: Index<Numbered, Numbered>,
    /// What falls due, soonest first.
    pub deadlines: Index<ClusterTime, Deadline>,
}

/// One row being listed in, or struck from, the indexes.
pub struct Listing<'a> {
    indexes: &'a mut Indexes,
    change: Change<'a>,
}

/// What is done with the entries of a row.
enum Change<'a> {
    /// The row came.
    List,
    /// The row goes.
    Strike,
    /// Nothing yet: they are to be compared with those of another row.
    Gather(&'a mut Entries),
}

/// The entries of one row.
#[derive(Default)]
struct Entries {
    listed: Vec<Box<dyn Entry>>,
    uses: Vec<IpAddr>,
    occupies: Vec<IpAddr>,
    pool: Option<Pool>,
}

/// An entry of some index.
trait Entry: Any {
    fn is(&self, other: &dyn Entry) -> bool;
    fn list(&self, indexes: &mut Indexes);
    fn strike(&self, indexes: &mut Indexes);
}

/// An entry of an index that lies at `place`.
struct Placed<A: Ord + Clone, B: Ord + Clone> {
    index: fn(&mut Indexes) -> &mut Index<A, B>,
    place: usize,
    pair: (A, B),
}

impl<A: Ord + Clone + 'static, B: Ord + Clone + 'static> Entry for Placed<A, B> {
    fn is(&self, other: &dyn Entry) -> bool {
        let other: &dyn Any = other;
        let other = other.downcast_ref::<Self>();
        other.is_some_and(|other| (self.place, &self.pair) == (other.place, &other.pair))
    }

    fn list(&self, indexes: &mut Indexes) {
        (self.index)(indexes).0.insert(self.pair.clone());
    }

    fn strike(&self, indexes: &mut Indexes) {
        (self.index)(indexes).0.remove(&self.pair);
    }
}

impl Indexes {
    /// Lists a row that came.
    pub(in crate::state) fn list<I>(&mut self, id: &I, value: &impl Indexed<I>) {
        value.index(id, &mut Listing { indexes: self, change: Change::List });
    }

    /// Strikes a row that goes.
    pub(in crate::state) fn strike<I>(&mut self, id: &I, value: &impl Indexed<I>) {
        value.index(id, &mut Listing { indexes: self, change: Change::Strike });
    }

    /// Lists `after` in place of `before`. What both have is not touched: most changes are to what no index knows. A
    /// name that is spelled in another case stays as it was: names are looked up here, never shown.
    pub(in crate::state) fn relist<I, T: Indexed<I>>(&mut self, id: &I, before: &T, after: &T) {
        let (old, new) = (self.entries(id, before), self.entries(id, after));
        let pairs = old.listed.iter().zip(&new.listed);
        let same = pairs.take_while(|(old, new)| old.is(new.as_ref())).count();
        let struck = old.listed.get(same..).unwrap_or_default();
        // One that is struck may stand among those that both have, too.
        let listed_from = if struck.is_empty() { same } else { 0 };
        let listed = new.listed.get(listed_from..).unwrap_or_default();
        struck.iter().for_each(|entry| entry.strike(self));
        listed.iter().for_each(|entry| entry.list(self));
        if old.uses != new.uses {
            old.uses.into_iter().for_each(|address| self.let_go(address));
            new.uses.into_iter().for_each(|address| self.hold(address));
        }
        if old.occupies != new.occupies {
            let used = &mut self.used_addresses;
            old.occupies.into_iter().for_each(|address| used.let_go(address));
            new.occupies.into_iter().for_each(|address| used.hold(address));
        }
        if old.pool != new.pool {
            old.pool.into_iter().for_each(|pool| self.dynamic_pools.close(pool));
            new.pool.into_iter().for_each(|pool| self.dynamic_pools.open(pool));
        }
    }

    fn hold(&mut self, address: IpAddr) {
        self.used_addresses.hold(address);
        self.dynamic_pools.hold(address);
    }

    fn let_go(&mut self, address: IpAddr) {
        self.used_addresses.let_go(address);
        self.dynamic_pools.let_go(address);
    }

    fn entries<I>(&mut self, id: &I, value: &impl Indexed<I>) -> Entries {
        let mut entries = Entries::default();
        value.index(id, &mut Listing { indexes: self, change: Change::Gather(&mut entries) });
        entries
    }
}

impl Listing<'_> {
    /// One entry of the row.
    pub fn entry<A: Ord + Clone + 'static, B: Ord + Clone + 'static>(
        &mut self,
        index: fn(&mut Indexes) -> &mut Index<A, B>,
        value: A,
        key: B,
    ) {
        let own = index(self.indexes);
        match &mut self.change {
            Change::List => drop(own.0.insert((value, key))),
            Change::Strike => drop(own.0.remove(&(value, key))),
            Change::Gather(entries) => {
                let place = std::ptr::from_mut(own).addr();
                entries.listed.push(Box::new(Placed { index, place, pair: (value, key) }));
            }
        }
    }

    /// The row has, or keeps others from having, an address.
    pub fn uses(&mut self, address: IpAddr) {
        match &mut self.change {
            Change::List => self.indexes.hold(address),
            Change::Strike => self.indexes.let_go(address),
            Change::Gather(entries) => entries.uses.push(address),
        }
    }

    /// The row keeps an address from whoever looks for an unused one, while DHCP may give it to anybody: one rack alone, or any
    /// since it was only seen in use.
    pub fn occupies(&mut self, address: IpAddr) {
        match &mut self.change {
            Change::List => self.indexes.used_addresses.hold(address),
            Change::Strike => self.indexes.used_addresses.let_go(address),
            Change::Gather(entries) => entries.occupies.push(address),
        }
    }

    /// The row is a dynamic range.
    pub fn pool(&mut self, pool: Pool) {
        match &mut self.change {
            Change::List => self.indexes.dynamic_pools.open(pool),
            Change::Strike => self.indexes.dynamic_pools.close(pool),
            Change::Gather(entries) => entries.pool = Some(pool),
        }
    }

    /// The row refers to `target`, which cannot be deleted while it does.
    fn refers(&mut self, target: Numbered, source: Numbered) {
        self.entry(|indexes| &mut indexes.referrers, target, source);
    }
}

/// The references of one row, being listed or struck.
pub struct References<'a, 'b> {
    listing: &'a mut Listing<'b>,
    source: Numbered,
}

impl<'b> Listing<'b> {
    /// The references of the row of `kind` with this id.
    pub fn references<'a>(&'a mut self, kind: Kind, id: impl Id) -> References<'a, 'b> {
        References { listing: self, source: Numbered::new(kind, id) }
    }
}

impl References<'_, '_> {
    /// A field that refers to an object of `kind`, or to none.
    pub fn to(&mut self, kind: Kind, id: Option<impl Id>) {
        if let Some(id) = id {
            self.listing.refers(Numbered::new(kind, id), self.source);
        }
    }
}

/// A kind of row that says where it is listed beside its table.
pub trait Indexed<I> {
    /// Every secondary index entry and every reference of this row.
    fn index(&self, id: &I, listing: &mut Listing<'_>);
}

#[cfg(test)]
mod tests {
    use super::{Indexed, Indexes, Listing};
    use crate::id::{Id, InterfaceId, NodeId};
    use crate::net::mac::MacAddr;
    use crate::object::Kind;

    /// A row that has a card and addresses and is listed under some nodes, under one of them perhaps twice.
    struct Row {
        mac: Option<u8>,
        nodes: &'static [u32],
        uses: &'static [u8],
    }

    impl Indexed<u32> for Row {
        fn index(&self, id: &u32, listing: &mut Listing<'_>) {
            let id = InterfaceId::from_number(*id);
            if let Some(mac) = self.mac {
                let mac = MacAddr([2, 0, 0, 0, 0, mac]);
                listing.entry(|indexes| &mut indexes.interfaces_by_mac, mac, id);
            }
            for node in self.nodes {
                let node = Some(NodeId::from_number(*node));
                listing.references(Kind::Interface, id).to(Kind::Node, node);
            }
            self.uses.iter().for_each(|last| listing.uses([10, 0, 0, *last].into()));
        }
    }

    const ROWS: [Row; 8] = [
        Row { mac: None, nodes: &[], uses: &[] },
        Row { mac: Some(1), nodes: &[1, 2], uses: &[1] },
        Row { mac: Some(2), nodes: &[1, 2], uses: &[1, 1] },
        Row { mac: None, nodes: &[1, 2], uses: &[2, 1] },
        Row { mac: Some(1), nodes: &[1, 1], uses: &[1] },
        Row { mac: Some(1), nodes: &[1], uses: &[3] },
        Row { mac: Some(1), nodes: &[2, 1, 3], uses: &[1, 2] },
        Row { mac: Some(1), nodes: &[1, 2, 3], uses: &[1] },
    ];

    #[test]
    fn changed_row_is_listed_as_if_it_had_always_been_so() {
        for before in &ROWS {
            for after in &ROWS {
                let (mut changed, mut fresh) = (Indexes::default(), Indexes::default());
                changed.list(&7, before);
                changed.relist(&7, before, after);
                fresh.list(&7, after);
                assert_eq!(changed, fresh);
                changed.strike(&7, after);
                assert_eq!(changed, Indexes::default());
            }
        }
    }
}
