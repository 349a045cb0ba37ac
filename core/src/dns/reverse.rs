//! Reverse names, answered by rule: which zone an address's PTR stands in, and which aliases lead there (RFC 2317).
//!
//! An address belongs to the narrowest subnet around it that has reverse DNS at all.

use crate::dns::fact::Origin;
use crate::dns::record::Rrsets;
use crate::dns::view::DnsView;
use crate::model::dns_name::DomainName;
use crate::model::record_data::RecordData;
use crate::model::record_type::RecordType;
use crate::model::reverse::{
    ReverseZone, aligned_prefix, is_classless, ptr_name, reverse_prefix, reverse_zone_around,
    reverse_zones,
};
use crate::model::subnet::RdnsMode;
use crate::net::cidr::Cidr;
use std::net::IpAddr;

impl DnsView {
    /// The narrowest subnet with reverse DNS around an address.
    fn reverse_network(&self, address: IpAddr) -> Option<(Cidr, RdnsMode)> {
        let whole = Cidr::of_address(address);
        let (nearest, mode) = self.networks.get_prev(&whole)?;
        if nearest.contains(address) {
            return Some((*nearest, *mode));
        }
        // Only where subnets lie inside others is there more to look for.
        (0..whole.prefix()).rev().find_map(|prefix| {
            let outer = Cidr::containing(address, prefix).ok()?;
            self.networks.get(&outer).map(|mode| (outer, *mode))
        })
    }

    /// The narrowest subnet with reverse DNS that another one lies in.
    pub(in crate::dns) fn network_around(&self, inner: Cidr) -> Option<Cidr> {
        (0..inner.prefix()).rev().find_map(|prefix| {
            let outer = Cidr::containing(inner.network(), prefix).ok()?;
            self.networks.contains_key(&outer).then_some(outer)
        })
    }

    /// The zone an address's PTR record stands in.
    pub(in crate::dns) fn reverse_zone(&self, address: IpAddr) -> Option<ReverseZone> {
        let (network, _) = self.reverse_network(address)?;
        reverse_zone_around(network, address)
    }

    /// The names of an address. A generated one beside others lives as long as they do.
    pub(in crate::dns) fn names_of(&self, address: IpAddr) -> Rrsets {
        let mut names = Rrsets::default();
        let stated = self.holders.range((address, Origin::FIRST)..);
        for (_, origin) in stated.take_while(|(held, _)| *held == address) {
            for fact in self.facts_of(*origin) {
                if fact.reverse && fact.ip() == Some(address) {
                    names.add(fact.ttl, RecordData::Ptr(fact.owner.clone()));
                }
            }
        }
        if let IpAddr::V4(v4) = address
            && let Some(name) = self.generated_name(v4)
        {
            let stated = names.get(RecordType::Ptr).map(|set| set.ttl);
            names.add(stated.unwrap_or(self.site.default_ttl), RecordData::Ptr(name));
        }
        names
    }

    /// What stands at a name of a reverse zone.
    pub(in crate::dns) fn reverse_rrsets(
        &self,
        apex: &DomainName,
        network: Cidr,
        name: &DomainName,
    ) -> Rrsets {
        let Some(address) = address_at(apex, network, name) else { return Rrsets::default() };
        let Some((subnet, mode)) = self.reverse_network(address) else { return Rrsets::default() };
        let Some(zone) = reverse_zone_around(subnet, address) else { return Rrsets::default() };
        if zone.name == *apex {
            return self.names_of(address);
        }
        let mut alias = Rrsets::default();
        if mode == RdnsMode::Rfc2317
            && is_classless(subnet)
            && ptr_name(address) == *name
            && let Some(target) = zone.owner(address)
        {
            alias.add(self.site.default_ttl, RecordData::Cname(target));
        }
        alias
    }

    /// The subnets with reverse DNS inside a network, itself included.
    pub fn networks_inside(&self, network: Cidr) -> impl Iterator<Item = Cidr> {
        let from = self.networks.range(network..).map(|(cidr, _)| *cidr);
        from.take_while(move |cidr| network.contains_cidr(*cidr))
    }

    /// The subnets whose zones are cut to exactly this network's size around it.
    pub fn networks_cut_at(&self, network: Cidr) -> impl Iterator<Item = Cidr> {
        let prefixes = (0..=network.prefix()).rev();
        prefixes.filter_map(move |prefix| {
            let outer = Cidr::containing(network.network(), prefix).ok()?;
            let cut = !is_classless(outer) && aligned_prefix(outer) == network.prefix();
            (cut && self.networks.contains_key(&outer)).then_some(outer)
        })
    }

    /// Whether small subnets need this network's zone for their aliases, no zone of a wider subnet being around it.
    #[must_use]
    pub fn wants_alias_zone(&self, network: Cidr) -> bool {
        let has_aliases = self.aliased_in(network).any(|small| {
            reverse_zones(small).glue.is_some_and(|glue| glue.parent.network == network)
        });
        has_aliases
            && (0..=network.prefix()).all(|prefix| {
                let outer = Cidr::containing(network.network(), prefix);
                outer.is_ok_and(|outer| !self.networks.contains_key(&outer))
            })
    }

    /// The addresses of a network that someone says something about, each once, in order.
    pub(in crate::dns) fn held_in(&self, network: Cidr) -> impl Iterator<Item = IpAddr> {
        let last = network.last();
        let held = self.holders.range((network.network(), Origin::FIRST)..);
        let mut before = None;
        held.map(|(address, _)| *address)
            .take_while(move |address| *address <= last)
            .filter(move |address| before.replace(*address) != Some(*address))
    }

    /// The small subnets whose aliases stand in a reverse zone that covers `network`.
    pub(in crate::dns) fn aliased_in(&self, network: Cidr) -> impl Iterator<Item = Cidr> {
        let inside = self.networks.range(network..).map(|(cidr, mode)| (*cidr, *mode));
        inside
            .take_while(move |(cidr, _)| network.contains_cidr(*cidr))
            .filter(|(cidr, mode)| *mode == RdnsMode::Rfc2317 && is_classless(*cidr))
            .map(|(cidr, _)| cidr)
    }

    /// Whether anything stands below a name of a reverse zone that is no whole address.
    pub(in crate::dns) fn reverse_has_below(
        &self,
        apex: &DomainName,
        network: Cidr,
        name: &DomainName,
    ) -> bool {
        let Some(part) = reverse_prefix(name) else { return false };
        if !network.contains_cidr(part) {
            return false;
        }
        let stands_here = |address: IpAddr| {
            let zone = self.reverse_zone(address);
            zone.is_some_and(|zone| zone.name == *apex) && !self.names_of(address).is_empty()
        };
        self.held_in(part).any(stands_here)
            || self.generated_in(part).map(IpAddr::V4).any(stands_here)
            || self.aliased_in(part).next().is_some()
    }
}

/// The address whose records stand at a name of a zone.
fn address_at(apex: &DomainName, network: Cidr, name: &DomainName) -> Option<IpAddr> {
    let full = if is_classless(network) && name != apex {
        // LAST.FIRST-PREFIX.…: without the second label it is the address's ordinary reverse name.
        let in_zone = name.label_count() == apex.label_count() + 1;
        apex.parent().filter(|_| in_zone)?.child(name.labels().next()?).ok()?
    } else {
        name.clone()
    };
    let whole = reverse_prefix(&full).filter(|prefix| prefix.host_bits() == 0)?;
    network.contains_cidr(whole).then(|| whole.network())
}
