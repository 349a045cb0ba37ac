//! A whole zone, record by record, for secondaries (RFC 5936): SOA first and last, in between each record once.
//!
//! Lazily: a dynamic range may have 65,536 generated names, and a zone many ranges.

use crate::dns::record::{Record, Rrsets};
use crate::dns::view::DnsView;
use crate::dns::zone::{Zone, ZoneKind};
use crate::model::dns_name::DomainName;
use crate::model::record_data::RecordData;
use crate::model::record_type::RecordType;
use crate::net::cidr::Cidr;
use std::net::IpAddr;

impl DnsView {
    /// All records of a zone.
    pub fn transfer<'a>(&'a self, zone: &'a Zone) -> Box<dyn Iterator<Item = Record> + Send + 'a> {
        let soa = || std::iter::once(self.soa_record(zone));
        let apex = records(&zone.apex, &self.rrsets_at(zone, &zone.apex));
        let apex = apex.into_iter().filter(|record| record.data.record_type() != RecordType::Soa);
        match zone.kind {
            ZoneKind::Forward => {
                Box::new(soa().chain(apex).chain(self.forward_body(zone)).chain(soa()))
            }
            ZoneKind::Reverse(network) => {
                Box::new(soa().chain(apex).chain(self.reverse_body(zone, network)).chain(soa()))
            }
        }
    }

    fn forward_body<'a>(&'a self, zone: &'a Zone) -> impl Iterator<Item = Record> + Send + 'a {
        let stored = self
            .names
            .range(zone.apex.clone()..)
            .take_while(move |(owner, _)| owner.is_subdomain_of(&zone.apex))
            .filter(move |(owner, _)| **owner != zone.apex && self.belongs(zone, owner))
            .filter(move |(owner, _)| self.generated_address(zone, owner).is_none())
            .flat_map(move |(owner, sets)| self.at_or_cut(owner, sets));
        stored.chain(self.children(zone)).chain(self.generated_body(zone))
    }

    /// Whether a name is of this zone and of none below it, nor below a cut in it.
    fn belongs(&self, zone: &Zone, owner: &DomainName) -> bool {
        let own = self.zone_of(owner).is_some_and(|closest| closest.apex == zone.apex);
        own && self.cut_above(zone, owner).is_none_or(|cut| cut == *owner)
    }

    /// The records of a name; of a cut only who is responsible, with their addresses.
    fn at_or_cut(&self, owner: &DomainName, sets: &Rrsets) -> Vec<Record> {
        if !self.is_cut(owner) {
            return records(owner, sets);
        }
        let Some(servers) = sets.get(RecordType::Ns) else { return Vec::new() };
        servers.at(owner).chain(self.glue(owner, servers)).collect()
    }

    /// The delegations to zones right below this one.
    fn children<'a>(&'a self, zone: &'a Zone) -> impl Iterator<Item = Record> + Send + 'a {
        let below = self.zones.range(zone.apex.clone()..).map(|(_, child)| child);
        below
            .take_while(move |child| child.apex.is_subdomain_of(&zone.apex))
            .filter(move |child| self.parent_of(child) == Some(zone))
            .filter(move |child| {
                self.cut_above(zone, &child.apex).is_none_or(|cut| cut == child.apex)
            })
            .flat_map(move |child| self.delegation(child))
    }

    /// The zone right above another one.
    pub(in crate::dns) fn parent_of(&self, child: &Zone) -> Option<&Zone> {
        let parent = self.zone_of(&child.apex.parent()?)?;
        // Reverse zones stand side by side, as MAAS writes them; only forward ones are delegated.
        (parent.kind == ZoneKind::Forward && child.kind == ZoneKind::Forward).then_some(parent)
    }

    /// What the zone above another one says about it: its name servers, with the addresses of those inside.
    pub(in crate::dns) fn delegation(&self, child: &Zone) -> Vec<Record> {
        let sets = self.rrsets_at(child, &child.apex);
        let Some(servers) = sets.get(RecordType::Ns) else { return Vec::new() };
        servers.at(&child.apex).chain(self.glue(&child.apex, servers)).collect()
    }

    fn generated_body<'a>(&'a self, zone: &'a Zone) -> impl Iterator<Item = Record> + Send + 'a {
        let addresses = self.generates(zone).then(|| self.generated_addresses());
        addresses.into_iter().flatten().flat_map(move |address| {
            let Some(name) = self.generated_name(address) else { return Vec::new() };
            records(&name, &self.rrsets_at(zone, &name))
        })
    }

    fn reverse_body<'a>(
        &'a self,
        zone: &'a Zone,
        network: Cidr,
    ) -> impl Iterator<Item = Record> + Send + 'a {
        let held = self.held_in(network).filter(|address| match address {
            IpAddr::V4(v4) => !self.is_generated(*v4),
            IpAddr::V6(_) => true,
        });
        let generated = self.generated_in(network).map(IpAddr::V4);
        let names = held.chain(generated).flat_map(move |address| {
            let own = self.reverse_zone(address).filter(|own| own.name == zone.apex);
            let Some(owner) = own.and_then(|own| own.owner(address)) else { return Vec::new() };
            records(&owner, &self.names_of(address))
        });
        names.chain(self.aliases(zone, network))
    }

    /// The aliases (RFC 2317) of the small subnets whose closest zone this is.
    fn aliases<'a>(
        &'a self,
        zone: &'a Zone,
        network: Cidr,
    ) -> impl Iterator<Item = Record> + Send + 'a {
        let addresses = self.aliased_in(network).flat_map(|small| {
            let range = small.range();
            (0..range.address_count()).filter_map(move |offset| range.nth(offset))
        });
        addresses.flat_map(move |address| {
            let owner = crate::model::reverse::ptr_name(address);
            if self.zone_of(&owner).is_none_or(|closest| closest.apex != zone.apex) {
                return Vec::new();
            }
            let sets = self.reverse_rrsets(&zone.apex, network, &owner);
            let alias = |record: &Record| matches!(record.data, RecordData::Cname(_));
            records(&owner, &sets).into_iter().filter(alias).collect()
        })
    }
}

fn records(owner: &DomainName, sets: &Rrsets) -> Vec<Record> {
    sets.iter().flat_map(|set| set.at(owner)).collect()
}
