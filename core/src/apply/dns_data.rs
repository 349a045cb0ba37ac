//! DNS records other than addresses: which types there are, and that none is there twice.

use crate::apply::alias::Wanted;
use crate::apply::dns_resource::drop_if_empty;
use crate::apply::domain::check_ttl;
use crate::apply::draft::Draft;
use crate::apply::noun::Noun;
use crate::id::DnsDataId;
use crate::model::dns_data::DnsData;
use crate::model::dns_resource::DnsResource;
use crate::query::owned::records_of;
use crate::rejection::Rejection;
use crate::state::tables::Stored;

impl Noun for DnsData {
    fn checked(draft: &Draft, id: Option<DnsDataId>, mut data: Self) -> Result<Self, Rejection> {
        data.resource = draft.existing::<DnsResource>("resource", data.resource)?;
        check_ttl("ttl", data.ttl)?;
        let rtype = data.rdata.record_type();
        if !rtype.is_stored() {
            let reason = format!("{rtype} records follow from addresses and zones");
            return Err(Rejection::invalid("rrtype", reason));
        }
        let mut records = vec![data.rdata.clone()];
        for other in records_of(draft.state(), data.resource) {
            let rdata = &draft.row::<Self>(&other)?.value.rdata;
            if Some(other) == id {
                continue;
            }
            if *rdata == data.rdata {
                let (field, value) = ("rdata".into(), format!("{rtype} {rdata}"));
                return Err(Rejection::NotUnique { field, value, holder: Self::object(&other) });
            }
            records.push(rdata.clone());
        }
        let resource = &draft.row::<DnsResource>(&data.resource)?.value;
        Wanted { id: Some(data.resource), resource, records: &records }.check(draft)?;
        Ok(data)
    }

    fn deleted(draft: &mut Draft, data: &Self) -> Result<(), Rejection> {
        drop_if_empty(draft, data.resource)
    }
}
