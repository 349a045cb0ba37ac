//! Questions answered from the view (RFC 1034 4.3.2, RFC 4592 for wildcards, RFC 2308 for negative answers, RFC 4035
//! 3.1.4.1 for DS).

use crate::dns::answer::{Answer, Existence, Wanted};
use crate::dns::record::{Record, Rrset, Rrsets};
use crate::dns::view::{DnsView, ancestors, behind};
use crate::dns::zone::{Zone, ZoneKind};
use crate::model::dns_name::DomainName;
use crate::model::record_data::RecordData;
use crate::model::record_type::RecordType;
use std::borrow::Cow;
use std::ops::Bound;

/// Aliases followed in one answer.
const ALIASES_MAX: usize = 16;

/// What stands at a name of a zone.
enum Found<'a> {
    /// Records.
    Records(Cow<'a, Rrsets>),
    /// None, but there are some below it.
    Empty,
    /// Nothing, here or below.
    Nothing,
}

impl DnsView {
    /// Answers a question; `None` if its name is not ours: in no zone of ours, or in a domain inside of one that others
    /// answer for and that nothing delegates to them, so that there is neither an answer nor a referral to give.
    #[must_use]
    pub fn lookup(&self, name: &DomainName, wanted: Wanted) -> Option<Answer> {
        let mut zone = self.zone_asked(name, wanted)?;
        if self.has_servers(name) && !self.is_referred(zone, name) {
            return None;
        }
        let mut answer = Answer::empty();
        let mut visited = vec![name.clone()];
        while let Some(here) = visited.last().filter(|_| visited.len() <= ALIASES_MAX + 1) {
            let Some(target) = self.step(zone, here, wanted, &mut answer) else { break };
            if visited.contains(&target) || self.is_elsewhere(&target) {
                break;
            }
            let Some(next) = self.zone_asked(&target, wanted) else { break };
            zone = next;
            visited.push(target);
        }
        Some(answer)
    }

    /// Whether others know more about a name: it is in no zone of ours, or its domain has servers of its own.
    #[must_use]
    pub fn is_elsewhere(&self, name: &DomainName) -> bool {
        self.zone_of(name).is_none() || self.has_servers(name)
    }

    /// Whether a name is in a domain that is not ours and whose servers we know.
    #[must_use]
    pub fn has_servers(&self, name: &DomainName) -> bool {
        self.forward_servers(name).is_some_and(|servers| !servers.is_empty())
    }

    /// Whether the zone says by NS records who is responsible for a name.
    fn is_referred(&self, zone: &Zone, name: &DomainName) -> bool {
        let cut = self.cut_above(zone, name);
        let sets = cut.and_then(|cut| self.names.get(&cut));
        sets.is_some_and(|sets| sets.get(RecordType::Ns).is_some())
    }

    /// The zone that speaks for what is wanted at a name: the closest one; for DS at a zone's own name the one above,
    /// if that is ours too.
    fn zone_asked(&self, name: &DomainName, wanted: Wanted) -> Option<&Zone> {
        let closest = self.zone_of(name)?;
        let above = match wanted {
            Wanted::DelegationSigner if closest.apex == *name => name.parent(),
            Wanted::DelegationSigner | Wanted::Type(_) | Wanted::Any | Wanted::Unknown => None,
        };
        Some(above.and_then(|above| self.zone_of(&above)).unwrap_or(closest))
    }

    /// Answers at one name; the next one, if it is an alias.
    fn step(
        &self,
        zone: &Zone,
        name: &DomainName,
        wanted: Wanted,
        answer: &mut Answer,
    ) -> Option<DomainName> {
        if wanted == Wanted::DelegationSigner && self.is_delegated(zone, name) {
            answer.authority.push(self.soa_record(zone));
            return None;
        }
        if let Some(cut) = self.cut_above(zone, name) {
            self.refer(zone, &cut, answer);
            return None;
        }
        let found = match self.find(zone, name) {
            Found::Nothing => self.wildcard(zone, name),
            found @ (Found::Records(_) | Found::Empty) => found,
        };
        match found {
            Found::Records(sets) => match take(&sets, name, wanted, answer) {
                Taken::Records => return None,
                Taken::Alias(target) => return Some(target),
                Taken::Nothing => {}
            },
            Found::Empty => {}
            Found::Nothing => answer.existence = Existence::Missing,
        }
        answer.authority.push(self.soa_record(zone));
        None
    }

