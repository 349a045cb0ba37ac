//! Which objects' facts a change reaches: the changed one's own, and those of others whose names depend on it.
//!
//! Asked of the state before and of the state after: what depended on the old value, and what depends on the new one.

use crate::dns::fact::Origin;
use crate::id::{DnsDataId, DnsResourceId, DomainId, InterfaceId, NodeId, StaticIpAddressId};
use crate::model::dns_data::DnsData;
use crate::model::dns_name::DomainName;
use crate::model::dns_resource::DnsResource;
use crate::model::domain::Domain;
use crate::model::interface::Interface;
use crate::model::node::Node;
use crate::model::static_ip_address::StaticIpAddress;
use crate::query::dns_name::{node_name, nodes_at, resource_name, resources_at};
use crate::query::owned::{addresses_of, records_of};
use crate::state::State;
use crate::state::tables::Stored as _;
use std::collections::BTreeSet;

/// Collects origins from one state.
pub(in crate::derivation) struct Affected<'a> {
    state: &'a State,
    origins: &'a mut BTreeSet<Origin>,
}

impl<'a> Affected<'a> {
    pub(in crate::derivation) fn in_state(
        state: &'a State,
        origins: &'a mut BTreeSet<Origin>,
    ) -> Self {
        Self { state, origins }
    }

    pub(in crate::derivation) fn domain(&mut self, id: DomainId) {
        let (state, domain) = (self.state, Domain::object(&id));
        state.referrers::<Node>(&domain).for_each(|id| self.node(id));
        state.referrers::<DnsResource>(&domain).for_each(|id| self.resource(id));
    }

    /// A node, and the aliases that stand back behind it.
    pub(in crate::derivation) fn node(&mut self, id: NodeId) {
        self.origins.insert(Origin::Node(id));
        let row = self.state.get::<Node>(&id);
        if let Some(name) = row.and_then(|row| node_name(self.state, &row.value)) {
            for resource in resources_at(self.state, &name) {
                self.data_of(resource);
            }
        }
    }

    /// An interface: its node, and the addresses that are named otherwise when nobody's.
    pub(in crate::derivation) fn interface(&mut self, id: InterfaceId) {
        let row = self.state.get::<Interface>(&id);
        let node = row.and_then(|row| row.value.node);
        self.origins.extend(node.map(Origin::Node));
        addresses_of(self.state, id).for_each(|address| self.address(address));
    }

    /// An address: those who have it, and itself.
    pub(in crate::derivation) fn address(&mut self, id: StaticIpAddressId) {
        self.origins.insert(Origin::Address(id));
        let Some(row) = self.state.get::<StaticIpAddress>(&id) else { return };
        let interfaces =
            row.value.interfaces.iter().filter_map(|id| self.state.get::<Interface>(id));
        let nodes: Vec<NodeId> = interfaces.filter_map(|row| row.value.node).collect();
        self.origins.extend(nodes.into_iter().map(Origin::Node));
        let state = self.state;
        for resource in state.referrers::<DnsResource>(&StaticIpAddress::object(&id)) {
            self.origins.insert(Origin::Resource(resource));
            self.namesakes(resource);
        }
    }

    /// A resource: its addresses (named after themselves without it), its records, and the node of the same name.
    pub(in crate::derivation) fn resource(&mut self, id: DnsResourceId) {
        self.origins.insert(Origin::Resource(id));
        if let Some(row) = self.state.get::<DnsResource>(&id) {
            self.origins.extend(row.value.addresses.iter().copied().map(Origin::Address));
        }
        self.data_of(id);
        self.namesakes(id);
    }

    /// A record, and those beside it: name servers of a domain share their time to live.
    pub(in crate::derivation) fn data(&mut self, id: DnsDataId) {
        self.origins.insert(Origin::Data(id));
        if let Some(row) = self.state.get::<DnsData>(&id) {
            self.data_of(row.value.resource);
        }
    }

    fn data_of(&mut self, resource: DnsResourceId) {
        self.origins.extend(records_of(self.state, resource).map(Origin::Data));
    }

    fn namesakes(&mut self, resource: DnsResourceId) {
        let row = self.state.get::<DnsResource>(&resource);
        let name: Option<DomainName> = row.and_then(|row| resource_name(self.state, &row.value));
        let nodes = name.map(|name| nodes_at(self.state, &name)).unwrap_or_default();
        self.origins.extend(nodes.into_iter().map(Origin::Node));
    }
}
