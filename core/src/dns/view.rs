//! The DNS view: facts, and what is kept beside them to answer at once.
//!
//! Cheap to clone; two views that share most of their content are told apart in the time their difference takes.
//! Equal content makes equal views, however it was arrived at.

use crate::dns::fact::{Fact, Origin};
use crate::dns::record::Rrsets;
use crate::dns::zone::Zone;
use crate::model::dns_name::DomainName;
use crate::model::forward_server::ForwardServer;
use crate::model::serial::Serial;
use crate::model::subnet::RdnsMode;
use crate::net::cidr::Cidr;
use imbl::{OrdMap, OrdSet};
use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

/// What holds for all zones.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Site {
    /// The default domain's name; none before the site is founded.
    pub default_domain: Option<DomainName>,
    /// Time to live where nothing else is said, in seconds.
    pub default_ttl: u32,
}

/// Everything DNS questions are answered from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DnsView {
    pub(in crate::dns) site: Site,
    /// What each object says.
    pub(in crate::dns) facts: OrdMap<Origin, Arc<[Fact]>>,
    /// Who says something about a name.
    pub(in crate::dns) owners: OrdSet<(DomainName, Origin)>,
    /// Who says something about an address.
    pub(in crate::dns) holders: OrdSet<(IpAddr, Origin)>,
    /// All that is said about a name, as one.
    pub(in crate::dns) names: OrdMap<DomainName, Arc<Rrsets>>,
    /// The zones, by name.
    pub(in crate::dns) zones: OrdMap<DomainName, Zone>,
    /// Their serials.
    pub(in crate::dns) serials: OrdMap<DomainName, Serial>,
    /// Domains the region does not answer for, with who is asked about them.
    pub(in crate::dns) foreign: OrdMap<DomainName, Arc<[ForwardServer]>>,
    /// The subnets that have reverse zones.
    pub(in crate::dns) networks: OrdMap<Cidr, RdnsMode>,
    /// First and last addresses whose names are generated.
    pub(in crate::dns) generated: OrdMap<Ipv4Addr, Ipv4Addr>,
}

impl DnsView {
    /// A view without any content.
    #[must_use]
    pub fn of_site(site: Site) -> Self {
        Self { site, ..Self::default() }
    }

    /// What holds for all zones.
    #[must_use]
    pub fn site(&self) -> &Site {
        &self.site
    }

    /// The zones, by name.
    pub fn zones(&self) -> impl Iterator<Item = &Zone> {
        self.zones.values()
    }

    /// The zone of exactly this name.
    #[must_use]
    pub fn zone(&self, apex: &DomainName) -> Option<&Zone> {
        self.zones.get(apex)
    }

    /// The serial of the zone of exactly this name.
    #[must_use]
    pub fn serial(&self, apex: &DomainName) -> Serial {
        self.serials.get(apex).copied().unwrap_or(Serial(0))
    }

    /// The closest zone a name is in.
    #[must_use]
    pub fn zone_of(&self, name: &DomainName) -> Option<&Zone> {
        ancestors(name).find_map(|apex| self.zones.get(&apex))
    }

    /// Who is to be asked about a name: the servers of the closest domain that is not the region's, unless a zone of
    /// the region is closer. Empty if that domain has none.
    #[must_use]
    pub fn forward_servers(&self, name: &DomainName) -> Option<&[ForwardServer]> {
        if self.foreign.is_empty() {
            return None;
        }
        for ancestor in ancestors(name) {
            if let Some(servers) = self.foreign.get(&ancestor) {
                return Some(servers);
            }
            if self.zones.contains_key(&ancestor) {
                return None;
            }
        }
        None
    }

    /// How many names have stored records.
    #[must_use]
    pub fn name_count(&self) -> usize {
        self.names.len()
    }

    /// Replaces what some objects say. Each name they speak of is looked at once, however many of them do: a name may
    /// have hundreds of records, all of which move with it.
    pub fn set_facts(&mut self, stated: impl IntoIterator<Item = (Origin, Vec<Fact>)>) {
        let mut changed = BTreeSet::new();
        for (origin, facts) in stated {
            self.state(origin, facts, &mut changed);
        }
        changed.iter().for_each(|owner| self.merge(owner));
    }

    /// Replaces what an object says, and notes the names that it spoke or speaks of.
    fn state(&mut self, origin: Origin, facts: Vec<Fact>, changed: &mut BTreeSet<DomainName>) {
        let before = self.facts.get(&origin).cloned().unwrap_or_default();
        if *before == *facts {
            return;
        }
        for fact in before.iter() {
            self.owners.remove(&(fact.owner.clone(), origin));
            fact.ip().map(|ip| self.holders.remove(&(ip, origin)));
        }
        for fact in &facts {
            self.owners.insert((fact.owner.clone(), origin));
            fact.ip().map(|ip| self.holders.insert((ip, origin)));
        }
        changed.extend(before.iter().chain(&facts).map(|fact| fact.owner.clone()));
        if facts.is_empty() {
            self.facts.remove(&origin);
        } else {
            self.facts.insert(origin, facts.into());
        }
    }

    /// What an object says.
    #[must_use]
    pub fn facts_of(&self, origin: Origin) -> &[Fact] {
        self.facts.get(&origin).map_or(&[], |facts| facts)
    }

