//! Whether the names in a domain are right under the name it has now: short enough, and aliases alone and leading on.
//!
//! Names that were wrong before are let be: sites are imported as they are.

use crate::apply::alias::{Wanted, records_of};
use crate::apply::draft::Draft;
use crate::id::{DnsResourceId, DomainId};
use crate::model::dns_name::{LABEL_OCTETS_MAX, NAME_OCTETS_MAX};
use crate::model::dns_resource::DnsResource;
use crate::model::domain::Domain;
use crate::model::node::Node;
use crate::model::record_data::RecordData;
use crate::query::dns_name::resources_at;
use crate::query::name::called;
use crate::rejection::Rejection;
use crate::state::tables::Stored;

/// Refuses a domain where another one has an alias: at its own name a domain has SOA and NS records.
pub(in crate::apply) fn check_apex(draft: &Draft, id: DomainId) -> Result<(), Rejection> {
    let name = &draft.row::<Domain>(&id)?.value.name;
    for resource in resources_at(draft.state(), name) {
        let elsewhere = draft.row::<DnsResource>(&resource)?.value.domain != id;
        let alias = |data: &RecordData| matches!(data, RecordData::Cname(_));
        if elsewhere && records_of(draft, resource).any(|data| alias(&data.rdata)) {
            let holder = called(draft.state(), &DnsResource::object(&resource));
            let reason = format!("a CNAME stands alone, and {holder} is one at {name}");
            return Err(Rejection::invalid("name", reason));
        }
    }
    Ok(())
}

/// Refuses a name under which a node would have none.
pub(in crate::apply) fn check_nodes(draft: &Draft, id: DomainId) -> Result<(), Rejection> {
    let name = &draft.row::<Domain>(&id)?.value.name;
    if name.as_wire().len() + 1 + LABEL_OCTETS_MAX <= NAME_OCTETS_MAX {
        return Ok(());
    }
    for node in draft.state().referrers::<Node>(&Domain::object(&id)) {
        if let Err(error) = draft.row::<Node>(&node)?.value.hostname.in_domain(name) {
            let node = called(draft.state(), &Node::object(&node));
            return Err(Rejection::invalid("name", format!("{node}: {error}")));
        }
    }
    Ok(())
}

/// Refuses a name under which a resource breaks a rule that it kept under the name before.
pub(in crate::apply) fn check_resources(
    draft: &mut Draft,
    id: DomainId,
    before: &Domain,
) -> Result<(), Rejection> {
    let resources: Vec<_> = draft.state().referrers::<DnsResource>(&Domain::object(&id)).collect();
    let broken = |draft: &Draft, resource| check(draft, resource).err().map(|why| (resource, why));
    let broken: Vec<_> = resources.into_iter().filter_map(|id| broken(draft, id)).collect();
    if broken.is_empty() {
        return Ok(());
    }
    let now = draft.checkpoint();
    draft.modify::<Domain>(&id, |domain| domain.name.clone_from(&before.name))?;
    let newly = broken.into_iter().find(|(resource, _)| check(draft, *resource).is_ok());
    draft.roll_back(now);
    match newly {
        None => Ok(()),
        Some((resource, why)) => {
            let resource = called(draft.state(), &DnsResource::object(&resource));
            let reason = format!("{resource}: {why}");
            Err(Rejection::invalid("name", reason))
        }
    }
}

fn check(draft: &Draft, id: DnsResourceId) -> Result<(), Rejection> {
    let resource = &draft.row::<DnsResource>(&id)?.value;
    let records: Vec<RecordData> = records_of(draft, id).map(|data| data.rdata.clone()).collect();
    Wanted { id: Some(id), resource, records: &records }.check(draft)
}
