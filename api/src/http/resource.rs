//! The five routes every noun has: list, create, show, change, delete. A noun says what differs.

use crate::http::body::Body;
use crate::http::consistency::ReadParameters;
use crate::http::context::Context;
use crate::http::headers::{CONSISTENCY, REPLAYED, REVISION, text};
use crate::http::page::{Page, PageParameters, cursor_after};
use crate::http::problem::{Problem, ProblemKind};
use crate::http::write::{Asked, etag};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use regent_core::apply::Reply;
use regent_core::command::Command;
use regent_core::id::Id;
use regent_core::object::Key;
use regent_core::outcome::Outcome;
use regent_core::revision::Revision;
use regent_core::state::State as Region;
use regent_core::state::table::Row;
use regent_core::state::tables::Stored;
use regent_raft::state_machine::published::Published;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::ops::Bound;
use utoipa::ToSchema;

/// A noun of the API.
pub trait Resource: Send + Sync + 'static {
    /// What it is stored as.
    type Stored: Stored<Id: Id + Send + Sync> + Send + Sync;
    /// What clients see.
    type View: Serialize + ToSchema + Send;
    /// What clients send to make one.
    type Create: DeserializeOwned + ToSchema + Send;
    /// What clients send to change one.
    type Patch: DeserializeOwned + ToSchema + Send;

    /// Its collection in the path: `domains`.
    const PATH: &'static str;

    /// Whether a row belongs to this collection; some tables hold several nouns.
    fn includes(_row: &Row<Self::Stored>) -> bool {
        true
    }

    /// The id a path segment means: a number, or the name the noun is known by.
    fn find(state: &Region, segment: &str) -> Option<<Self::Stored as Stored>::Id>;

    /// What a client sees of a row.
    fn view(
        state: &Region,
        id: <Self::Stored as Stored>::Id,
        row: &Row<Self::Stored>,
    ) -> Self::View;

    /// The command that makes one.
    ///
    /// # Errors
    /// [`Problem`] if a field breaks a rule that needs no state to see.
    fn create(body: Self::Create) -> Result<Command, Problem>;

    /// The command that changes one.
    ///
    /// # Errors
    /// As for `create`.
    fn update(id: <Self::Stored as Stored>::Id, body: Self::Patch) -> Result<Command, Problem>;

    /// The command that deletes one.
    fn delete(id: <Self::Stored as Stored>::Id) -> Command;
}

/// The routes of a noun.
pub fn routes<R: Resource>() -> Router<Context> {
    let one = get(show::<R>).patch(change::<R>).delete(remove::<R>);
    Router::new()
        .route(&format!("/{}", R::PATH), get(list::<R>).post(create::<R>))
        .route(&format!("/{}/{{id}}", R::PATH), one)
}

async fn list<R: Resource>(
    State(context): State<Context>,
    Query(read): Query<ReadParameters>,
    Query(page): Query<PageParameters>,
) -> Result<Response, Problem> {
    let (limit, after) = (page.limit()?, page.after()?);
    let published = read.load(&context).await?;
    let state = &published.state;
    let start = after
        .map_or(Bound::Unbounded, |id| Bound::Excluded(<R::Stored as Stored>::Id::from_number(id)));
    let rows = R::Stored::table(state.tables()).range((start, Bound::Unbounded));
    let mut rows = rows.filter(|(_, row)| R::includes(row));
    let taken: Vec<_> = rows.by_ref().take(limit).collect();
    let next = rows.next().and(taken.last()).map(|(id, _)| cursor_after(id.number()));
    let items = taken.iter().map(|(id, row)| R::view(state, **id, row)).collect();
    let revision = state.meta().revision;
    Ok(read_reply(&read, &published, Json(Page { items, next, revision: revision.0 })))
}

async fn show<R: Resource>(
    State(context): State<Context>,
    Path(segment): Path<String>,
    Query(read): Query<ReadParameters>,
    asked: Asked,
) -> Result<Response, Problem> {
    let published = read.load(&context).await?;
    let (id, row) = find::<R>(&published.state, &segment)?;
    let tag = etag(published.state.meta().epoch, row.revision);
    let mut response = if asked.has(&tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        read_reply(&read, &published, Json(R::view(&published.state, id, row)))
    };
    response.headers_mut().insert(header::ETAG, text(tag));
    Ok(response)
}

async fn create<R: Resource>(
    State(context): State<Context>,
    asked: Asked,
    body: Body,
) -> Result<Response, Problem> {
    let command = R::create(body.read()?)?;
    let reply = asked.propose(&context, &body, Vec::new(), command).await?;
    Ok(write_reply::<R>(&context, StatusCode::CREATED, &reply))
}

