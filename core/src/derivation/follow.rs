//! The view of a state: made anew, or brought up to date with the changes of one entry.
//!
//! Both ways lead to the same view; a property test holds them to it. An entry costs what it changes, with three
//! exceptions that are as rare as they are far-reaching: the default domain, its name, and the default time to live.

use crate::change::Change;
use crate::derivation::affected::Affected;
use crate::derivation::origin::facts;
use crate::derivation::zone::{names_around, set_zone};
use crate::dns::fact::Origin;
use crate::dns::view::DnsView;
use crate::id::{
    DnsDataId, DnsResourceId, DomainId, InterfaceId, IpRangeId, NodeId, StaticIpAddressId, SubnetId,
};
use crate::model::dns_name::DomainName;
use crate::model::dns_resource::DnsResource;
use crate::model::domain::Domain;
use crate::model::ip_range::{IpRange, IpRangeType};
use crate::model::subnet::{RdnsMode, Subnet};
use crate::net::cidr::Cidr;
use crate::object::{Key, Kind, TableKey};
use crate::query::dns_site::dns_site;
use crate::state::State;
use std::collections::BTreeSet;
use std::net::IpAddr;

/// Objects whose names are noted before they are looked at; all of a large site's would take much room.
const ORIGINS_AT_ONCE: usize = 1024;

/// The view of a state, from its rows alone.
#[must_use]
pub fn rebuilt(state: &State) -> DnsView {
    let mut view = DnsView::of_site(dns_site(state));
    let tables = state.tables();
    let mut origins: Vec<Origin> = tables.nodes.iter().map(|(id, _)| Origin::Node(*id)).collect();
    origins.extend(tables.dns_resources.iter().map(|(id, _)| Origin::Resource(*id)));
    origins.extend(tables.static_ip_addresses.iter().map(|(id, _)| Origin::Address(*id)));
    origins.extend(tables.dns_data.iter().map(|(id, _)| Origin::Data(*id)));
    let named = state.indexes().leases_by_name.iter();
    origins.extend(named.map(|(_, (_, address))| Origin::Lease(*address)));
    for some in origins.chunks(ORIGINS_AT_ONCE) {
        view.set_facts(some.iter().map(|origin| (*origin, facts(state, *origin))));
    }
    let subnets: Vec<Cidr> = tables.subnets.iter().map(|(_, row)| row.value.cidr).collect();
    tables.subnets.iter().for_each(|(_, row)| put_subnet(&mut view, &row.value));
    for (_, row) in tables.ip_ranges.iter() {
        set_range(&mut view, &row.value, true);
    }
    for (_, row) in tables.domains.iter() {
        put_domain(&mut view, state, &row.value.name);
    }
    for cidr in subnets {
        for name in names_around(&view, cidr) {
            set_zone(&mut view, state, &name);
        }
    }
    for (zone, row) in tables.zone_serials.iter() {
        view.set_serial(zone.as_name(), Some(row.value.serial));
    }
    view
}

/// The view after an entry that changed `before` into `after`. Serials are as they were before.
#[must_use]
pub fn followed(before: &State, after: &State, changes: &[Change]) -> DnsView {
    if dns_site(after) != *before.dns().site() {
        return rebuilt(after);
    }
    let mut follow = Follow {
        before,
        after,
        view: before.dns().clone(),
        origins: BTreeSet::new(),
        zones: BTreeSet::new(),
        subnets: Vec::new(),
        ranges: Vec::new(),
    };
    changes.iter().for_each(|change| follow.change(change.object.kind, &change.object.key));
    follow.finish()
}

struct Follow<'a> {
    before: &'a State,
    after: &'a State,
    view: DnsView,
    origins: BTreeSet<Origin>,
    zones: BTreeSet<DomainName>,
    subnets: Vec<Moved<Subnet>>,
    ranges: Vec<Moved<IpRange>>,
}

/// An object as it was and as it is.
struct Moved<T> {
    before: Option<T>,
    after: Option<T>,
}

