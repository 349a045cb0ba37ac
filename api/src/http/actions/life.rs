//! The steps of a machine's life. Steps are recorded; no power action follows yet.

use crate::http::answer;
use crate::http::body::Body;
use crate::http::context::Context;
use crate::http::fields::Fields;
use crate::http::noun_routes::DRY_RUN_PARAMETER;
use crate::http::nouns::machines::Machines;
use crate::http::object::act;
use crate::http::problem::{Problem, ProblemKind};
use crate::http::route::{Route, Verb, named};
use crate::http::write::Asked;
use axum::extract::{Path, State};
use axum::response::Response;
use regent_core::command::Command;
use regent_core::command::node::{NodeAction, NodeCommand};
use regent_core::id::NodeId;
use regent_core::object::{Key, TableKey};

/// The routes.
pub fn routes() -> Vec<Route> {
    let about = "Records a step: commission, abort, allocate, deploy, release, mark_broken, mark_fixed, lock, unlock. \
                 No power action follows.";
    let route = Route::new(Verb::Post, "/v1/machines/{id}/actions/{action}", "actOnMachine", step);
    let route = route.about("machines", about).takes([DRY_RUN_PARAMETER]);
    vec![route.conditional().answers(200, named("Machine"))]
}

async fn step(
    State(context): State<Context>,
    Path((segment, action)): Path<(String, String)>,
    asked: Asked,
    body: Body,
) -> Result<Response, Problem> {
    let action = read(&action, &body)?;
    let command = |key: &Key| {
        let id = NodeId::from_key(key).expect("machines are numbered");
        Ok(Command::Node(Box::new(NodeCommand::Act { id, action })))
    };
    let written = act(&Machines, &context, &segment, &asked, &body, command).await?;
    Ok(answer::of_write(&Machines, &written))
}

fn read(action: &str, body: &Body) -> Result<NodeAction, Problem> {
    let plain = match action {
        "commission" => NodeAction::Commission,
        "abort" => NodeAction::Abort,
        "allocate" => NodeAction::Allocate,
        "deploy" => NodeAction::Deploy,
        "release" => NodeAction::Release,
        "mark_fixed" => NodeAction::MarkFixed,
        "lock" => NodeAction::Lock,
        "unlock" => NodeAction::Unlock,
        "mark_broken" => return Ok(NodeAction::MarkBroken { comment: comment(body)? }),
        other => {
            let detail = format!("machines have no action {other:?}");
            return Err(Problem::new(ProblemKind::NoSuchRoute, detail));
        }
    };
    body.nothing()?;
    Ok(plain)
}

fn comment(body: &Body) -> Result<String, Problem> {
    let mut fields = Fields(body.object()?);
    let comment = fields.take("comment")?;
    fields.finish()?;
    Ok(comment.unwrap_or_default())
}
