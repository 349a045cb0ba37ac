//! `/v1/dns-records`: records other than addresses, which belong to the DNS resource itself.

use crate::http::nouns::dns_resources::fqdn;
use crate::http::nouns::edits::missing;
use crate::http::problem::Problem;
use crate::http::resource::{Access, Field, Resource, field};
use crate::http::wire::{Wire, long_text};
use regent_core::command::Command;
use regent_core::command::dns_data::DnsDataPatch;
use regent_core::command::edit::Edit;
use regent_core::id::{DnsDataId, DnsResourceId};
use regent_core::model::dns_data::DnsData;
use regent_core::model::dns_name::DomainName;
use regent_core::model::dns_resource::DnsResource;
use regent_core::model::record_data::RecordData;
use regent_core::model::record_type::RecordType;
use serde_json::Value;

/// DNS records over HTTP.
pub struct DnsRecords;

/// A DNS record being asked for.
#[derive(Default)]
pub struct DnsRecordDraft {
    resource: Option<DnsResourceId>,
    ttl: Option<Option<u32>>,
    rrtype: Option<RecordType>,
    rrdata: Option<String>,
}

impl DnsRecordDraft {
    /// Type and data, which only make sense together. Names in the data are absolute, with or without a final dot.
    fn rdata(&self) -> Result<Option<RecordData>, Problem> {
        match (self.rrtype, &self.rrdata) {
            (None, None) => Ok(None),
            (Some(rrtype), Some(rrdata)) => RecordData::parse(rrtype, rrdata, &DomainName::root())
                .map(Some)
                .map_err(|error| Problem::invalid("/rrdata", error.to_string())),
            (Some(_), None) => Err(Problem::invalid("/rrdata", "goes with rrtype")),
            (None, Some(_)) => Err(Problem::invalid("/rrtype", "goes with rrdata")),
        }
    }
}

impl Resource for DnsRecords {
    type Stored = DnsData;
    type Draft = DnsRecordDraft;
    const PATH: &'static str = "dns-records";
    const SINGULAR: &'static str = "dns-record";
    const ABOUT: &'static str = "A record of a DNS resource: any but addresses.";
    const FIELDS: &'static [Field<Self>] = &[
        field!(needed_once resource as "dnsresource": DnsResourceId, "The resource whose name it stands at."),
        Field::<Self>::shown::<String>("fqdn", "That name in full.", |state, _, row| {
            let resource = state.get::<DnsResource>(&row.value.resource);
            let name = resource.and_then(|resource| fqdn(state, &resource.value));
            name.map_or(Value::Null, |name| name.show())
        }),
        field!(ttl: Option<u32>, "Time to live in seconds; the domain's if null."),
        Field::<Self>::new(
            "rrtype",
            "Its type.",
            RecordType::shape,
            |_, _, row| row.value.rdata.record_type().show(),
            |value, draft| {
                draft.rrtype = Some(Wire::read(value)?);
                Ok(())
            },
        )
        .with(Access::Required),
        Field::<Self>::new(
            "rrdata",
            "Its data as in a zone file, names absolute.",
            String::shape,
            |_, _, row| row.value.rdata.to_string().into(),
            |value, draft| {
                draft.rrdata = Some(long_text(value)?);
                Ok(())
            },
        )
        .with(Access::Required),
    ];

    fn to_create(draft: DnsRecordDraft) -> Result<Command, Problem> {
        Ok(Command::DnsData(Edit::Create(DnsData {
            resource: draft.resource.ok_or_else(|| missing("dnsresource"))?,
            ttl: draft.ttl.flatten(),
            rdata: draft.rdata()?.ok_or_else(|| missing("rrdata"))?,
        })))
    }

    fn to_update(id: DnsDataId, draft: DnsRecordDraft) -> Result<Command, Problem> {
        let patch = DnsDataPatch { ttl: draft.ttl, rdata: draft.rdata()? };
        Ok(Command::DnsData(Edit::Update { id, patch }))
    }

    fn to_delete(id: DnsDataId) -> Result<Command, Problem> {
        Ok(Command::DnsData(Edit::Delete { id }))
    }
}
