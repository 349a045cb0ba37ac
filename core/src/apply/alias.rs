//! What a domain name may have: anything that fits into one message, or one alias (CNAME) and nothing else (RFC 2181
//! 10.1).
//!
//! One rule for resources and records, asked with the name as it would be after the change. A node that gets the name
//! of an alias later is not refused: its addresses then win over the alias.

use crate::apply::draft::Draft;
use crate::id::DnsResourceId;
use crate::model::dns_data::DnsData;
use crate::model::dns_name::DomainName;
use crate::model::dns_resource::DnsResource;
use crate::model::domain::Domain;
use crate::model::node::Node;
use crate::model::record_data::{RECORD_FIXED_OCTETS, RRSET_OCTETS_MAX, RecordData};
use crate::model::record_type::RecordType;
use crate::object::ObjectRef;
use crate::query::dns_name::{cname_of, domain_named, nodes_at, resources_at};
use crate::query::owned;
use crate::rejection::Rejection;
use crate::state::tables::Stored;
use std::collections::BTreeMap;

/// Records one name may have beside its addresses.
const RECORDS_MAX: usize = 256;
/// Aliases that may follow each other; resolvers give up at about as many.
const ALIASES_MAX: usize = 16;

/// One name as it would be: a resource with its records.
pub(in crate::apply) struct Wanted<'a> {
    /// The resource's id, if it is stored already.
    pub(in crate::apply) id: Option<DnsResourceId>,
    /// The resource.
    pub(in crate::apply) resource: &'a DnsResource,
    /// Its records.
    pub(in crate::apply) records: &'a [RecordData],
}

impl Wanted<'_> {
    /// Refuses the name if it breaks a rule.
    pub(in crate::apply) fn check(&self, draft: &Draft) -> Result<(), Rejection> {
        let domain = &draft.row::<Domain>(&self.resource.domain)?.value.name;
        let in_domain = self.resource.name.in_domain(domain);
        let name = in_domain.map_err(|error| Rejection::invalid("name", error))?;
        let others = self.others(draft, &name);
        self.check_alias(draft, &name, &others)?;
        for other in &others {
            for data in records_of(draft, *other).filter(|data| alias(&data.rdata).is_some()) {
                let taken = !self.records.is_empty() || !self.resource.addresses.is_empty();
                if taken {
                    let what = format!("{} {}", data.rdata.record_type(), data.rdata);
                    return Err(beside(&name, &format!("{} ({what})", DnsResource::object(other))));
                }
            }
        }
        if self.records.len() > RECORDS_MAX {
            let what = format!("records of {name}");
            return Err(Rejection::Limit { what, max: RECORDS_MAX as u64 });
        }
        self.check_size(draft, &name, &others)
    }

    /// The records of one type are told together, and so fit into one message.
    fn check_size(
        &self,
        draft: &Draft,
        name: &DomainName,
        others: &[DnsResourceId],
    ) -> Result<(), Rejection> {
        let mut octets: BTreeMap<RecordType, usize> = BTreeMap::new();
        let beside = others.iter().flat_map(|other| records_of(draft, *other));
        for data in self.records.iter().chain(beside.map(|data| &data.rdata)) {
            let all = octets.entry(data.record_type()).or_default();
            *all += data.to_wire().len() + RECORD_FIXED_OCTETS;
            if *all > RRSET_OCTETS_MAX {
                let what = format!("octets of the {} records of {name}", data.record_type());
                return Err(Rejection::Limit { what, max: RRSET_OCTETS_MAX as u64 });
            }
        }
        Ok(())
    }

    fn others(&self, draft: &Draft, name: &DomainName) -> Vec<DnsResourceId> {
        let mut others = resources_at(draft.state(), name);
        others.retain(|other| Some(*other) != self.id);
        others
    }

    fn check_alias(
        &self,
        draft: &Draft,
        name: &DomainName,
        others: &[DnsResourceId],
    ) -> Result<(), Rejection> {
        let Some(target) = self.records.iter().find_map(alias) else { return Ok(()) };
        if self.records.len() > 1 {
            return Err(beside(name, "other records"));
        }
        if domain_named(draft.state(), name).is_some() {
            return Err(beside(name, "the SOA and NS records of its domain"));
        }
        if !self.resource.addresses.is_empty() {
            return Err(beside(name, "addresses"));
        }
        let taken = others.iter().find(|other| {
            let row = draft.state().get::<DnsResource>(other);
            row.is_some_and(|row| !row.value.addresses.is_empty())
                || records_of(draft, **other).next().is_some()
        });
        let holder: Option<ObjectRef> = taken
            .map(DnsResource::object)
            .or_else(|| nodes_at(draft.state(), name).first().map(Node::object));
        match holder {
            Some(holder) => Err(beside(name, &holder.to_string())),
            None => check_loop(draft, name, target),
        }
    }
}

/// The records of a resource.
pub(in crate::apply) fn records_of(
    draft: &Draft,
    resource: DnsResourceId,
) -> impl Iterator<Item = &DnsData> {
    let state = draft.state();
    let ids = owned::records_of(state, resource);
    ids.filter_map(|id| state.get::<DnsData>(&id)).map(|row| &row.value)
}

fn alias(rdata: &RecordData) -> Option<&DomainName> {
    if let RecordData::Cname(target) = rdata { Some(target) } else { None }
}

fn beside(name: &DomainName, what: &str) -> Rejection {
    Rejection::invalid("rdata", format!("a CNAME stands alone, and {name} has {what}"))
}

/// Refuses an alias that leads back to itself, or through too many others.
fn check_loop(draft: &Draft, name: &DomainName, target: &DomainName) -> Result<(), Rejection> {
    let mut next = Some(target.clone());
    for _ in 0..ALIASES_MAX {
        let Some(here) = next else { return Ok(()) };
        if here == *name {
            return Err(Rejection::invalid("rdata", format!("leads back to {name}")));
        }
        next = cname_of(draft.state(), &here);
    }
    Err(Rejection::invalid("rdata", format!("leads through more than {ALIASES_MAX} aliases")))
}
