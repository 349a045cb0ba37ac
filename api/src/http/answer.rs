//! Answers of reads and writes, with the headers each must carry.

use crate::http::consistency::ReadParameters;
use crate::http::etag;
use crate::http::noun::Noun;
use crate::http::problem::REPLAYED;
use crate::http::view::View;
use crate::http::wire::Wire as _;
use crate::http::write::Written;
use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use regent_core::object::Key;
use regent_core::outcome::Outcome;
use regent_core::state::State;
use serde::Serialize;
use serde_json::json;

/// Revision of the state the answer was made from.
pub const REVISION: HeaderName = HeaderName::from_static("regent-revision");
/// What the read promises.
pub const CONSISTENCY: HeaderName = HeaderName::from_static("regent-consistency");
/// How old the state is that the node answers from.
pub const STATE_AGE: HeaderName = HeaderName::from_static("regent-state-age-ms");
/// Whether a write was only tried out.
pub const DRY_RUN: HeaderName = HeaderName::from_static("regent-dry-run");

/// In the extensions of the answer to a write that went through the leader.
#[derive(Clone, Copy, Debug)]
pub struct Proposed;

/// A header value; what cannot stand in a header is left out.
#[must_use]
pub fn text(value: impl Into<String>) -> HeaderValue {
    HeaderValue::try_from(value.into()).unwrap_or_else(|_| HeaderValue::from_static(""))
}

/// A JSON answer.
pub fn json_of(status: StatusCode, value: &impl Serialize) -> Response {
    of_bytes(status, bytes_of(value))
}

fn bytes_of(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).expect("our answers are plain JSON")
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
    if let Some(age) = read.age() {
        headers.insert(STATE_AGE, text(age.as_millis().to_string()));
    }
    response
}

/// The answer about one object, with its entity tag.
#[must_use]
pub fn of_object(status: StatusCode, state: &State, view: &View) -> Response {
    let bytes = bytes_of(view);
    let tagged = |bytes: &[u8]| etag::of_object(state.meta().epoch, view.revision, bytes);
    let tag = match view.once {
        None => tagged(&bytes),
        Some(_) => tagged(&bytes_of(&view.lasting())),
    };
    let mut response = of_bytes(status, bytes);
    response.headers_mut().insert(header::ETAG, text(tag));
    response
}

/// The answer of a write that speaks of one object.
///
/// What became of it is told by the outcome alone: this node may not have applied the write yet, or others after it.
#[must_use]
pub fn of_write(noun: &dyn Noun, written: &Written) -> Response {
    let response = match &written.reply.result {
        Ok(Outcome::Created(object)) if !written.dry_run => {
            let view = in_full_as_new(noun, &object.key, written);
            let mut response = shown(StatusCode::CREATED, view, &object.key, written);
            let place = text(format!("/v1/{}/{}", noun.path(), segment(&object.key)));
            response.headers_mut().insert(header::LOCATION, place);
            response
        }
        Ok(Outcome::Created(object) | Outcome::Updated(object)) => {
            shown(StatusCode::OK, in_full(noun, &object.key, written), &object.key, written)
        }
        Ok(Outcome::Deleted(object)) => {
            let mut gone = brief(&object.key, written);
            gone.fields.push(("deleted", true.into()));
            json_of(StatusCode::OK, &gone)
        }
        Ok(
            Outcome::Done
            | Outcome::SessionOpened(_)
            | Outcome::Batch(_)
            | Outcome::Otherwise(_)
            | Outcome::Allocated(_)
            | Outcome::RackSession(_)
            | Outcome::Enrolled { .. }
            | Outcome::Leases(_)
            | Outcome::ForeignLeases(_),
        )
        | Err(_) => json_of(StatusCode::OK, &json!({ "revision": written.reply.revision })),
    };
    stamp(response, written)
}

/// The answer of a write to a part of the object a path segment means: the object as it is with it.
#[must_use]
pub fn of_part(noun: &dyn Noun, id: &str, written: &Written) -> Response {
    let key = noun.find(&written.state, id).unwrap_or_else(|| Key::Name(id.to_owned()));
    stamp(shown(StatusCode::OK, in_full(noun, &key, written), &key, written), written)
}

fn shown(status: StatusCode, view: Option<View>, key: &Key, written: &Written) -> Response {
    match view {
        Some(view) => of_object(status, &written.state, &view),
        None => json_of(status, &brief(key, written)),
    }
}

/// An object a write has made, as far as this node can show it.
#[must_use]
pub fn made(noun: &dyn Noun, key: &Key, written: &Written) -> View {
    in_full_as_new(noun, key, written).unwrap_or_else(|| brief(key, written))
}

/// With what is shown this once, unless it was a rehearsal.
fn in_full_as_new(noun: &dyn Noun, key: &Key, written: &Written) -> Option<View> {
    if written.pending_here() || written.dry_run {
        return in_full(noun, key, written);
    }
    noun.view_of_new(&written.state, key)
}

fn in_full(noun: &dyn Noun, key: &Key, written: &Written) -> Option<View> {
    if written.pending_here() { None } else { noun.view(&written.state, key) }
}

/// What a write leaves to say of an object that this node cannot show: not yet, or not any more.
fn brief(key: &Key, written: &Written) -> View {
    let revision = written.reply.revision.0;
    let mut fields = vec![("id", key.show()), ("revision", revision.into())];
    if written.pending_here() {
        fields.push(("pending_here", true.into()));
    }
    View { revision, fields, once: None }
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
        | Outcome::Allocated(_)
        | Outcome::RackSession(_)
        | Outcome::Enrolled { .. }
        | Outcome::Leases(_)
        | Outcome::ForeignLeases(_) => None,
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

/// The headers of a write's answer.
#[must_use]
pub fn stamp(mut response: Response, written: &Written) -> Response {
    if !written.dry_run {
        response.extensions_mut().insert(Proposed);
    }
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
