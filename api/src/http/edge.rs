//! What happens to every request and every answer: room, time, id, headers, counting.

use crate::http::answer::{REVISION, text};
use crate::http::context::Context;
use crate::http::problem::{Problem, ProblemKind, in_json};
use crate::http::request_id;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::time::{Duration, Instant};
use tokio::time::timeout;

const NODE: HeaderName = HeaderName::from_static("regent-node");
const LEADER: HeaderName = HeaderName::from_static("regent-leader");
const KNOWN_LEADER: HeaderName = HeaderName::from_static("regent-known-leader");
const LAST_CONTACT: HeaderName = HeaderName::from_static("regent-last-contact-ms");
/// What any request may take until its answer begins: more than the longest wait a client can ask for.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(75);

/// Answers a request within the bounds of the face, and says in the answer where it comes from.
pub async fn pass(State(context): State<Context>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let method = request.method().clone();
    let matched = request.extensions().get::<MatchedPath>();
    let route = matched.map_or("none", MatchedPath::as_str).to_owned();
    let id = request_id::of(request.headers());
    let answered = answered(&context, &route, request, next);
    let mut response = request_id::CURRENT.scope(id.clone(), answered).await;
    response.headers_mut().insert(request_id::REQUEST_ID, text(id));
    say_where(&context, &mut response);
    let status = response.status().as_u16();
    context.metrics.answered(known(&method), &route, status, began.elapsed());
    response
}

async fn answered(context: &Context, route: &str, request: Request, next: Next) -> Response {
    // Those who watch over the node must get an answer above all when it has too much to do.
    let watched_over = !route.starts_with("/v1/");
    let room = if watched_over { None } else { Some(context.limits.request()) };
    let _room = match room.transpose() {
        Ok(room) => room,
        Err(full) => return full.into_response(),
    };
    let reads = request.method() == Method::GET || request.method() == Method::HEAD;
    match timeout(ANSWER_TIME_MAX, next.run(request)).await {
        Ok(response) => in_json(response).await,
        Err(_) => {
            let kind = if reads { ProblemKind::NotReached } else { ProblemKind::OutcomeUnknown };
            Problem::new(kind, "the answer took too long").into_response()
        }
    }
}

fn say_where(context: &Context, response: &mut Response) {
    let region = &context.region;
    let headers = response.headers_mut();
    headers.insert(NODE, text(region.identity().name.as_str()));
    let leader = region.leadership().leader;
    let known = if leader.is_some() { "true" } else { "false" };
    headers.insert(KNOWN_LEADER, HeaderValue::from_static(known));
    if let Some(leader) = leader {
        let published = region.published();
        let members = published.membership.membership();
        let name = members.get_node(&leader).map(|node| node.name.clone());
        headers.insert(LEADER, text(name.unwrap_or_else(|| leader.to_string())));
    }
    if let Some(contact) = region.last_contact() {
        headers.insert(LAST_CONTACT, text(contact.as_millis().to_string()));
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
