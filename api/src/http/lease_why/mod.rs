//! `/v1/leases/{id}/why`: why an address is given or not, and what a client gets, as an operator asks it. What is so the state
//! says alone (`core/src/query/lease_why`); here it becomes words.

mod words;

use crate::http::answer;
use crate::http::consistency::READ_PARAMETERS;
use crate::http::context::Context;
use crate::http::lease_why::words::{of_address, of_client, of_unknown};
use crate::http::problem::Problem;
use crate::http::record::{list_of, record};
use crate::http::route::{Route, Verb};
use crate::http::wire::{Shape, Wire as _};
use crate::http::write::Asked;
use crate::problem_kind::ProblemKind;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use regent_core::query::lease_why::{Answer, why};
use serde_json::json;

/// The routes.
pub fn routes() -> Vec<Route> {
    let about = "Why an address is given or not, and what a client gets: `id` is an address, a hardware address, the name of a \
                 node, or what a client calls itself. Decided as the region decides it when a rack asks.";
    vec![
        Route::new(Verb::Get, "/v1/leases/{id}/why", "explainLease", explain)
            .about("leases", about)
            .takes(READ_PARAMETERS)
            .answers(200, shape()),
    ]
}

fn shape() -> Shape {
    let reason = record([
        ("code", String::shape()),
        ("text", String::shape()),
        ("until", Option::<u64>::shape()),
        ("remaining_ms", Option::<u64>::shape()),
    ]);
    let answer = record([
        ("about", String::shape()),
        ("summary", String::shape()),
        ("reasons", list_of(reason)),
    ]);
    record([("asked", String::shape()), ("revision", u64::shape()), ("answers", list_of(answer))])
}

async fn explain(
    State(context): State<Context>,
    Path(asked_of): Path<String>,
    asked: Asked,
) -> Result<Response, Problem> {
    let read = asked.read_parameters()?;
    let published = read.load(&context).await?;
    let state = &published.state;
    let found = why(state, &asked_of);
    if found.is_empty() {
        let detail = format!(
            "{asked_of:?} is no address, no hardware address, no node with a card, and no client that has an address"
        );
        return Err(Problem::new(ProblemKind::NotFound, detail));
    }
    let answers = found.iter().map(|answer| match answer {
        Answer::Address(answer) => of_address(state, answer),
        Answer::Client(answer) => of_client(state, answer),
        Answer::Unknown(mac_address) => of_unknown(*mac_address),
    });
    let answers: Vec<_> = answers.collect();
    let body = json!({ "asked": asked_of, "revision": state.meta().revision, "answers": answers });
    Ok(answer::of_read(&read, state, answer::json_of(StatusCode::OK, &body)))
}
