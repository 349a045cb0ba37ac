//! What new nodes get where nothing else is said: one domain and one availability zone are the default.

use crate::http::answer;
use crate::http::body::Body;
use crate::http::context::Context;
use crate::http::noun::Noun;
use crate::http::noun_routes::DRY_RUN_PARAMETER;
use crate::http::nouns::availability_zones::AvailabilityZones;
use crate::http::nouns::domains::Domains;
use crate::http::object::act;
use crate::http::problem::Problem;
use crate::http::record::schema_name;
use crate::http::route::{Route, Verb, named};
use crate::http::write::Asked;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use regent_core::command::Command;
use regent_core::command::site::SiteCommand;
use regent_core::object::{Key, TableKey};

/// The routes.
pub fn routes() -> Vec<Route> {
    let domain =
        |key: &Key| SiteCommand::SetDefaults { domain: TableKey::from_key(key), zone: None };
    let zone = |key: &Key| SiteCommand::SetDefaults { domain: None, zone: TableKey::from_key(key) };
    vec![route(&Domains, domain), route(&AvailabilityZones, zone)]
}

fn route(noun: &'static dyn Noun, command: fn(&Key) -> SiteCommand) -> Route {
    let handler = move |State(context): State<Context>,
                        Path(segment): Path<String>,
                        asked: Asked,
                        body: Body| async move {
        set_default(noun, command, &context, &segment, &asked, &body).await
    };
    let name = schema_name(noun.singular());
    let path = format!("/v1/{}/{{id}}/actions/set_default", noun.path());
    Route::new(Verb::Post, path, format!("setDefault{name}"), handler)
        .about(
            noun.path(),
            format!("Makes it the {} of new nodes that name none.", noun.singular()),
        )
        .takes([DRY_RUN_PARAMETER])
        .answers(200, named(&name))
}

async fn set_default(
    noun: &dyn Noun,
    command: fn(&Key) -> SiteCommand,
    context: &Context,
    segment: &str,
    asked: &Asked,
    body: &Body,
) -> Result<Response, Problem> {
    body.nothing()?;
    let mut chosen = None;
    let command = |key: &Key| {
        chosen = Some(key.clone());
        Ok(Command::Site(command(key)))
    };
    let written = act(noun, context, segment, asked, body, command).await?;
    let view = chosen.and_then(|key| noun.view(&written.state, &key));
    let view = view.ok_or_else(|| noun.missing(segment))?;
    Ok(answer::stamp(answer::of_object(StatusCode::OK, &written.state, &view), &written))
}
