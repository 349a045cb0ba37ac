//! Which zones differ between two views: by what they contain, not by what was touched.
//!
//! Costs what the difference between the two views costs, since they share the rest.

use crate::dns::view::{DnsView, ancestors};
use crate::dns::zone::{Zone, ZoneKind};
use crate::model::dns_name::DomainName;
use crate::model::record_data::RecordData;
use crate::model::record_type::RecordType;
use crate::model::reverse::reverse_zone_around;
use crate::model::subnet::RdnsMode;
use crate::net::cidr::Cidr;
use crate::net::ip_number::IpNumber;
use imbl::ordmap::DiffItem;
use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};
use std::ops::Bound;

/// The zones of `after`, by name, whose content is not what it was in `before`. Zones that are new are among them,
/// those that are gone are not.
#[must_use]
pub fn changed_zones(before: &DnsView, after: &DnsView) -> BTreeSet<DomainName> {
    let mut changed = Changed { before, after, zones: BTreeSet::new() };
    changed.zones();
    changed.names();
    changed.addresses();
    changed.networks();
    changed.generated();
    changed.foreign();
    changed.zones
}

/// The zones of `before`, by name, that `after` does not have.
#[must_use]
pub fn gone_zones(before: &DnsView, after: &DnsView) -> Vec<DomainName> {
    let items = before.zones.diff(&after.zones);
    let removed = items.filter_map(|item| match item {
        DiffItem::Remove(apex, _) => Some(apex.clone()),
        DiffItem::Add(_, _) | DiffItem::Update { .. } => None,
    });
    removed.collect()
}

struct Changed<'a> {
    before: &'a DnsView,
    after: &'a DnsView,
    zones: BTreeSet<DomainName>,
}

