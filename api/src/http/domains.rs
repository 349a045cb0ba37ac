//! `/v1/domains`.

use crate::http::problem::Problem;
use crate::http::resource::Resource;
use regent_core::command::Command;
use regent_core::command::domain::{DomainCommand, DomainPatch};
use regent_core::id::DomainId;
use regent_core::model::dns_name::DomainName;
use regent_core::model::domain::Domain;
use regent_core::state::State;
use regent_core::state::table::Row;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Domains over HTTP.
pub struct Domains;

/// A DNS domain.
#[derive(Serialize, ToSchema)]
pub struct DomainView {
    id: u32,
    created_revision: u64,
    revision: u64,
    name: String,
    authoritative: bool,
    ttl: Option<u32>,
}

/// A new domain.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DomainCreate {
    name: String,
    authoritative: Option<bool>,
    ttl: Option<u32>,
}

/// Changed fields of a domain.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DomainChange {
    name: Option<String>,
    authoritative: Option<bool>,
    #[serde(default, deserialize_with = "crate::http::nullable::read")]
    ttl: Option<Option<u32>>,
}

impl Resource for Domains {
    type Stored = Domain;
    type View = DomainView;
    type Create = DomainCreate;
    type Patch = DomainChange;
    const PATH: &'static str = "domains";

    fn find(state: &State, segment: &str) -> Option<DomainId> {
        if let Ok(number) = segment.parse() {
            return Some(DomainId(number));
        }
        let name: DomainName = segment.parse().ok()?;
        state.indexes().domains_by_name.under(&name).next().copied()
    }

    fn view(_: &State, id: DomainId, row: &Row<Domain>) -> DomainView {
        DomainView {
            id: id.0,
            created_revision: row.created_revision.0,
            revision: row.revision.0,
            name: row.value.name.to_string(),
            authoritative: row.value.authoritative,
            ttl: row.value.ttl,
        }
    }

    fn create(body: DomainCreate) -> Result<Command, Problem> {
        let name = parse_name(&body.name)?;
        let authoritative = body.authoritative.unwrap_or(true);
        Ok(Command::Domain(DomainCommand::Create(Domain {
            authoritative,
            ttl: body.ttl,
            ..Domain::new(name)
        })))
    }

    fn update(id: DomainId, body: DomainChange) -> Result<Command, Problem> {
        let name = body.name.as_deref().map(parse_name).transpose()?;
        let patch = DomainPatch {
            name,
            authoritative: body.authoritative,
            ttl: body.ttl,
            ..DomainPatch::default()
        };
        Ok(Command::Domain(DomainCommand::Update { id, patch }))
    }

    fn delete(id: DomainId) -> Command {
        Command::Domain(DomainCommand::Delete { id })
    }
}

fn parse_name(name: &str) -> Result<DomainName, Problem> {
    name.parse().map_err(|error| Problem::invalid("name", format!("{error}")))
}