    /// Puts or takes away a zone.
    pub fn set_zone(&mut self, apex: &DomainName, zone: Option<Zone>) {
        put_or_remove(&mut self.zones, apex, zone);
    }

    /// Tells a zone's serial, or forgets it.
    pub fn set_serial(&mut self, apex: &DomainName, serial: Option<Serial>) {
        put_or_remove(&mut self.serials, apex, serial);
    }

    /// Says who is asked about a domain that is not the region's, or that there is no such domain.
    pub fn set_foreign(&mut self, domain: &DomainName, servers: Option<&[ForwardServer]>) {
        put_or_remove(&mut self.foreign, domain, servers.map(Arc::from));
    }

    /// Says what reverse DNS a subnet has.
    pub fn set_network(&mut self, cidr: Cidr, mode: RdnsMode) {
        match mode {
            RdnsMode::Disabled => drop(self.networks.remove(&cidr)),
            RdnsMode::Enabled | RdnsMode::Rfc2317 => drop(self.networks.insert(cidr, mode)),
        }
    }

    /// Which parts of two views differ, for people.
    #[must_use]
    pub fn difference_from(&self, other: &Self) -> String {
        let parts = [
            ("site", self.site == other.site),
            ("facts", self.facts == other.facts),
            ("owners", self.owners == other.owners),
            ("holders", self.holders == other.holders),
            ("names", self.names == other.names),
            ("zones", self.zones == other.zones),
            ("serials", self.serials == other.serials),
            ("foreign domains", self.foreign == other.foreign),
            ("networks", self.networks == other.networks),
            ("generated names", self.generated == other.generated),
        ];
        let names = parts.iter().filter(|(_, same)| !same).map(|(part, _)| *part);
        names.collect::<Vec<_>>().join(", ")
    }

    /// The facts about a name, with who states them.
    pub(in crate::dns) fn facts_about<'a>(
        &'a self,
        owner: &'a DomainName,
    ) -> impl Iterator<Item = (Origin, &'a Fact)> {
        let stated = self.owners.range((owner.clone(), Origin::FIRST)..);
        stated.take_while(move |(name, _)| name == owner).flat_map(move |(_, origin)| {
            let facts = self.facts_of(*origin).iter();
            facts.filter(move |fact| fact.owner == *owner).map(|fact| (*origin, fact))
        })
    }

    /// Makes one of all that is said about a name: a change of one record looks at all that stand beside it. Sets that
    /// could be changed in place would take more room at every name, to spare the few that have many records.
    ///
    /// A node's time to live goes before that of a resource of the same name. An alias (CNAME) stands alone or not at
    /// all: rules let none stand beside anything, but sites are imported as they are.
    fn merge(&mut self, owner: &DomainName) {
        let facts: Vec<(Origin, &Fact)> = self.facts_about(owner).collect();
        let of_node = facts.iter().filter(|(origin, _)| matches!(origin, Origin::Node(_)));
        let node_ttl = of_node.map(|(_, fact)| fact.ttl).min();
        let ttl = |fact: &Fact| fact.ip().and(node_ttl).unwrap_or(fact.ttl);
        let records = facts.iter().map(|(_, fact)| (ttl(fact), &fact.data));
        let mut merged = Rrsets::of(records.collect());
        merged.settle_aliases();
        put_or_remove(&mut self.names, owner, (!merged.is_empty()).then(|| Arc::new(merged)));
    }
}

/// A name, what it lies in, and so on up to the root.
pub(in crate::dns) fn ancestors(name: &DomainName) -> impl Iterator<Item = DomainName> {
    std::iter::successors(Some(name.clone()), DomainName::parent)
}

/// The first name, in canonical order (RFC 4034 6.1), behind all that lie in this one; none behind the root.
pub(in crate::dns) fn behind(name: &DomainName) -> Option<DomainName> {
    let (parent, label) = (name.parent()?, name.labels().next()?);
    let longer = parent.child(&[label, &[0]].concat());
    longer.ok().or_else(|| {
        // There is no room for a longer label, so the next one of this length it is.
        let mut next = label.to_ascii_lowercase();
        let last = next.last_mut()?;
        *last = last.checked_add(1)?;
        parent.child(&next).ok()
    })
}

fn put_or_remove<V: Clone>(map: &mut OrdMap<DomainName, V>, key: &DomainName, value: Option<V>) {
    match value {
        Some(value) => drop(map.insert(key.clone(), value)),
        None => drop(map.remove(key)),
    }
}

#[cfg(test)]
mod tests {
    use super::behind;
    use crate::model::dns_name::DomainName;

    fn name(text: &str) -> DomainName {
        text.parse().expect("a name")
    }

    #[test]
    fn next_name_lies_behind_all_that_is_in_a_name_and_before_its_neighbours() {
        let next = behind(&name("b.maas")).expect("there is one");
        for inside in ["b.maas", "B.maas", "a.b.maas", "zz.zz.b.maas"] {
            assert!(name(inside) < next, "{inside}");
        }
        for outside in ["b-.maas", "ba.maas", "a.bb.maas", "c.maas", "maat"] {
            assert!(next < name(outside), "{outside}");
        }
        let long = ["Z".repeat(63), "maas".into()].join(".");
        let next = behind(&name(&long)).expect("there is one");
        assert!(name(&["a".into(), long].join(".")) < next && next < name("b.maat"));
        assert_eq!(behind(&DomainName::root()), None);
    }
}