    /// Whether a zone delegates exactly this name: to another zone of ours, or to the name servers that stand at it.
    fn is_delegated(&self, zone: &Zone, name: &DomainName) -> bool {
        let child = *name != zone.apex && self.zones.contains_key(name);
        let servers = self.names.get(name).and_then(|sets| sets.get(RecordType::Ns));
        child || servers.is_some() && self.cut_above(zone, name).is_some_and(|cut| cut == *name)
    }

    /// Says who is responsible from a cut on. If nobody is, nothing exists at or below it.
    fn refer(&self, zone: &Zone, cut: &DomainName, answer: &mut Answer) {
        let Some(servers) = self.names.get(cut).and_then(|sets| sets.get(RecordType::Ns)) else {
            answer.existence = Existence::Missing;
            answer.authority.push(self.soa_record(zone));
            return;
        };
        answer.authoritative = !answer.answers.is_empty();
        answer.authority.extend(servers.at(cut));
        answer.additional.extend(self.glue(cut, servers));
    }

    /// The addresses of name servers that are themselves at or below the cut.
    pub(in crate::dns) fn glue(&self, cut: &DomainName, servers: &Rrset) -> Vec<Record> {
        let below = servers.data.iter().filter_map(server).filter(|name| name.is_subdomain_of(cut));
        below.flat_map(|name| self.addresses_of(name)).collect()
    }

    fn addresses_of(&self, name: &DomainName) -> Vec<Record> {
        let Some(sets) = self.names.get(name) else { return Vec::new() };
        let types = [RecordType::A, RecordType::Aaaa];
        types.iter().filter_map(|rtype| sets.get(*rtype)).flat_map(|set| set.at(name)).collect()
    }

    /// Where, from the zone's apex down to a name, responsibility ends: at NS records below the apex, or at a domain
    /// the region does not answer for.
    pub(in crate::dns) fn cut_above(&self, zone: &Zone, name: &DomainName) -> Option<DomainName> {
        let below_apex = ancestors(name).take_while(|ancestor| *ancestor != zone.apex);
        below_apex.filter(|ancestor| self.is_cut(ancestor)).last()
    }

    /// Whether responsibility ends at this name, should it be inside a zone.
    pub(in crate::dns) fn is_cut(&self, name: &DomainName) -> bool {
        let servers = self.names.get(name).and_then(|sets| sets.get(RecordType::Ns));
        servers.is_some() || self.foreign.contains_key(name)
    }

