//! What every answer says about where it comes from.

use crate::http::context::Context;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;

/// Revision of the state the answer was made from.
pub const REVISION: HeaderName = HeaderName::from_static("regent-revision");
/// What the read promises.
pub const CONSISTENCY: HeaderName = HeaderName::from_static("regent-consistency");
/// Whether a write's answer is the kept one of an earlier application.
pub const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// A client's key for its write.
pub const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const NODE: HeaderName = HeaderName::from_static("regent-node");
const LEADER: HeaderName = HeaderName::from_static("regent-leader");
const KNOWN_LEADER: HeaderName = HeaderName::from_static("regent-known-leader");
const LAST_CONTACT: HeaderName = HeaderName::from_static("regent-last-contact-ms");
const REQUEST_ID: HeaderName = HeaderName::from_static("request-id");
/// Bytes of a request id a client may choose.
const REQUEST_ID_BYTES_MAX: usize = 128;

/// Adds node, leader, contact and request id to an answer, and the revision if the handler did not.
pub async fn answer(State(context): State<Context>, request: Request, next: Next) -> Response {
    let request_id = request
        .headers()
        .get(&REQUEST_ID)
        .filter(|id| id.len() <= REQUEST_ID_BYTES_MAX)
        .cloned()
        .unwrap_or_else(|| text(format!("{:016x}", rand::random::<u64>())));
    let mut response = next.run(request).await;
    let region = &context.region;
    let headers = response.headers_mut();
    headers.insert(REQUEST_ID, request_id);
    headers.insert(NODE, text(region.identity().name.clone()));
    let leader = region.leadership().leader;
    headers.insert(
        KNOWN_LEADER,
        HeaderValue::from_static(if leader.is_some() { "true" } else { "false" }),
    );
    if let Some(leader) = leader {
        let published = region.published();
        let name =
            published.membership.membership().get_node(&leader).map(|node| node.name.clone());
        headers.insert(LEADER, text(name.unwrap_or_else(|| leader.to_string())));
    }
    if let Some(contact) = region.last_contact() {
        headers.insert(LAST_CONTACT, text(contact.as_millis().to_string()));
    }
    if !headers.contains_key(REVISION) {
        let revision = region.published().state.meta().revision;
        headers.insert(REVISION, text(revision.to_string()));
    }
    response
}

/// A header value; what cannot stand in a header is left out.
#[must_use]
pub fn text(value: String) -> HeaderValue {
    HeaderValue::try_from(value).unwrap_or_else(|_| HeaderValue::from_static(""))
}
