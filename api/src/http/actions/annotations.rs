//! Workload annotations: what the owner of a node notes on it.

use crate::http::answer;
use crate::http::body::Body;
use crate::http::context::Context;
use crate::http::noun_routes::DRY_RUN_PARAMETER;
use crate::http::nouns::nodes::Nodes;
use crate::http::object::act;
use crate::http::problem::Problem;
use crate::http::record::map_of;
use crate::http::route::{Route, Verb, named};
use crate::http::wire::Wire;
use crate::http::write::Asked;
use axum::extract::{Path, State};
use axum::response::Response;
use regent_core::command::Command;
use regent_core::command::owner_data::OwnerDataCommand;
use regent_core::id::NodeId;
use regent_core::object::{Key, TableKey};
use serde_json::{Map, Value};

/// The routes.
pub fn routes() -> Vec<Route> {
    let route = Route::new(Verb::Patch, "/v1/nodes/{id}/owner-data", "annotateNode", annotate)
        .about("nodes", "Sets the annotations that are sent; null removes one.");
    let route = route.sends(map_of(Option::<String>::shape()));
    vec![route.takes([DRY_RUN_PARAMETER]).conditional().answers(200, named("Node"))]
}

async fn annotate(
    State(context): State<Context>,
    Path(segment): Path<String>,
    asked: Asked,
    body: Body,
) -> Result<Response, Problem> {
    let notes = body.object()?;
    let command = |key: &Key| {
        let node = NodeId::from_key(key).expect("nodes are numbered");
        steps(node, notes).map(Command::Batch)
    };
    let written = act(&Nodes, &context, &segment, &asked, &body, command).await?;
    Ok(answer::of_part(&Nodes, &segment, &written))
}

fn steps(node: NodeId, notes: Map<String, Value>) -> Result<Vec<Command>, Problem> {
    let step = |(key, value): (String, Value)| {
        let value = Option::<String>::read(value)
            .map_err(|message| Problem::invalid(&format!("/{key}"), message))?;
        Ok(Command::OwnerData(match value {
            Some(value) => OwnerDataCommand::Set { node, key, value },
            None => OwnerDataCommand::Remove { node, key },
        }))
    };
    notes.into_iter().map(step).collect()
}
