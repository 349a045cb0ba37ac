//! `/v1/dns-resources`.

use crate::http::nouns::edits::{edits, missing};
use crate::http::resource::{Field, Resource, field};
use crate::http::wire::Wire;
use regent_core::command::Command;
use regent_core::command::dns_resource::DnsResourcePatch;
use regent_core::id::{DomainId, StaticIpAddressId};
use regent_core::model::dns_name::DomainName;
use regent_core::model::dns_resource::DnsResource;
use regent_core::model::domain::Domain;
use regent_core::model::relative_name::RelativeName;
use regent_core::model::static_ip_address::StaticIpAddress;
use regent_core::state::State;
use serde_json::Value;
use std::collections::BTreeSet;

/// DNS resources over HTTP.
pub struct DnsResources;

impl Resource for DnsResources {
    type Stored = DnsResource;
    type Draft = DnsResourcePatch;
    const PATH: &'static str = "dns-resources";
    const SINGULAR: &'static str = "dns-resource";
    const ABOUT: &'static str = "A name of a domain that people gave, with its addresses.";
    const FIELDS: &'static [Field<Self>] = &[
        field!(required name: RelativeName, "Its name in the domain; `@` is the domain itself."),
        field!(required domain: DomainId, "The domain."),
        Field::<Self>::shown::<String>("fqdn", "Its full name.", |state, _, row| {
            fqdn(state, &row.value).map_or(Value::Null, |name| name.show())
        }),
        field!(address_ttl: Option<u32>, "Time to live of its addresses in seconds; the domain's if null."),
        field!(addresses: BTreeSet<StaticIpAddressId>, "The addresses it has, by id."),
        Field::<Self>::shown::<Vec<String>>(
            "ip_addresses",
            "The same as addresses.",
            |state, _, row| {
                let rows =
                    row.value.addresses.iter().filter_map(|id| state.get::<StaticIpAddress>(id));
                rows.filter_map(|row| row.value.ip).map(|ip| ip.show()).collect()
            },
        ),
    ];

    edits!(Command::DnsResource, |draft| {
        Ok(DnsResource {
            name: draft.name.clone().ok_or_else(|| missing("name"))?,
            domain: draft.domain.ok_or_else(|| missing("domain"))?,
            address_ttl: None,
            addresses: BTreeSet::new(),
        })
    });
}

/// The full name of a resource.
#[must_use]
pub fn fqdn(state: &State, resource: &DnsResource) -> Option<DomainName> {
    let domain = state.get::<Domain>(&resource.domain)?;
    resource.name.in_domain(&domain.value.name).ok()
}
