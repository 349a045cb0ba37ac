//! `/v1/domains`.

use crate::http::nouns::edits::{edits, missing};
use crate::http::resource::{Field, Resource, field};
use regent_core::command::Command;
use regent_core::command::domain::DomainPatch;
use regent_core::model::dns_name::DomainName;
use regent_core::model::domain::Domain;
use regent_core::model::forward_server::ForwardServer;
use regent_core::model::global_defaults::{GLOBAL_DEFAULTS, GlobalDefaults};

/// Domains over HTTP.
pub struct Domains;

impl Resource for Domains {
    type Stored = Domain;
    type Draft = DomainPatch;
    const PATH: &'static str = "domains";
    const SINGULAR: &'static str = "domain";
    const ABOUT: &'static str = "A DNS domain: a name under which nodes and records live.";
    const FIELDS: &'static [Field<Self>] = &[
        field!(required name: DomainName, "Its name; unique without regard to case."),
        field!(authoritative: bool, "Whether the region answers for it."),
        field!(ttl: Option<u32>, "Time to live of its records in seconds, where they have none of their own."),
        field!(forward_servers: Vec<ForwardServer>, "Who is asked about names in it; only if it is not authoritative."),
        Field::<Self>::shown::<bool>(
            "is_default",
            "Whether new nodes that name none are in it.",
            |state, id, _| {
                let defaults = state.get::<GlobalDefaults>(&GLOBAL_DEFAULTS);
                defaults.is_some_and(|row| row.value.domain == *id).into()
            },
        ),
    ];

    edits!(Command::Domain, |draft| {
        let name = draft.name.clone().ok_or_else(|| missing("name"))?;
        Ok(Domain::new(name))
    });
}