    fn find(&self, zone: &Zone, name: &DomainName) -> Found<'_> {
        let sets = self.rrsets_at(zone, name);
        if !sets.is_empty() {
            return Found::Records(sets);
        }
        if self.has_below(zone, name) { Found::Empty } else { Found::Nothing }
    }

    /// All record sets at a name of a zone; not looked at is whether the name is below a cut.
    pub(in crate::dns) fn rrsets_at(&self, zone: &Zone, name: &DomainName) -> Cow<'_, Rrsets> {
        let mut sets = match zone.kind {
            ZoneKind::Forward => {
                self.names.get(name).map_or_else(Cow::default, |sets| Cow::Borrowed(sets.as_ref()))
            }
            ZoneKind::Reverse(network) => {
                Cow::Owned(self.reverse_rrsets(&zone.apex, network, name))
            }
        };
        if let Some(address) = self.generated_address(zone, name) {
            sets.to_mut().remove(RecordType::Cname);
            sets.to_mut().add(zone.ttl, RecordData::A(address));
        }
        if *name == zone.apex {
            self.add_apex(zone, sets.to_mut());
        }
        sets
    }

    /// The records every zone has at its apex, as MAAS writes them. The TTL of NS records is that of those people gave,
    /// if they gave any.
    fn add_apex(&self, zone: &Zone, sets: &mut Rrsets) {
        sets.remove(RecordType::Cname);
        let given = sets.get(RecordType::Ns).map(|set| set.ttl);
        sets.add(given.unwrap_or(zone.ttl), RecordData::Ns(zone.server.clone()));
        let soa = zone.soa(self.serial(&zone.apex));
        sets.add(zone.ttl, RecordData::Soa(Box::new(soa)));
    }

    /// The SOA record of a zone.
    #[must_use]
    pub fn soa_record(&self, zone: &Zone) -> Record {
        let soa = zone.soa(self.serial(&zone.apex));
        let (owner, ttl) = (zone.apex.clone(), zone.ttl);
        Record { owner, ttl, data: RecordData::Soa(Box::new(soa)) }
    }

    fn has_below(&self, zone: &Zone, name: &DomainName) -> bool {
        let after = (Bound::Excluded(name), Bound::Unbounded);
        let below = |next: Option<&DomainName>| next.is_some_and(|next| next.is_subdomain_of(name));
        if below(self.zones.range::<_, DomainName>(after).next().map(|(apex, _)| apex)) {
            return true;
        }
        match zone.kind {
            ZoneKind::Forward => self.forward_has_below(zone, name),
            ZoneKind::Reverse(network) => self.reverse_has_below(&zone.apex, network, name),
        }
    }

    /// Whether a name of a zone lies below another one. The hosts of domains that are not ours, and that nobody serves
    /// below this zone, are of no zone: they are passed over, a domain at a time.
    fn forward_has_below(&self, zone: &Zone, name: &DomainName) -> bool {
        let mut from = Bound::Excluded(name.clone());
        loop {
            let mut next = self.names.range::<_, DomainName>((from, Bound::Unbounded));
            let Some((owner, _)) = next.next().filter(|(owner, _)| owner.is_subdomain_of(name))
            else {
                return false;
            };
            let Some(cut) = self.cut_above(zone, owner) else { return true };
            let served = self.names.get(&cut).and_then(|sets| sets.get(RecordType::Ns)).is_some();
            match behind(&cut) {
                Some(behind) if !served => from = Bound::Included(behind),
                Some(_) | None => return served,
            }
        }
    }

    /// What a wildcard at the closest name that exists makes of a name that does not.
    fn wildcard(&self, zone: &Zone, name: &DomainName) -> Found<'_> {
        for encloser in ancestors(name).skip(1) {
            let here = self.find(zone, &encloser);
            if !matches!(here, Found::Nothing) {
                let Ok(source) = encloser.child(b"*") else { return Found::Nothing };
                let sets = self.rrsets_at(zone, &source);
                return if sets.is_empty() { Found::Nothing } else { Found::Records(sets) };
            }
            if encloser == zone.apex {
                break;
            }
        }
        Found::Nothing
    }
}

/// What was taken into an answer.
enum Taken {
    /// What was wanted.
    Records,
    /// An alias that leads elsewhere.
    Alias(DomainName),
    /// Nothing.
    Nothing,
}

/// Moves what is wanted, or an alias, into the answer.
fn take(sets: &Rrsets, name: &DomainName, wanted: Wanted, answer: &mut Answer) -> Taken {
    let set = match wanted {
        Wanted::Type(rtype) => sets.get(rtype),
        Wanted::Any => sets.iter().next(),
        Wanted::DelegationSigner | Wanted::Unknown => None,
    };
    if let Some(set) = set {
        answer.answers.extend(set.at(name));
        return Taken::Records;
    }
    let Some(alias) = sets.get(RecordType::Cname) else { return Taken::Nothing };
    answer.answers.extend(alias.at(name));
    let target = alias.data.iter().find_map(|data| {
        if let RecordData::Cname(target) = data { Some(target.clone()) } else { None }
    });
    target.map_or(Taken::Nothing, Taken::Alias)
}

fn server(data: &RecordData) -> Option<&DomainName> {
    if let RecordData::Ns(name) = data { Some(name) } else { None }
}