impl Follow<'_> {
    fn change(&mut self, kind: Kind, key: &Key) {
        match kind {
            Kind::Domain => DomainId::from_key(key).into_iter().for_each(|id| self.domain(id)),
            Kind::Subnet => SubnetId::from_key(key).into_iter().for_each(|id| self.subnet(id)),
            Kind::IpRange => IpRangeId::from_key(key).into_iter().for_each(|id| self.range(id)),
            Kind::Node => self.affect::<NodeId>(key, |affected, id| affected.node(id)),
            Kind::Interface => {
                self.affect::<InterfaceId>(key, |affected, id| affected.interface(id));
            }
            Kind::StaticIpAddress => {
                self.affect::<StaticIpAddressId>(key, |affected, id| affected.address(id));
            }
            Kind::DnsResource => {
                DnsResourceId::from_key(key).into_iter().for_each(|id| self.resource(id));
            }
            Kind::DnsData => self.affect::<DnsDataId>(key, |affected, id| affected.data(id)),
            Kind::Lease => self.affect::<IpAddr>(key, |affected, address| affected.lease(address)),
            Kind::Session
            | Kind::SessionReply
            | Kind::IdempotencyKey
            | Kind::RevisionChanges
            | Kind::Member
            | Kind::Import
            | Kind::ImportChunk
            | Kind::DhcpService
            | Kind::LeaseBlock
            | Kind::RackLife
            | Kind::Quarantine
            | Kind::RackKey
            | Kind::RackToken
            | Kind::DeclineCount
            | Kind::ForeignDhcp
            | Kind::CutOver
            | Kind::PoolLevel
            | Kind::ZoneSerial
            | Kind::AvailabilityZone
            | Kind::ResourcePool
            | Kind::Tag
            | Kind::Space
            | Kind::Fabric
            | Kind::Vlan
            | Kind::StaticRoute
            | Kind::ReservedIp
            | Kind::Bmc
            | Kind::DhcpSnippet
            | Kind::OwnerData
            | Kind::User
            | Kind::ApiToken
            | Kind::Setting
            | Kind::Event
            | Kind::GlobalDefaults
            | Kind::Secret => {}
        }
    }

    fn affect<I: TableKey>(&mut self, key: &Key, reach: fn(&mut Affected<'_>, I)) {
        let Some(id) = I::from_key(key) else { return };
        for state in [self.before, self.after] {
            reach(&mut Affected::in_state(state, &mut self.origins), id.clone());
        }
    }

    /// A domain: its zone, and, if its name or time to live is another one, all that is in it and whatever has its name
    /// in another one.
    fn domain(&mut self, id: DomainId) {
        let told = |state: &State| {
            state.get::<Domain>(&id).map(|row| (row.value.name.clone(), row.value.ttl))
        };
        let same = told(self.before) == told(self.after);
        for state in [self.before, self.after] {
            if !same {
                Affected::in_state(state, &mut self.origins).domain(id);
            }
            if let Some(row) = state.get::<Domain>(&id) {
                Affected::in_state(state, &mut self.origins).leases_at(&row.value.name);
                self.zones.insert(row.value.name.clone());
            }
        }
    }

    /// A DNS resource. Its records need a look only if their name is another one now.
    fn resource(&mut self, id: DnsResourceId) {
        let name = |state: &State| {
            state.get::<DnsResource>(&id).map(|row| (row.value.domain, row.value.name.clone()))
        };
        let is_spelled_alike = match (name(self.before), name(self.after)) {
            (Some((old_domain, old)), Some((domain, new))) => {
                old_domain == domain && old.is_spelled_like(&new)
            }
            (None, _) | (_, None) => false,
        };
        for state in [self.before, self.after] {
            let mut affected = Affected::in_state(state, &mut self.origins);
            affected.resource(id);
            if !is_spelled_alike {
                affected.records(id);
            }
        }
    }

    fn subnet(&mut self, id: SubnetId) {
        let row = |state: &State| state.get::<Subnet>(&id).map(|row| row.value.clone());
        let (before, after) = (row(self.before), row(self.after));
        let reverse = |row: &Option<Subnet>| row.as_ref().map(|row| (row.cidr, row.rdns_mode));
        if reverse(&before) != reverse(&after) {
            self.subnets.push(Moved { before, after });
        }
    }

    fn range(&mut self, id: IpRangeId) {
        let row = |state: &State| state.get::<IpRange>(&id).map(|row| row.value.clone());
        self.ranges.push(Moved { before: row(self.before), after: row(self.after) });
    }

    /// What went is taken out before anything is put in: what one object is found by, another may have been found by
    /// until now.
    fn move_networks(&mut self) {
        let old: Vec<&Subnet> = self.subnets.iter().filter_map(|it| it.before.as_ref()).collect();
        let new: Vec<&Subnet> = self.subnets.iter().filter_map(|it| it.after.as_ref()).collect();
        for subnet in &old {
            self.zones.extend(names_around(&self.view, subnet.cidr));
        }
        old.iter().for_each(|subnet| self.view.set_network(subnet.cidr, RdnsMode::Disabled));
        new.iter().for_each(|subnet| put_subnet(&mut self.view, subnet));
        for subnet in &new {
            self.zones.extend(names_around(&self.view, subnet.cidr));
        }
        let old = self.ranges.iter().filter_map(|range| range.before.as_ref());
        old.for_each(|range| set_range(&mut self.view, range, false));
        let new = self.ranges.iter().filter_map(|range| range.after.as_ref());
        new.for_each(|range| set_range(&mut self.view, range, true));
    }

    fn finish(mut self) -> DnsView {
        let after = self.after;
        self.move_networks();
        self.view.set_facts(self.origins.iter().map(|origin| (*origin, facts(after, *origin))));
        for name in &self.zones {
            put_domain(&mut self.view, self.after, name);
        }
        self.view
    }
}

fn put_subnet(view: &mut DnsView, subnet: &Subnet) {
    view.set_network(subnet.cidr, subnet.rdns_mode);
}

fn set_range(view: &mut DnsView, range: &IpRange, present: bool) {
    if range.range_type == IpRangeType::Dynamic {
        view.set_range(range.start_ip, range.end_ip, present);
    }
}

/// The zone of this name, or the domain of this name that is not ours.
fn put_domain(view: &mut DnsView, state: &State, name: &DomainName) {
    set_zone(view, state, name);
    let id = crate::query::dns_name::domain_named(state, name);
    let row = id.and_then(|id| state.get::<Domain>(&id));
    let foreign = row.filter(|row| !row.value.authoritative);
    view.set_foreign(name, foreign.map(|row| row.value.forward_servers.as_slice()));
}
