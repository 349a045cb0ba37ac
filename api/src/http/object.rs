//! The routes of one object: show, change, delete, and what else is done to it.

use crate::http::answer;
use crate::http::body::Body;
use crate::http::consistency::ReadParameters;
use crate::http::context::Context;
use crate::http::noun::Noun;
use crate::http::parameters::Parameters;
use crate::http::problem::Problem;
use crate::http::resource::Writes;
use crate::http::suggestion::suggestion;
use crate::http::view::View;
use crate::http::write::{Asked, Written};
use crate::problem_kind::ProblemKind;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use regent_core::command::Command;
use regent_core::object::Key;

/// Fields one request may name.
const FIELDS_MAX: usize = 128;

/// Which fields the client wants to see, all if it does not say.
///
/// # Errors
/// [`Problem`] if the noun has no such field.
pub fn take_fields(
    parameters: &mut Parameters,
    noun: &dyn Noun,
) -> Result<Option<Vec<String>>, Problem> {
    let Some(list) = parameters.take("fields")? else { return Ok(None) };
    let names: Vec<String> = list.split(',').take(FIELDS_MAX).map(str::to_owned).collect();
    let known = noun.fields();
    let unknown =
        names.iter().find(|name| !known.iter().any(|known| known.shown && known.name == *name));
    match unknown {
        None => Ok(Some(names)),
        Some(name) => {
            let meant = suggestion(name, known.iter().map(|known| known.name));
            let message = format!("{name:?} is no field of {}{meant}", noun.path());
            Err(Problem::invalid("fields", message))
        }
    }
}

/// Shows one object.
///
/// # Errors
/// [`Problem`].
pub async fn show(
    noun: &dyn Noun,
    context: &Context,
    segment: &str,
    asked: &Asked,
) -> Result<Response, Problem> {
    let mut parameters = asked.parameters()?;
    let read = ReadParameters::take(&mut parameters)?;
    let fields = take_fields(&mut parameters, noun)?;
    parameters.finish()?;
    let published = read.load(context).await?;
    let state = &published.state;
    let found = noun.find(state, segment).and_then(|key| noun.view(state, &key));
    let view = found.ok_or_else(|| noun.missing(segment))?;
    let view = match fields {
        Some(names) => view.only(&names),
        None => view,
    };
    let response = unless_known(asked, answer::of_object(StatusCode::OK, state, &view));
    Ok(answer::of_read(&read, state, response))
}

/// The answer, or only that it has not changed if the client has it.
#[must_use]
pub fn unless_known(asked: &Asked, response: Response) -> Response {
    let Some(tag) = response.headers().get(header::ETAG).cloned() else { return response };
    if !tag.to_str().is_ok_and(|tag| asked.has(tag)) {
        return response;
    }
    let mut unchanged = StatusCode::NOT_MODIFIED.into_response();
    unchanged.headers_mut().insert(header::ETAG, tag);
    unchanged
}

/// Changes one object.
///
/// # Errors
/// [`Problem`].
pub async fn change(
    noun: &dyn Noun,
    context: &Context,
    segment: &str,
    asked: &Asked,
    body: &Body,
) -> Result<Response, Problem> {
    let fields = body.object()?;
    let written = act(noun, context, segment, asked, body, |key| noun.change(key, fields)).await?;
    Ok(answer::of_write(noun, &written))
}

/// Deletes one object.
///
/// # Errors
/// [`Problem`].
pub async fn remove(
    noun: &dyn Noun,
    context: &Context,
    segment: &str,
    asked: &Asked,
    body: &Body,
) -> Result<Response, Problem> {
    body.nothing()?;
    let written = act(noun, context, segment, asked, body, |key| noun.delete(key)).await?;
    Ok(answer::of_write(noun, &written))
}

/// Does something to the object a path segment means, under the guard of `If-Match`.
///
/// A repetition under an idempotency key is answered as the first time, even if the segment means nothing any more.
///
/// # Errors
/// [`Problem`]; of one that changed since the client saw it, with the object as it is now.
pub async fn act(
    noun: &dyn Noun,
    context: &Context,
    segment: &str,
    asked: &Asked,
    body: &Body,
    command: impl FnOnce(&Key) -> Result<Command, Problem>,
) -> Result<Written, Problem> {
    let prepared = async {
        let key = target(noun, context, segment).await?;
        let epoch = context.region.published().state.meta().epoch;
        let guards = asked.if_match(epoch, noun.object(key.clone()));
        let guards = guards.map_err(|problem| with_current(noun, context, &key, problem))?;
        let command = command(&key)?;
        Ok((key, guards, command))
    };
    match prepared.await {
        Ok((key, guards, command)) => {
            let written = asked.propose(context, body, guards, command).await;
            written.map_err(|problem| with_current(noun, context, &key, problem))
        }
        Err(problem) => asked.kept(context, body).await?.ok_or(problem),
    }
}

/// A failed condition, with the object as it is now.
fn with_current(noun: &dyn Noun, context: &Context, key: &Key, problem: Problem) -> Problem {
    if problem.kind() != ProblemKind::PreconditionFailed {
        return problem;
    }
    let state = &context.region.published().state;
    problem.with_current(noun.view(state, key).map(View::into_value))
}

/// The key a path segment means for a write.
///
/// An id never changes its meaning, so what this node knows is fresh enough for it, unless the table is shared with
/// other nouns; a name may be new elsewhere, so it is looked up with everything acknowledged in view.
async fn target(noun: &dyn Noun, context: &Context, segment: &str) -> Result<Key, Problem> {
    if let Some(key) = noun.numbered(segment) {
        let here = context.region.published();
        if noun.find(&here.state, segment).is_some() {
            return Ok(key);
        }
    }
    let published = ReadParameters::default().load(context).await?;
    noun.find(&published.state, segment).ok_or_else(|| noun.missing(segment))
}

/// Whether the noun takes changes and deletions at all.
#[must_use]
pub fn is_written(noun: &dyn Noun) -> bool {
    match noun.writes() {
        Writes::All | Writes::NoCreate => true,
        Writes::None => false,
    }
}
