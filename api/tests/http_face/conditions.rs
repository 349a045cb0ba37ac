//! Entity tags, conditions and idempotency keys.

use crate::face::{Answer, Face};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unchanged_object_is_not_sent_again() {
    let face = Face::start().await;
    face.create("/v1/spaces", json!({ "name": "dmz" })).await;
    let first = face.get("/v1/spaces/1").await;
    let tag = first.header("etag").to_owned();
    let again = face.raw("GET", "/v1/spaces/1", &[("if-none-match", &tag)], "").await;
    assert_eq!((again.status.as_u16(), again.header("etag")), (304, tag.as_str()));
    face.send("PATCH", "/v1/spaces/1", json!({ "description": "new" })).await.good();
    let changed = face.raw("GET", "/v1/spaces/1", &[("if-none-match", &tag)], "").await;
    assert_eq!(changed.status, 200);
    assert_ne!(changed.header("etag"), tag);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn machine_is_sent_again_when_its_domain_is_renamed() {
    let face = Face::start().await;
    face.create("/v1/machines", json!({ "hostname": "a" })).await;
    let first = face.get("/v1/machines/1").await;
    face.send("PATCH", "/v1/domains/0", json!({ "name": "renamed" })).await.good();
    let tag = first.header("etag").to_owned();
    let again = face.raw("GET", "/v1/machines/1", &[("if-none-match", &tag)], "").await.good();
    assert_eq!(again["fqdn"], "a.renamed");
    assert_eq!(again["revision"], first.body["revision"], "the machine itself did not change");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn list_is_not_sent_again_until_something_changes() {
    let face = Face::start().await;
    let tag = face.get("/v1/spaces").await.header("etag").to_owned();
    let again = face.raw("GET", "/v1/spaces", &[("if-none-match", &tag)], "").await;
    assert_eq!(again.status, 304);
    face.create("/v1/spaces", json!({ "name": "dmz" })).await;
    let changed = face.raw("GET", "/v1/spaces", &[("if-none-match", &tag)], "").await;
    assert_eq!(changed.good()["items"][0]["name"], "dmz");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn change_of_what_the_client_saw_goes_through_once() {
    let face = Face::start().await;
    face.create("/v1/spaces", json!({ "name": "dmz" })).await;
    let tag = face.get("/v1/spaces/1").await.header("etag").to_owned();
    let headers = [("if-match", tag.as_str())];
    let patch = |text| json!({ "description": text });
    face.send_with("PATCH", "/v1/spaces/1", &headers, patch("first")).await.good();
    let second = face.send_with("PATCH", "/v1/spaces/1", &headers, patch("second")).await;
    assert_eq!((second.status.as_u16(), second.code()), (412, "E0207"));
    assert_eq!(second.body["current"]["description"], "first", "the answer shows what it is now");
    assert_eq!(second.body["outcome"], "not_applied");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn star_wants_the_object_to_be_there_or_not_to_be_there() {
    let face = Face::start().await;
    let body = json!({ "name": "dmz" });
    let absent = [("if-none-match", "*")];
    assert_eq!(face.send_with("POST", "/v1/spaces", &absent, body.clone()).await.status, 201);
    let there = face.send_with("POST", "/v1/spaces", &absent, body.clone()).await;
    assert_eq!((there.status.as_u16(), there.code()), (412, "E0207"));
    assert_eq!(there.body["object"], "space 1");
    assert_eq!(face.send("POST", "/v1/spaces", body).await.code(), "E0204");
    let present = [("if-match", "*")];
    let patch = json!({ "description": "x" });
    face.send_with("PATCH", "/v1/spaces/1", &present, patch).await.good();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn request_repeated_with_its_key_is_applied_once_and_answered_alike() {
    let face = Face::start().await;
    let key = [("idempotency-key", "k1")];
    let body = json!({ "name": "dmz" });
    let first = face.send_with("POST", "/v1/spaces", &key, body.clone()).await;
    let again = face.send_with("POST", "/v1/spaces", &key, body.clone()).await;
    assert_eq!((first.status, &first.body), (again.status, &again.body));
    assert_eq!(first.header("idempotency-replayed"), "");
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(first.header("regent-revision"), again.header("regent-revision"));
    assert_eq!(face.get("/v1/spaces?count=true").await.good()["count"], 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refusal_is_kept_under_its_key_like_any_answer() {
    let face = Face::start().await;
    let key = [("idempotency-key", "k1")];
    let body = json!({ "name": "dmz", "description": "mine" });
    face.create("/v1/spaces", json!({ "name": "dmz" })).await;
    let first = face.send_with("POST", "/v1/spaces", &key, body.clone()).await;
    face.send("DELETE", "/v1/spaces/1", json!({})).await.good();
    let again = face.send_with("POST", "/v1/spaces", &key, body).await;
    assert_eq!((first.code(), again.code()), ("E0204", "E0204"));
    assert_eq!(again.header("idempotency-replayed"), "true");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn key_of_another_request_is_refused() {
    let face = Face::start().await;
    let key = [("idempotency-key", "k1")];
    face.send_with("POST", "/v1/spaces", &key, json!({ "name": "a" })).await.good();
    let other_body = face.send_with("POST", "/v1/spaces", &key, json!({ "name": "b" })).await;
    let other_path = face.send_with("POST", "/v1/pools", &key, json!({ "name": "a" })).await;
    assert_eq!((other_body.status.as_u16(), other_body.code()), (422, "E0209"));
    assert_eq!(other_path.code(), "E0209");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dry_run_tells_what_would_come_and_writes_nothing() {
    let face = Face::start().await;
    let before = face.digest();
    let tried = face.send("POST", "/v1/spaces?dry_run=true", json!({ "name": "dmz" })).await;
    assert_eq!((tried.status.as_u16(), tried.header("regent-dry-run")), (200, "true"));
    assert_eq!(tried.body["name"], "dmz");
    let refused = face.send("DELETE", "/v1/fabrics/0?dry_run=true", json!({})).await;
    assert!(refused.status.is_client_error(), "{refused:?}");
    assert_eq!(face.digest(), before);
}

/// What a client compares of an answer and of its repetition.
fn seen(answer: &Answer) -> (u16, &Value, &str) {
    (answer.status.as_u16(), &answer.body, answer.header("regent-revision"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn repetition_is_answered_alike_when_the_first_took_away_what_its_path_names() {
    let face = Face::start().await;
    for name in ["one", "old", "three", "four", "five"] {
        face.create("/v1/spaces", json!({ "name": name })).await;
    }
    let txn = json!({ "then": [{ "op": "delete", "path": "/v1/spaces/three" }] });
    let conditional = json!({
        "if": [{ "path": "/v1/spaces/four", "exists": true }],
        "then": [{ "op": "delete", "path": "/v1/spaces/four" }],
        "else": [],
    });
    for (number, (method, path, body)) in [
        ("DELETE", "/v1/spaces/1", json!({})),
        ("PATCH", "/v1/spaces/old", json!({ "name": "new" })),
        ("POST", "/v1/txn", txn),
        ("POST", "/v1/txn", conditional),
        ("DELETE", "/v1/spaces/name:five", json!({})),
    ]
    .into_iter()
    .enumerate()
    {
        let key = format!("k{number}");
        let key = [("idempotency-key", key.as_str())];
        let first = face.send_with(method, path, &key, body.clone()).await;
        assert_eq!((first.status.as_u16(), first.header("idempotency-replayed")), (200, ""));
        let again = face.send_with(method, path, &key, body.clone()).await;
        assert_eq!(seen(&first), seen(&again), "{method} {path}");
        assert_eq!(again.header("idempotency-replayed"), "true", "{method} {path}");
        let elsewhere = format!("{path}?dry_run=false");
        let other = face.send_with(method, &elsewhere, &key, body).await;
        assert_eq!((other.status.as_u16(), other.code()), (422, "E0209"), "{method} {path}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn request_for_what_was_never_there_is_not_found_with_a_key_too() {
    let face = Face::start().await;
    let key = [("idempotency-key", "k1")];
    for _ in 0..2 {
        let answer = face.send_with("DELETE", "/v1/spaces/77", &key, json!({})).await;
        assert_eq!((answer.status.as_u16(), answer.code()), (404, "E0201"));
        assert_eq!(answer.header("idempotency-replayed"), "");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn object_counts_as_changed_when_a_part_of_it_does() {
    let face = Face::start().await;
    face.create("/v1/machines", json!({ "mac_addresses": ["52:54:00:00:00:01"] })).await;
    face.create("/v1/subnets", json!({ "vlan": 5001, "cidr": "10.0.0.0/24" })).await;
    let note = |text| json!({ "rack": text });
    let link = json!({ "mode": "static", "subnet": 1 });
    for (seen, method, path, first, second) in [
        ("/v1/nodes/1", "PATCH", "/v1/nodes/1/owner-data", note("a"), note("b")),
        ("/v1/nodes/1", "PATCH", "/v1/nodes/1/owner-data", json!({ "rack": null }), note("c")),
        ("/v1/interfaces/1", "POST", "/v1/interfaces/1/links", link.clone(), link),
    ] {
        let tag = face.get(seen).await.header("etag").to_owned();
        let if_match = [("if-match", tag.as_str())];
        let changed = face.send_with(method, path, &if_match, first).await;
        assert_ne!(changed.header("etag"), tag);
        let current = face.get(seen).await.good();
        assert_eq!(changed.good(), current, "the answer is the object with its part");
        let late = face.send_with(method, path, &if_match, second).await;
        assert_eq!((late.status.as_u16(), late.code()), (412, "E0207"), "{method} {path}");
        assert_eq!(late.body["current"], current);
    }
    let before = face.get("/v1/nodes/1").await.good();
    face.send("PATCH", "/v1/nodes/1/owner-data", json!({ "absent": null })).await.good();
    assert_eq!(
        face.get("/v1/nodes/1").await.good(),
        before,
        "what changes nothing touches nothing"
    );
}
