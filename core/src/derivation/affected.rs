//! Which objects' facts a change reaches: the changed one's own, and those of others whose names depend on it.
//!
//! Asked of the state before and of the state after: what depended on the old value, and what depends on the new one.

use crate::dns::fact::Origin;
use crate::id::{DnsDataId, DnsResourceId, DomainId, InterfaceId, NodeId, StaticIpAddressId};
use crate::model::dns_data::DnsData;
use crate::model::dns_name::DomainName;
use crate::model::dns_resource::DnsResource;
use crate::model::domain::Domain;
use crate::model::hostname::Hostname;
use crate::model::interface::Interface;
use crate::model::lease::Lease;
use crate::model::node::Node;
use crate::model::record_type::RecordType;
use crate::model::static_ip_address::StaticIpAddress;
use crate::query::dns_name::{leases_called, node_name, nodes_at, resource_name, resources_at};
use crate::query::owned::{addresses_of, records_of};
use crate::state::State;
use crate::state::tables::Stored as _;
use std::collections::BTreeSet;
use std::net::IpAddr;

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
        for id in state.referrers::<DnsResource>(&domain) {
            self.resource(id);
            self.records(id);
        }
    }

    /// A node, and the aliases that stand back behind it.
    pub(in crate::derivation) fn node(&mut self, id: NodeId) {
        self.origins.insert(Origin::Node(id));
        let row = self.state.get::<Node>(&id);
        if let Some(row) = row {
            self.leases_called(&row.value.hostname);
        }
        if let Some(name) = row.and_then(|row| node_name(self.state, &row.value)) {
            for resource in resources_at(self.state, &name) {
                self.records_of_type(resource, RecordType::Cname);
            }
        }
    }

    /// A lease: its own name, the node whose card its client is, and those that were or will be too late for its name.
    pub(in crate::derivation) fn lease(&mut self, address: IpAddr) {
        self.origins.insert(Origin::Lease(address));
        let state = self.state;
        let Some(row) = state.get::<Lease>(&address) else { return };
        if let Some(mac_address) = row.value.mac_address() {
            let cards = state.indexes().interfaces_by_mac.under(&mac_address);
            let nodes = cards.filter_map(|id| state.get::<Interface>(id)?.value.node);
            self.origins.extend(nodes.map(Origin::Node));
        }
        if let Some(name) = row.value.client_name() {
            self.leases_called(&name);
        }
    }

    /// Leases whose name is this, or would be if nobody else had it.
    pub(in crate::derivation) fn leases_at(&mut self, name: &DomainName) {
        let label = name.labels().next().and_then(|label| std::str::from_utf8(label).ok());
        if let Some(label) = label.and_then(|label| Hostname::new(label).ok()) {
            self.leases_called(&label);
        }
    }

    fn leases_called(&mut self, label: &Hostname) {
        self.origins.extend(leases_called(self.state, label).map(Origin::Lease));
    }

    /// An interface: its node, and the addresses that are named otherwise when nobody's.
    pub(in crate::derivation) fn interface(&mut self, id: InterfaceId) {
        let row = self.state.get::<Interface>(&id);
        let node = row.and_then(|row| row.value.node);
        self.origins.extend(node.map(Origin::Node));
        if let Some(mac_address) = row.and_then(|row| row.value.mac_address) {
            let leases = self.state.indexes().leases_by_mac.under(&mac_address);
            self.origins.extend(leases.map(|address| Origin::Lease(*address)));
        }
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

    /// A resource: its addresses (named after themselves without it), and the node of the same name.
    pub(in crate::derivation) fn resource(&mut self, id: DnsResourceId) {
        self.origins.insert(Origin::Resource(id));
        if let Some(row) = self.state.get::<DnsResource>(&id) {
            self.origins.extend(row.value.addresses.iter().copied().map(Origin::Address));
        }
        self.namesakes(id);
    }

    /// The records of a resource, which move with its name.
    pub(in crate::derivation) fn records(&mut self, resource: DnsResourceId) {
        self.origins.extend(records_of(self.state, resource).map(Origin::Data));
    }

    /// A record, and the name servers beside one: those of a domain share their time to live.
    pub(in crate::derivation) fn data(&mut self, id: DnsDataId) {
        self.origins.insert(Origin::Data(id));
        let Some(row) = self.state.get::<DnsData>(&id) else { return };
        if row.value.rdata.record_type() == RecordType::Ns {
            self.records_of_type(row.value.resource, RecordType::Ns);
        }
        let resource = self.state.get::<DnsResource>(&row.value.resource);
        if let Some(name) = resource.and_then(|row| resource_name(self.state, &row.value)) {
            self.leases_at(&name);
        }
    }

    fn records_of_type(&mut self, resource: DnsResourceId, rtype: RecordType) {
        let state = self.state;
        let is_wanted = |id: &DnsDataId| {
            let row = state.get::<DnsData>(id);
            row.is_some_and(|row| row.value.rdata.record_type() == rtype)
        };
        self.origins.extend(records_of(state, resource).filter(is_wanted).map(Origin::Data));
    }

    fn namesakes(&mut self, resource: DnsResourceId) {
        let row = self.state.get::<DnsResource>(&resource);
        let name: Option<DomainName> = row.and_then(|row| resource_name(self.state, &row.value));
        let Some(name) = name else { return };
        self.origins.extend(nodes_at(self.state, &name).into_iter().map(Origin::Node));
        self.leases_at(&name);
    }
}

#[cfg(test)]
mod tests {
    use super::Affected;
    use crate::dns::fact::Origin;
    use crate::id::{DnsDataId, DnsResourceId};
    use crate::model::dns_data::DnsData;
    use crate::model::record_data::RecordData;
    use crate::revision::Revision;
    use crate::state::State;
    use crate::state::meta::Meta;
    use crate::state::table::Row;
    use crate::time::WallTime;
    use std::collections::BTreeSet;

    /// A thousand mail exchanges at one name, then two name servers.
    fn crowded() -> State {
        let mut state = State::new(Meta::default());
        let mail = |preference| RecordData::Mx { preference, exchange: name("mail.maas") };
        let servers = ["a.maas", "b.maas"].map(|server| RecordData::Ns(name(server)));
        for (id, rdata) in (1..).zip((0..1_000).map(mail).chain(servers)) {
            let value = DnsData { resource: DnsResourceId(1), ttl: None, rdata };
            let (revision, wall) = (Revision(1), WallTime::default());
            let (created_revision, created, updated) = (revision, wall, wall);
            let row = Row { created_revision, revision, created, updated, value };
            state.put(DnsDataId(id), row);
        }
        state
    }

    fn name(text: &str) -> crate::model::dns_name::DomainName {
        text.parse().unwrap()
    }

    fn affected_by(id: u32) -> BTreeSet<Origin> {
        let mut origins = BTreeSet::new();
        Affected::in_state(&crowded(), &mut origins).data(DnsDataId(id));
        origins
    }

    #[test]
    fn record_leaves_a_thousand_beside_it_alone() {
        assert_eq!(affected_by(500), [Origin::Data(DnsDataId(500))].into());
    }

    #[test]
    fn name_server_reaches_those_beside_it_which_share_its_time_to_live() {
        let servers = [1_001, 1_002].map(|id| Origin::Data(DnsDataId(id)));
        assert_eq!(affected_by(1_001), servers.into());
    }
}
