//! What happens to every request and every answer: whence, room, id, headers, counting.

use crate::http::answer::{Proposed, REVISION, STATE_AGE, text};
use crate::http::context::Context;
use crate::http::gate::reads;
use crate::http::held_body::HeldBody;
use crate::http::problem::{Problem, in_json};
use crate::http::{origin, request_id};
use axum::body::HttpBody as _;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use regent_raft::region::handle::Region;
use std::time::Instant;
use tokio::sync::OwnedSemaphorePermit;
use tracing::Instrument as _;

/// What stands for paths that clients invent.
const NO_ROUTE: &str = "none";
const NODE: HeaderName = HeaderName::from_static("regent-node");
const LEADER: HeaderName = HeaderName::from_static("regent-leader");
const KNOWN_LEADER: HeaderName = HeaderName::from_static("regent-known-leader");
const FORWARDED_BY: HeaderName = HeaderName::from_static("regent-forwarded-by");

/// For whom a request is.
#[derive(Clone, Copy)]
enum Audience {
    /// The API, or a path that does not exist.
    Api,
    /// Those who watch over the node, and the documents about it.
    WatchedOver,
}

impl Audience {
    fn of(route: &str) -> Self {
        if route.starts_with("/v1/") || route == NO_ROUTE { Self::Api } else { Self::WatchedOver }
    }
}

/// Answers a request within the bounds of the face, and says in the answer where it comes from.
pub async fn pass(State(context): State<Context>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let method = request.method().clone();
    let matched = request.extensions().get::<MatchedPath>();
    let route = matched.map_or(NO_ROUTE, MatchedPath::as_str).to_owned();
    let id = request_id::of(request.headers());
    let span = tracing::info_span!("http", request_id = id);
    let answered = answered(&context, Audience::of(&route), request, next).instrument(span);
    let mut response = request_id::CURRENT.scope(id.clone(), answered).await;
    response.headers_mut().insert(request_id::REQUEST_ID, text(id));
    say_where(&context, &mut response);
    let status = response.status().as_u16();
    context.metrics.answered(known(&method), &route, status, began.elapsed());
    response
}

async fn answered(context: &Context, audience: Audience, request: Request, next: Next) -> Response {
    let room = match audience {
        // Those who watch over the node must get an answer above all when it has too much to do.
        Audience::WatchedOver => context.limits.watched_over(),
        Audience::Api => admit(context, &request),
    };
    let room = match room {
        Ok(room) => room,
        Err(refused) => return refused.into_response(),
    };
    let reads = reads(request.method());
    let response = in_json(next.run(request).await).await;
    held(context, reads, room, response)
}

fn admit(context: &Context, request: &Request) -> Result<OwnedSemaphorePermit, Problem> {
    origin::check(request, |name| is_ours(&context.region, name))?;
    context.limits.request()
}

/// Whether a name is that of a node of this region, or where one advertises its API.
fn is_ours(region: &Region, name: &str) -> bool {
    if region.identity().name.eq_ignore_ascii_case(name) {
        return true;
    }
    let published = region.published();
    published.membership.membership().nodes().any(|(_, node)| {
        let api = origin::host_of(&node.api).unwrap_or_default();
        node.name.eq_ignore_ascii_case(name) || api.eq_ignore_ascii_case(name)
    })
}

/// The answer, which keeps its room until it is written.
fn held(
    context: &Context,
    reads: bool,
    room: OwnedSemaphorePermit,
    response: Response,
) -> Response {
    let (parts, body) = response.into_parts();
    let Some(bytes) = body.size_hint().exact() else {
        // A change feed has room of its own for as long as it is followed.
        return Response::from_parts(parts, body);
    };
    let written = match context.limits.answer(bytes) {
        Ok(written) => written,
        // What became of a write must be told.
        Err(_) if !reads => None,
        Err(full) => return full.into_response(),
    };
    Response::from_parts(parts, HeldBody::hold(body, (room, written)))
}

fn say_where(context: &Context, response: &mut Response) {
    let region = &context.region;
    let leadership = region.leadership();
    let leader = leadership.leader;
    let forwarded = response.extensions().get::<Proposed>().is_some() && !leadership.is_leader;
    let headers = response.headers_mut();
    headers.insert(NODE, text(region.identity().name.as_str()));
    if forwarded {
        headers.insert(FORWARDED_BY, text(region.identity().name.as_str()));
    }
    let known = if leader.is_some() { "true" } else { "false" };
    headers.insert(KNOWN_LEADER, HeaderValue::from_static(known));
    if let Some(leader) = leader {
        let published = region.published();
        let members = published.membership.membership();
        let name = members.get_node(&leader).map(|node| node.name.clone());
        headers.insert(LEADER, text(name.unwrap_or_else(|| leader.to_string())));
    }
    // A stale answer says itself how old it is; where it cannot, neither can this.
    if !headers.contains_key(STATE_AGE)
        && let Some(age) = region.state_age()
    {
        headers.insert(STATE_AGE, text(age.as_millis().to_string()));
    }
    if !headers.contains_key(REVISION) {
        let revision = region.published().state.meta().revision;
        headers.insert(REVISION, text(revision.to_string()));
    }
}

/// The method as a label: clients may invent any.
fn known(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PATCH" => "PATCH",
        "PUT" => "PUT",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "OTHER",
    }
}