async fn change<R: Resource>(
    State(context): State<Context>,
    Path(segment): Path<String>,
    asked: Asked,
    body: Body,
) -> Result<Response, Problem> {
    let patch = body.read()?;
    act::<R>(&context, &segment, &asked, &body, |id| R::update(id, patch)).await
}

async fn remove<R: Resource>(
    State(context): State<Context>,
    Path(segment): Path<String>,
    asked: Asked,
    body: Body,
) -> Result<Response, Problem> {
    act::<R>(&context, &segment, &asked, &body, |id| Ok(R::delete(id))).await
}

/// Changes the object a path segment means, under the guard of `If-Match`.
///
/// # Errors
/// [`Problem`].
pub async fn act<R: Resource>(
    context: &Context,
    segment: &str,
    asked: &Asked,
    body: &Body,
    command: impl FnOnce(<R::Stored as Stored>::Id) -> Result<Command, Problem>,
) -> Result<Response, Problem> {
    // An id never changes its meaning, so what this node knows is fresh enough to find it; a name that is new
    // elsewhere may not be here yet, so those are looked up with everything acknowledged in view.
    let published = match segment.parse::<u32>() {
        Ok(_) => context.region.published(),
        Err(_) => ReadParameters::default().load(context).await?,
    };
    let id = match segment.parse::<u32>() {
        Ok(number) => <R::Stored as Stored>::Id::from_number(number),
        Err(_) => R::find(&published.state, segment).ok_or_else(|| not_found::<R>(segment))?,
    };
    let guards = asked.if_match(published.state.meta().epoch, R::Stored::object(&id))?;
    let reply = asked.propose(context, body, guards, command(id)?).await?;
    Ok(write_reply::<R>(context, StatusCode::OK, &reply))
}

type Found<'a, T> = (<T as Stored>::Id, &'a Row<T>);

fn find<'a, R: Resource>(
    state: &'a Region,
    segment: &str,
) -> Result<Found<'a, R::Stored>, Problem> {
    let id = R::find(state, segment).ok_or_else(|| not_found::<R>(segment))?;
    let row = state.get::<R::Stored>(&id).filter(|row| R::includes(row));
    row.map(|row| (id, row.as_ref())).ok_or_else(|| not_found::<R>(segment))
}

fn not_found<R: Resource>(segment: &str) -> Problem {
    Problem::new(ProblemKind::NotFound, format!("there is no {segment:?} in {}", R::PATH))
}

fn read_reply(read: &ReadParameters, published: &Published, body: impl IntoResponse) -> Response {
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(REVISION, text(published.state.meta().revision.to_string()));
    headers.insert(CONSISTENCY, HeaderValue::from_static(read.consistency.as_str()));
    response
}

/// What a write leaves behind when the object it speaks of is gone.
#[derive(Serialize)]
struct Gone {
    id: u64,
    revision: Revision,
}

fn write_reply<R: Resource>(context: &Context, status: StatusCode, reply: &Reply) -> Response {
    let published = context.region.published();
    let state = &published.state;
    let number = match &reply.result {
        Ok(Outcome::Created(object) | Outcome::Updated(object) | Outcome::Deleted(object)) => {
            match object.key {
                Key::Number(number) => number,
                Key::Address(_) | Key::Name(_) => 0,
            }
        }
        Ok(
            Outcome::Done
            | Outcome::SessionOpened(_)
            | Outcome::Batch(_)
            | Outcome::Otherwise(_)
            | Outcome::Allocated(_),
        )
        | Err(_) => 0,
    };
    let id = <R::Stored as Stored>::Id::from_number(u32::try_from(number).unwrap_or_default());
    let mut response = match state.get::<R::Stored>(&id) {
        Some(row) => {
            let mut response = (status, Json(R::view(state, id, row))).into_response();
            let tag = etag(state.meta().epoch, row.revision);
            response.headers_mut().insert(header::ETAG, text(tag));
            response
        }
        None => {
            (StatusCode::OK, Json(Gone { id: number, revision: reply.revision })).into_response()
        }
    };
    let headers = response.headers_mut();
    if status == StatusCode::CREATED {
        headers.insert(header::LOCATION, text(format!("/v1/{}/{number}", R::PATH)));
    }
    headers.insert(REVISION, text(reply.revision.to_string()));
    if reply.replayed {
        headers.insert(REPLAYED, HeaderValue::from_static("true"));
    }
    response
}
