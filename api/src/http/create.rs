//! New objects of a collection: one, or several as one.

use crate::http::answer;
use crate::http::body::{self, Body};
use crate::http::context::Context;
use crate::http::list::Page;
use crate::http::noun::Noun;
use crate::http::problem::Problem;
use crate::http::view::View;
use crate::http::write::{Asked, Written};
use axum::http::StatusCode;
use axum::response::Response;
use regent_core::command::{BATCH_STEPS_MAX, Command};
use regent_core::outcome::Outcome;
use serde_json::Value;

/// Makes one new object, or from a list several as one.
///
/// # Errors
/// [`Problem`].
pub async fn create(
    noun: &dyn Noun,
    context: &Context,
    asked: &Asked,
    body: &Body,
) -> Result<Response, Problem> {
    asked.only_if_absent()?;
    match body.json()? {
        Value::Array(items) => create_all(noun, context, asked, body, items).await,
        one => {
            let command = noun.create(body::object(one, "")?)?;
            let written = asked.propose(context, body, Vec::new(), command).await?;
            Ok(answer::of_write(noun, &written))
        }
    }
}

async fn create_all(
    noun: &dyn Noun,
    context: &Context,
    asked: &Asked,
    body: &Body,
    items: Vec<Value>,
) -> Result<Response, Problem> {
    if items.is_empty() || items.len() > BATCH_STEPS_MAX {
        let message = format!("{} objects; 1 to {BATCH_STEPS_MAX} can be made as one", items.len());
        return Err(Problem::invalid("", message));
    }
    let numbered = items.into_iter().enumerate();
    let command = |(number, item)| {
        let place = format!("/{number}");
        let fields = body::object(item, &place)?;
        noun.create(fields).map_err(|problem| problem.within(&place))
    };
    let commands: Vec<Command> = numbered.map(command).collect::<Result<_, _>>()?;
    let written = asked.propose(context, body, Vec::new(), Command::Batch(commands)).await?;
    let items = match &written.reply.result {
        Ok(Outcome::Batch(outcomes)) => created(noun, &written, outcomes),
        Ok(_) | Err(_) => Vec::new(),
    };
    let status = if written.dry_run { StatusCode::OK } else { StatusCode::CREATED };
    let revision = written.reply.revision.0;
    let page = Page { items, next: None, count: None, revision, start_revision: revision };
    Ok(answer::stamp(answer::json_of(status, &page), &written))
}

fn created(noun: &dyn Noun, written: &Written, outcomes: &[Outcome]) -> Vec<View> {
    let keys = outcomes.iter().filter_map(answer::touched);
    keys.map(|key| answer::made(noun, key, written)).collect()
}
