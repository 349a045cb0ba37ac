//! Secondary indexes: ways to find rows other than by key.
//!
//! They hold nothing the rows do not say. A snapshot leaves them out and they are built again from the rows;
//! `invariant` compares the two. Every kind says by [`Indexed`] where it is listed.

use crate::id::{DomainId, InterfaceId, NodeId, SystemId};
use crate::model::dns_name::DomainName;
use crate::model::hostname::Hostname;
use crate::net::mac::MacAddr;
use crate::object::ObjectRef;
use crate::state::deadline::Deadline;
use crate::time::ClusterTime;
use equivalent::{Comparable, Equivalent};
use imbl::OrdSet;
use std::cmp::Ordering;

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

/// All secondary indexes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Indexes {
    /// Nodes by system id.
    pub nodes_by_system_id: Index<SystemId, NodeId>,
    /// Nodes by domain and host name, whatever its case.
    pub nodes_by_name: Index<(Option<DomainId>, Hostname), NodeId>,
    /// Domains by name, whatever its case.
    pub domains_by_name: Index<DomainName, DomainId>,
    /// Interfaces of a node.
    pub interfaces_by_node: Index<NodeId, InterfaceId>,
    /// Interfaces by MAC address.
    pub interfaces_by_mac: Index<MacAddr, InterfaceId>,
    /// Who refers to an object: a referred object cannot be deleted.
    pub referrers: Index<ObjectRef, ObjectRef>,
    /// Idempotency keys of a principal.
    pub keys_by_principal: Index<String, String>,
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

    /// The row refers to `target`, which cannot be deleted while it does.
    pub fn refers(&mut self, target: ObjectRef, source: ObjectRef) {
        self.entry(|indexes| &mut indexes.referrers, target, source);
    }
}

/// A kind of row that says where it is listed beside its table.
pub trait Indexed<I> {
    /// Every secondary index entry and every reference of this row.
    fn index(&self, id: &I, listing: &mut Listing<'_>);
}
