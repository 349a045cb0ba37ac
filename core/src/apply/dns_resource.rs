//! DNS resources: names unique in their domain; with their last address and record they go.

use crate::apply::alias::{Wanted, records_of};
use crate::apply::domain::check_ttl;
use crate::apply::draft::Draft;
use crate::apply::noun::{Noun, unique};
use crate::id::{DnsDataId, DnsResourceId, StaticIpAddressId};
use crate::model::dns_data::DnsData;
use crate::model::dns_resource::DnsResource;
use crate::model::domain::Domain;
use crate::model::record_data::RecordData;
use crate::model::static_ip_address::StaticIpAddress;
use crate::query::owned;
use crate::rejection::Rejection;
use crate::state::tables::Stored;

/// Addresses one name may have.
const ADDRESSES_MAX: usize = 256;

impl Noun for DnsResource {
    fn checked(
        draft: &Draft,
        id: Option<DnsResourceId>,
        mut resource: Self,
    ) -> Result<Self, Rejection> {
        resource.domain = draft.existing::<Domain>("domain", resource.domain)?;
        check_ttl("address_ttl", resource.address_ttl)?;
        let addresses = resource.addresses.iter();
        resource.addresses = addresses
            .map(|id| draft.existing::<StaticIpAddress>("addresses", *id))
            .collect::<Result<_, _>>()?;
        if resource.addresses.len() > ADDRESSES_MAX {
            return Err(Rejection::invalid("addresses", format!("more than {ADDRESSES_MAX}")));
        }
        let name = (resource.domain, resource.name.clone());
        let holders = &draft.state().indexes().dns_resources_by_name;
        unique::<Self, _>("name", holders, &name, id, &resource.name)?;
        let records: Vec<RecordData> = id
            .into_iter()
            .flat_map(|id| records_of(draft, id).map(|data| data.rdata.clone()))
            .collect();
        Wanted { id, resource: &resource, records: &records }.check(draft)?;
        Ok(resource)
    }

    fn before_delete(draft: &mut Draft, id: DnsResourceId) -> Result<(), Rejection> {
        for data in data_ids(draft, id) {
            draft.delete::<DnsData>(&data)?;
        }
        Ok(())
    }
}

fn data_ids(draft: &Draft, id: DnsResourceId) -> Vec<DnsDataId> {
    owned::records_of(draft.state(), id).collect()
}

/// Takes an address that goes from the names that have it.
pub(in crate::apply) fn unlink(
    draft: &mut Draft,
    address: StaticIpAddressId,
) -> Result<(), Rejection> {
    for id in draft.referring::<DnsResource>(&StaticIpAddress::object(&address))? {
        draft.modify::<DnsResource>(&id, |resource| {
            resource.addresses.remove(&address);
        })?;
        drop_if_empty(draft, id)?;
    }
    Ok(())
}

/// A name of which nothing is left goes, as in MAAS.
pub(in crate::apply) fn drop_if_empty(
    draft: &mut Draft,
    id: DnsResourceId,
) -> Result<(), Rejection> {
    let has_addresses = !draft.row::<DnsResource>(&id)?.value.addresses.is_empty();
    let is_left = has_addresses || owned::records_of(draft.state(), id).next().is_some();
    if is_left { Ok(()) } else { draft.delete::<DnsResource>(&id) }
}
