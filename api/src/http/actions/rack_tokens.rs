//! Making and revoking tokens with which racks enrol. The secret is drawn here and shown in one answer; the region keeps its
//! digest alone, so that nothing can show it again.

use crate::http::answer;
use crate::http::body::Body;
use crate::http::consistency::ReadParameters;
use crate::http::context::Context;
use crate::http::fields::Fields;
use crate::http::noun::Noun;
use crate::http::noun_routes::DRY_RUN_PARAMETER;
use crate::http::nouns::controllers::Controllers;
use crate::http::nouns::rack_tokens::RackTokens;
use crate::http::object::act;
use crate::http::problem::Problem;
use crate::http::record::{record, record_with};
use crate::http::route::{Route, Verb, named};
use crate::http::wire::{Wire as _, either};
use crate::http::write::{Asked, PRINCIPAL, Written};
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::Response;
use rand::Rng as _;
use regent_core::command::Command;
use regent_core::command::rack_token::{NewRackToken, RackTokenCommand};
use regent_core::id::{NodeId, RackTokenId};
use regent_core::model::rack_token::RackToken;
use regent_core::model::rack_token_text::{
    RACK_TOKEN_NODES_MAX, RACK_TOKEN_SECRET_BYTES, RackTokenText,
};
use regent_core::object::{Key, TableKey as _};
use regent_core::outcome::Outcome;
use regent_core::time::Millis;
use serde_json::Value;

/// How long a token is good unless its maker says otherwise: an hour.
pub const RACK_TOKEN_LIFE_S: u64 = 3_600;

/// The routes.
pub fn routes() -> Vec<Route> {
    let about = "Makes a token by which one machine becomes a rack, or goes on as the rack `for` names, within \
                 `expires_in_s` (3600). The answer has its text, `token`; the answer to a repetition has not.";
    let sent = [("for", either(u32::shape(), String::shape())), ("expires_in_s", u64::shape())];
    vec![
        Route::new(Verb::Post, "/v1/rack-tokens", "createRackToken", create)
            .about("rack-tokens", about)
            .takes([DRY_RUN_PARAMETER])
            .sends(record_with([], sent))
            .answers(201, named("RackToken")),
        Route::new(Verb::Delete, "/v1/rack-tokens/{id}", "deleteRackToken", revoke)
            .about("rack-tokens", "Revokes a token that was not used yet.")
            .takes([DRY_RUN_PARAMETER])
            .conditional()
            .answers(200, record([("revision", u64::shape()), ("deleted", bool::shape())])),
    ]
}

async fn create(
    State(context): State<Context>,
    asked: Asked,
    body: Body,
) -> Result<Response, Problem> {
    let mut fields = Fields(body.object()?);
    let wanted = fields.take::<u64>("expires_in_s")?.unwrap_or(RACK_TOKEN_LIFE_S);
    let rack = fields.0.remove("for").unwrap_or(Value::Null);
    fields.finish()?;
    let rack = rack_of(&context, rack).await?;
    let text = drawn(&context).await;
    let (digest, life) = (text.digest(), Millis::from_secs(wanted));
    let new = NewRackToken { digest, rack, life, created_by: PRINCIPAL.to_owned() };
    let command = Command::RackToken(RackTokenCommand::Create(new));
    let written = asked.propose(&context, &body, Vec::new(), command).await?;
    Ok(reply(&written, &text))
}

async fn revoke(
    State(context): State<Context>,
    Path(id): Path<String>,
    asked: Asked,
    body: Body,
) -> Result<Response, Problem> {
    body.nothing()?;
    let command = |key: &Key| {
        let id = RackTokenId::from_key(key).ok_or_else(|| RackTokens.missing(&key.to_string()))?;
        Ok(Command::RackToken(RackTokenCommand::Delete { id }))
    };
    let written = act(&RackTokens, &context, &id, &asked, &body, command).await?;
    Ok(answer::of_write(&RackTokens, &written))
}

/// The rack that was named by its number or by a name, with everything acknowledged in view.
async fn rack_of(context: &Context, named: Value) -> Result<Option<NodeId>, Problem> {
    let segment = match named {
        Value::Null => return Ok(None),
        Value::Number(number) => number.to_string(),
        Value::String(name) => name,
        Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
            return Err(Problem::invalid("/for", "wants the number or a name of a rack"));
        }
    };
    let published = ReadParameters::default().load(context).await?;
    let key = Controllers.find(&published.state, &segment);
    let rack = key.and_then(|key| NodeId::from_key(&key));
    let missing = || Problem::invalid("/for", format!("there is no {segment:?} in controllers"));
    rack.map(Some).ok_or_else(missing)
}

/// A token nobody has seen yet.
async fn drawn(context: &Context) -> RackTokenText {
    let group = context.region.status().await;
    let nodes = group.nodes.iter().map(|node| node.api.clone());
    let mut secret = [0; RACK_TOKEN_SECRET_BYTES];
    rand::rng().fill_bytes(&mut secret);
    let nodes = nodes.take(RACK_TOKEN_NODES_MAX).collect();
    RackTokenText { cluster_id: group.cluster_id, nodes, secret }
}

/// The answer; with the text, unless it was only tried out or the token of an earlier request was found in its place.
fn reply(written: &Written, text: &RackTokenText) -> Response {
    let object = match &written.reply.result {
        Ok(Outcome::Created(object)) if !written.dry_run => object,
        Ok(_) | Err(_) => return answer::of_write(&RackTokens, written),
    };
    let mut view = answer::made(&RackTokens, &object.key, written);
    if is_of(written, &object.key, text) {
        view.once = Some(("token", text.reveal().into()));
    }
    let mut response = answer::of_object(StatusCode::CREATED, &written.state, &view);
    let place = format!("/v1/rack-tokens/{}", answer::segment(&object.key));
    response.headers_mut().insert(header::LOCATION, answer::text(place));
    answer::stamp(response, written)
}

/// Whether the token that the answer speaks of is the one that was drawn for it. A node that asked the leader twice gets the
/// answer of the first time for its own token.
fn is_of(written: &Written, key: &Key, text: &RackTokenText) -> bool {
    let id = RackTokenId::from_key(key);
    let row = id.and_then(|id| written.state.get::<RackToken>(&id));
    row.map_or(!written.reply.replayed, |row| row.value.digest == text.digest())
}