impl Changed<'_> {
    /// The zones themselves, those above them, and those whose names moved from one to the other.
    fn zones(&mut self) {
        for item in self.before.zones.diff(&self.after.zones) {
            match item {
                DiffItem::Add(apex, _) => {
                    self.zones.insert(apex.clone());
                    self.above(apex);
                }
                DiffItem::Remove(apex, _) => self.above(apex),
                DiffItem::Update { new: (apex, zone), .. } => {
                    self.zones.insert(apex.clone());
                    self.delegation(zone);
                }
            }
        }
    }

    fn names(&mut self) {
        let changed: Vec<&DomainName> =
            self.before.names.diff(&self.after.names).map(|item| key(&item)).collect();
        for name in changed {
            self.name(name);
        }
    }

    /// One name whose records differ.
    fn name(&mut self, name: &DomainName) {
        let Some(zone) = self.after.zone_of(name) else { return };
        if self.is_generated_as_before(zone, name) {
            return;
        }
        match self.after.cut_above(zone, name) {
            Some(cut) if cut != *name && !self.is_glue(&cut, name) => {}
            Some(_) | None => drop(self.zones.insert(zone.apex.clone())),
        }
        if *name == zone.apex || self.serves(zone, name) {
            self.delegation(zone);
        }
    }

    /// Whether a name is generated, and shows no more of what people made there than it did.
    fn is_generated_as_before(&self, zone: &Zone, name: &DomainName) -> bool {
        let shown = |view: &DnsView| {
            let zone = view.zone(&zone.apex)?;
            view.generated_address(zone, name)?;
            Some(view.rrsets_at(zone, name).into_owned())
        };
        let after = shown(self.after);
        after.is_some() && shown(self.before) == after
    }

    /// The zone above another one, if what it tells of that one's name servers and their addresses differs.
    fn delegation(&mut self, zone: &Zone) {
        let Some(parent) = self.after.parent_of(zone) else { return };
        let before = self.before.zones.get(&zone.apex).map(|zone| self.before.delegation(zone));
        if before != Some(self.after.delegation(zone)) {
            self.zones.insert(parent.apex.clone());
        }
    }

    fn is_glue(&self, cut: &DomainName, name: &DomainName) -> bool {
        let servers = |view: &DnsView| {
            let sets = view.names.get(cut)?;
            let set = sets.get(RecordType::Ns)?;
            Some(set.data.contains(&RecordData::Ns(name.clone())))
        };
        servers(self.before) == Some(true) || servers(self.after) == Some(true)
    }

    fn serves(&self, zone: &Zone, name: &DomainName) -> bool {
        zone.server == *name || self.is_glue(&zone.apex, name)
    }

    /// Addresses whose names differ, and so the reverse zones they are in.
    fn addresses(&mut self) {
        let mut touched: BTreeSet<IpAddr> = BTreeSet::new();
        for item in self.before.facts.diff(&self.after.facts) {
            let (old, new) = match item {
                DiffItem::Add(_, new) => (None, Some(new)),
                DiffItem::Remove(_, old) => (Some(old), None),
                DiffItem::Update { old: (_, old), new: (_, new) } => (Some(old), Some(new)),
            };
            let facts = old.into_iter().chain(new).flat_map(|facts| facts.iter());
            touched.extend(facts.filter(|fact| fact.reverse).filter_map(|fact| fact.ip()));
        }
        for address in touched {
            if self.before.names_of(address) != self.after.names_of(address) {
                self.reverse_zone(address);
            }
        }
    }

    fn reverse_zone(&mut self, address: IpAddr) {
        if let Some(zone) = self.after.reverse_zone(address) {
            self.reverse(zone.name);
        }
    }

    /// A reverse zone, unless people made a domain of that name.
    fn reverse(&mut self, apex: DomainName) {
        if self.after.zones.get(&apex).is_some_and(|zone| zone.kind != ZoneKind::Forward) {
            self.zones.insert(apex);
        }
    }

    /// Subnets that came, went or changed their reverse DNS: all zones they share addresses with.
    fn networks(&mut self) {
        let changed: Vec<(Cidr, Option<RdnsMode>, Option<RdnsMode>)> = self
            .before
            .networks
            .diff(&self.after.networks)
            .map(|item| match item {
                DiffItem::Add(cidr, mode) => (*cidr, None, Some(*mode)),
                DiffItem::Remove(cidr, mode) => (*cidr, Some(*mode), None),
                DiffItem::Update { old: (cidr, old), new: (_, new) } => {
                    (*cidr, Some(*old), Some(*new))
                }
            })
            .collect();
        for (cidr, old, new) in changed {
            if old.is_some() != new.is_some() {
                self.around(cidr);
            }
            let classless = crate::model::reverse::is_classless(cidr);
            // Aliases are all that the modes differ in.
            if old.is_some() && new.is_some() && !classless {
                continue;
            }
            let zone = crate::model::reverse::ptr_name(cidr.network());
            for apex in ancestors(&zone) {
                if self.after.zones.contains_key(&apex) {
                    self.zones.insert(apex);
                }
            }
        }
    }

    /// The zones of the subnets around one that came or went: its addresses were theirs, or are now.
    fn around(&mut self, inner: Cidr) {
        for view in [self.before, self.after] {
            let Some(outer) = view.network_around(inner) else { continue };
            let mut next = Some(inner.network());
            while let Some(address) = next.filter(|address| inner.contains(*address)) {
                let zone = reverse_zone_around(outer, address);
                let last = zone.as_ref().map(|zone| IpNumber::of(zone.network.last()));
                next = last.and_then(|last| last.checked_add(1)).map(IpNumber::address);
                zone.into_iter().for_each(|zone| self.reverse(zone.name));
            }
        }
    }

    /// Dynamic ranges that came, went or changed: the default domain, and the reverse zones of their addresses.
    fn generated(&mut self) {
        let mut changed: Vec<(Ipv4Addr, Ipv4Addr)> = Vec::new();
        for item in self.before.generated.diff(&self.after.generated) {
            match item {
                DiffItem::Add(start, end) | DiffItem::Remove(start, end) => {
                    changed.push((*start, *end));
                }
                DiffItem::Update { old: (start, old), new: (_, new) } => {
                    changed.push((*start, *old.max(new)));
                }
            }
        }
        for (start, end) in changed {
            if let Some(domain) = &self.after.site.default_domain
                && self.after.zones.contains_key(domain)
            {
                self.zones.insert(domain.clone());
            }
            self.reverse_zones(start, end);
        }
    }

    /// The reverse zones of a run of addresses, from zone to zone. That of a subnet within another begins inside that of
    /// the other.
    fn reverse_zones(&mut self, start: Ipv4Addr, end: Ipv4Addr) {
        let mut next = Some(IpAddr::V4(start));
        while let Some(address) = next.filter(|address| *address <= IpAddr::V4(end)) {
            let zone = self.after.reverse_zone(address);
            let behind = zone.as_ref().and_then(|zone| {
                let last = IpNumber::of(zone.network.last());
                last.checked_add(1).map(IpNumber::address)
            });
            next = behind.into_iter().chain(self.subnet_after(address)).min();
            zone.into_iter().for_each(|zone| self.reverse(zone.name));
        }
    }

    /// Where the next subnet with reverse DNS begins.
    fn subnet_after(&self, address: IpAddr) -> Option<IpAddr> {
        let after = (Bound::Excluded(Cidr::of_address(address)), Bound::Unbounded);
        self.after.networks.range::<_, Cidr>(after).next().map(|(cidr, _)| cidr.network())
    }

    /// Domains that became the region's, or ceased to be: what is below them is seen or not.
    fn foreign(&mut self) {
        let changed: Vec<DomainName> = self
            .before
            .foreign
            .diff(&self.after.foreign)
            .filter(|item| !matches!(item, DiffItem::Update { .. }))
            .map(|item| key(&item).clone())
            .collect();
        for domain in changed {
            if let Some(zone) = self.after.zone_of(&domain) {
                self.zones.insert(zone.apex.clone());
            }
        }
    }

    /// The zone above a name.
    fn above(&mut self, name: &DomainName) {
        let parent = name.parent();
        if let Some(zone) = parent.and_then(|parent| self.after.zone_of(&parent)) {
            self.zones.insert(zone.apex.clone());
        }
    }
}

fn key<'a, V>(item: &DiffItem<'a, 'a, DomainName, V>) -> &'a DomainName {
    match item {
        DiffItem::Add(name, _) | DiffItem::Remove(name, _) => name,
        DiffItem::Update { new: (name, _), .. } => name,
    }
}
