//! Answers of reads and writes, with the headers each must carry.

use crate::http::consistency::ReadParameters;
use crate::http::etag;
use crate::http::noun::Noun;
use crate::http::problem::REPLAYED;
use crate::http::view::View;
use crate::http::write::Written;
use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use regent_core::object::Key;
use regent_core::outcome::Outcome;
use regent_core::state::State;
use serde::Serialize;
use serde_json::{Value, json};

/// Revision of the state the answer was made from.
pub const REVISION: HeaderName = HeaderName::from_static("regent-revision");
/// What the read promises.
pub const CONSISTENCY: HeaderName = HeaderName::from_static("regent-consistency");
/// Whether a write was only tried out.
pub const DRY_RUN: HeaderName = HeaderName::from_static("regent-dry-run");

/// A header value; what cannot stand in a header is left out.
#[must_use]
pub fn text(value: impl Into<String>) -> HeaderValue {
    HeaderValue::try_from(value.into()).unwrap_or_else(|_| HeaderValue::from_static(""))
}

/// A JSON answer.
pub fn json_of(status: StatusCode, value: &impl Serialize) -> Response {
    let bytes = serde_json::to_vec(value).expect("our answers are plain JSON");
    of_bytes(status, bytes)
}

fn of_bytes(status: StatusCode, bytes: Vec<u8>) -> Response {
    let mut response = (status, Body::from(bytes)).into_response();
    let kind = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}

/// An answer of a read, with what the read promises.
#[must_use]
pub fn of_read(read: &ReadParameters, state: &State, mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(REVISION, text(state.meta().revision.to_string()));
    headers.insert(CONSISTENCY, HeaderValue::from_static(read.consistency.as_str()));
    response
}

/// The answer about one object, with its entity tag.
#[must_use]
pub fn of_object(status: StatusCode, state: &State, view: &View) -> Response {
    let bytes = serde_json::to_vec(view).expect("our answers are plain JSON");
    let tag = etag::of_object(state.meta().epoch, view.revision, &bytes);
    let mut response = of_bytes(status, bytes);
    response.headers_mut().insert(header::ETAG, text(tag));
    response
}

/// The answer of a write that speaks of one object.
#[must_use]
pub fn of_write(noun: &dyn Noun, written: &Written) -> Response {
    let outcome = written.reply.result.as_ref().ok();
    let key = outcome.and_then(touched);
    let created = matches!(outcome, Some(Outcome::Created(_))) && !written.dry_run;
    let status = if created { StatusCode::CREATED } else { StatusCode::OK };
    let view = key.and_then(|key| match created {
        true => noun.view_of_new(&written.state, key),
        false => noun.view(&written.state, key),
    });
    let mut response = match (&view, key) {
        (Some(view), _) => of_object(status, &written.state, view),
        (None, Some(key)) => json_of(StatusCode::OK, &gone(key, written)),
        (None, None) => json_of(StatusCode::OK, &json!({ "revision": written.reply.revision })),
    };
    if let (true, Some(key)) = (created, key) {
        let place = text(format!("/v1/{}/{}", noun.path(), segment(key)));
        response.headers_mut().insert(header::LOCATION, place);
    }
    stamp(response, written)
}

/// The object an outcome speaks of, if it speaks of one.
#[must_use]
pub fn touched(outcome: &Outcome) -> Option<&Key> {
    match outcome {
        Outcome::Created(object) | Outcome::Updated(object) | Outcome::Deleted(object) => {
            Some(&object.key)
        }
        Outcome::Done
        | Outcome::SessionOpened(_)
        | Outcome::Batch(_)
        | Outcome::Otherwise(_)
        | Outcome::Allocated(_) => None,
    }
}

/// A key as a segment of a path.
#[must_use]
pub fn segment(key: &Key) -> String {
    match key {
        Key::Number(number) => number.to_string(),
        Key::Address(address) => address.to_string(),
        Key::Name(name) => {
            let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
            let written =
                |b: u8| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") };
            name.bytes().map(written).collect()
        }
    }
}

/// What a write leaves to say when the object it speaks of is not there any more.
fn gone(key: &Key, written: &Written) -> Value {
    let id = match key {
        Key::Number(number) => json!(number),
        Key::Address(_) | Key::Name(_) => json!(key.to_string()),
    };
    json!({ "id": id, "revision": written.reply.revision, "deleted": true })
}

/// The headers of a write's answer.
#[must_use]
pub fn stamp(mut response: Response, written: &Written) -> Response {
    let headers = response.headers_mut();
    headers.insert(REVISION, text(written.reply.revision.to_string()));
    if written.reply.replayed {
        headers.insert(REPLAYED, HeaderValue::from_static("true"));
    }
    if written.dry_run {
        headers.insert(DRY_RUN, HeaderValue::from_static("true"));
    }
    response
}
