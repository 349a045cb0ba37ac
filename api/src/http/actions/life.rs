//! The steps of a machine's life. Steps are recorded; no power action follows yet.

use crate::http::answer;
use crate::http::body::Body;
use crate::http::context::Context;
use crate::http::fields::Fields;
use crate::http::noun_routes::DRY_RUN_PARAMETER;
use crate::http::nouns::machines::Machines;
use crate::http::object::act;
use crate::http::problem::Problem;
use crate::http::record::record_with;
use crate::http::route::{Route, Verb, named};
use crate::http::suggestion::suggestion;
use crate::http::wire::Wire as _;
use crate::http::write::Asked;
use crate::problem_kind::ProblemKind;
use axum::extract::{Path, State};
use axum::response::Response;
use regent_core::command::Command;
use regent_core::command::node::{NodeAction, NodeCommand};
use regent_core::id::NodeId;
use regent_core::object::{Key, TableKey};

/// The step that says why.
const MARK_BROKEN: &str = "mark_broken";
/// The other steps.
const STEPS: [(&str, NodeAction); 8] = [
    ("commission", NodeAction::Commission),
    ("abort", NodeAction::Abort),
    ("allocate", NodeAction::Allocate),
    ("deploy", NodeAction::Deploy),
    ("release", NodeAction::Release),
    ("mark_fixed", NodeAction::MarkFixed),
    ("lock", NodeAction::Lock),
    ("unlock", NodeAction::Unlock),
];

/// The steps there are, as in the path.
pub fn names() -> impl Iterator<Item = &'static str> {
    STEPS.iter().map(|(name, _)| *name).chain([MARK_BROKEN])
}

/// The routes.
pub fn routes() -> Vec<Route> {
    let steps: Vec<_> = names().collect();
    let about = format!("Records a step: {}. No power action follows.", steps.join(", "));
    let route = Route::new(Verb::Post, "/v1/machines/{id}/actions/{action}", "actOnMachine", step);
    let route = route.about("machines", about).takes([DRY_RUN_PARAMETER]);
    let route = route.sends(record_with([], [("comment", String::shape())]));
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
    if action == MARK_BROKEN {
        return Ok(NodeAction::MarkBroken { comment: comment(body)? });
    }
    let step = STEPS.iter().find(|(name, _)| *name == action).map(|(_, step)| step.clone());
    let step = step.ok_or_else(|| {
        let known = suggestion(action, names());
        let detail = format!("machines have no action {action:?}{known}");
        Problem::new(ProblemKind::NoSuchRoute, detail)
    })?;
    body.nothing()?;
    Ok(step)
}

fn comment(body: &Body) -> Result<String, Problem> {
    let mut fields = Fields(body.object()?);
    let comment = fields.take("comment")?;
    fields.finish()?;
    Ok(comment.unwrap_or_default())
}
