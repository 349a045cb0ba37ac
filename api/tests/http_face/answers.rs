//! Answers of writes that this node has not applied yet, though the region has.

use crate::face::Face;
use axum::body::to_bytes;
use axum::response::Response;
use regent_api::http::answer;
use regent_api::http::nouns::spaces::Spaces;
use regent_api::http::write::Written;
use regent_core::apply::Reply;
use regent_core::object::{Key, Kind, ObjectRef};
use regent_core::outcome::Outcome;
use regent_core::revision::Revision;
use serde_json::{Value, json};

/// Bytes of the answers here.
const ANSWER_BYTES_MAX: usize = 1 << 16;

/// A write of a revision that the face has not reached.
fn ahead(face: &Face, outcome: Outcome) -> Written {
    let state = face.region.published().state.clone();
    let revision = Revision(state.meta().revision.0 + 1);
    let reply = Reply { revision, result: Ok(outcome), replayed: false };
    Written { state, reply, dry_run: false }
}

async fn body(response: Response) -> Value {
    let bytes = to_bytes(response.into_body(), ANSWER_BYTES_MAX).await.unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn write_this_node_has_not_applied_yet_is_answered_by_its_outcome() {
    let face = Face::start().await;
    face.create("/v1/spaces", json!({ "name": "before", "description": "as it was" })).await;
    let space = |number| ObjectRef { kind: Kind::Space, key: Key::Number(number) };
    let made = ahead(&face, Outcome::Created(space(77)));
    let revision = made.reply.revision;
    let response = answer::of_write(&Spaces, &made);
    assert_eq!(response.status(), 201);
    assert_eq!(response.headers()["location"], "/v1/spaces/77");
    assert_eq!(response.headers()["regent-revision"], revision.to_string());
    let pending = |id: u64| json!({ "id": id, "revision": revision, "pending_here": true });
    assert_eq!(body(response).await, pending(77));
    let changed = answer::of_write(&Spaces, &ahead(&face, Outcome::Updated(space(1))));
    assert_eq!(changed.status(), 200);
    assert!(!changed.headers().contains_key("etag"), "nobody knows here what it is now");
    assert_eq!(body(changed).await, pending(1));
    let gone = answer::of_write(&Spaces, &ahead(&face, Outcome::Deleted(space(1))));
    assert_eq!(body(gone).await["deleted"], true);
}
