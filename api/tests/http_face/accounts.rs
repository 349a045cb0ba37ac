//! Users, their API tokens, and that nothing secret of them is ever read back.

use crate::face::Face;
use serde_json::json;

async fn with_user() -> Face {
    let face = Face::start().await;
    face.create("/v1/users", json!({ "username": "ada" })).await;
    face
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn token_is_shown_in_the_answer_to_its_creation_and_in_no_other() {
    let face = with_user().await;
    let made = face.create("/v1/api-tokens", json!({ "user": 1, "name": "laptop" })).await;
    let parts: Vec<&str> = made["token"].as_str().unwrap().split(':').collect();
    assert_eq!(parts.iter().map(|part| part.len()).collect::<Vec<_>>(), [18, 18, 32]);
    assert_eq!((&made["username"], &made["name"]), (&json!("ada"), &json!("laptop")));
    let renamed = face.send("PATCH", "/v1/api-tokens/1", json!({ "name": "desk" })).await.good();
    let shown = [
        renamed,
        face.get("/v1/api-tokens/1").await.good(),
        face.get("/v1/api-tokens").await.good(),
        face.get("/v1/users/ada").await.good(),
    ];
    for shown in shown.map(|shown| shown.to_string()) {
        assert!(!parts.iter().any(|part| shown.contains(part)), "{shown}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn entity_tag_of_a_new_token_is_the_one_it_has_when_it_is_read() {
    let face = with_user().await;
    let made = face.send("POST", "/v1/api-tokens", json!({ "user": 1 })).await;
    assert!(made.body["token"].is_string());
    assert_eq!(made.header("etag"), face.get("/v1/api-tokens/1").await.header("etag"));
    let known = [("if-none-match", made.header("etag"))];
    assert_eq!(face.raw("GET", "/v1/api-tokens/1", &known, "").await.status, 304);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn creation_that_is_repeated_under_its_key_shows_the_token_that_was_made() {
    let face = with_user().await;
    let key = [("idempotency-key", "once")];
    let ask = || face.send_with("POST", "/v1/api-tokens", &key, json!({ "user": 1 }));
    let (first, again) = (ask().await, ask().await);
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert!(first.body["token"].is_string());
    assert_eq!(first.body, again.body);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn token_that_is_only_tried_out_is_not_shown() {
    let face = with_user().await;
    let tried = face.send("POST", "/v1/api-tokens?dry_run=true", json!({ "user": 1 })).await.good();
    assert_eq!((&tried["username"], &tried["token"]), (&json!("ada"), &json!(null)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn user_and_token_are_made_as_one_and_go_as_one() {
    let face = Face::start().await;
    let steps = json!([
        { "op": "create", "path": "/v1/users", "body": { "username": "bob" } },
        { "op": "create", "path": "/v1/api-tokens", "body": { "user": "$0.id" } },
    ]);
    let made = face.send("POST", "/v1/txn", json!({ "then": steps })).await.good();
    assert!(made["results"][1]["object"]["token"].is_string(), "{made}");
    let two = json!([{ "user": 1, "name": "a" }, { "user": 1, "name": "b" }]);
    let made = face.create("/v1/api-tokens", two).await;
    assert_ne!(made["items"][0]["token"], made["items"][1]["token"]);
    face.send("DELETE", "/v1/users/bob", json!({})).await.good();
    assert_eq!(face.get("/v1/api-tokens?count=true").await.good()["count"], 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_of_a_token_cannot_be_sent() {
    let face = with_user().await;
    for field in ["token", "token_key", "consumer_key", "username"] {
        let answer = face.send("POST", "/v1/api-tokens", json!({ "user": 1, field: "x" })).await;
        assert_eq!(answer.code(), "E0202", "{field}");
    }
    assert_eq!(face.send("POST", "/v1/users", json!({ "password": "x" })).await.code(), "E0202");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn default_domain_and_zone_are_where_new_machines_go() {
    let face = Face::start().await;
    face.create("/v1/domains", json!({ "name": "lab.test" })).await;
    face.create("/v1/zones", json!({ "name": "hall-2" })).await;
    for (place, other) in
        [("/v1/domains/lab.test", "/v1/domains/0"), ("/v1/zones/2", "/v1/zones/1")]
    {
        let chosen = face.send("POST", &format!("{place}/actions/set_default"), json!({})).await;
        let (chosen, other) = (chosen.good(), face.get(other).await.good());
        assert_eq!((&chosen["is_default"], &other["is_default"]), (&json!(true), &json!(false)));
        // Both are shown otherwise than before, so both are newer for whoever watches.
        let revision = face.region.published().state.meta().revision.0;
        assert_eq!((&chosen["revision"], &other["revision"]), (&json!(revision), &json!(revision)));
    }
    let machine = face.create("/v1/machines", json!({ "hostname": "a" })).await;
    assert_eq!((&machine["fqdn"], &machine["zone"]), (&json!("a.lab.test"), &json!(2)));
    let nowhere = face.send("POST", "/v1/domains/nowhere/actions/set_default", json!({})).await;
    assert_eq!(nowhere.code(), "E0201");
}
