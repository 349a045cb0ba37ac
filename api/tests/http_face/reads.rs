//! What every answer says of itself, and how fresh a read is.

use crate::face::Face;
use serde_json::json;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_answer_says_where_it_comes_from() {
    let face = Face::start().await;
    for path in ["/v1/domains", "/v1/domains/99", "/nowhere", "/livez", "/openapi.json", "/metrics"]
    {
        let answer = face.raw("GET", path, &[("request-id", "mine-7")], "").await;
        assert_eq!(answer.header("request-id"), "mine-7", "{path}");
        assert_eq!(answer.header("regent-node"), "r1", "{path}");
        assert_eq!(answer.header("regent-leader"), "r1", "{path}");
        assert_eq!(answer.header("regent-known-leader"), "true", "{path}");
        assert_eq!(answer.header("regent-state-age-ms"), "0", "{path}");
        assert!(answer.header("regent-revision").parse::<u64>().unwrap() > 0, "{path}");
    }
    assert_eq!(face.get("/v1/domains").await.header("request-id").len(), 16);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn problem_names_the_request_it_answers() {
    let face = Face::start().await;
    let answer = face.raw("GET", "/v1/domains/99", &[("request-id", "mine-8")], "").await;
    assert_eq!(answer.body["instance"], "mine-8");
    assert_eq!(answer.header("content-type"), "application/problem+json");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reads_say_what_they_promise_and_a_write_is_read_at_its_revision() {
    let face = Face::start().await;
    assert_eq!(face.get("/v1/domains").await.header("regent-consistency"), "linearizable");
    let stale = face.get("/v1/domains?consistency=stale&max_stale=5s").await;
    assert_eq!(stale.header("regent-consistency"), "stale");
    let made = face.send("POST", "/v1/spaces", serde_json::json!({ "name": "dmz" })).await;
    let revision = made.header("regent-revision").to_owned();
    let path = format!("/v1/spaces/dmz?consistency=stale&min_revision={revision}");
    assert_eq!(face.get(&path).await.good()["name"], "dmz");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_the_fields_that_are_asked_for_are_shown() {
    let face = Face::start().await;
    let shown = face.get("/v1/domains/maas?fields=id,name").await.good();
    assert_eq!(shown, serde_json::json!({ "id": 0, "name": "maas" }));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn health_needs_no_room_and_tells_the_role() {
    let face = Face::start().await;
    for (path, status) in
        [("/livez", 200), ("/readyz", 200), ("/healthz/leader", 200), ("/healthz/follower", 503)]
    {
        assert_eq!(face.get(path).await.status, status, "{path}");
        assert_eq!(face.raw("HEAD", path, &[], "").await.status, status, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readiness_says_what_it_is_judged_by_and_takes_every_method_of_balancers() {
    let face = Face::start().await;
    let told = face.get("/readyz?verbose=true").await.good();
    assert_eq!((&told["ok"], &told["last_contact_ms"]), (&json!(true), &json!(0)));
    assert_eq!(told["revision"], face.region.published().state.meta().revision.0);
    for query in ["", "?max_lag=5s", "?max_lag=5s&consistent=true", "?consistent=true"] {
        assert_eq!(face.get(&format!("/readyz{query}")).await.good(), json!({ "ok": true }));
    }
    assert_eq!(face.get("/readyz?max_lag=soon").await.code(), "E0202");
    for path in ["/livez", "/readyz", "/healthz/leader", "/healthz/follower"] {
        let options = face.raw("OPTIONS", path, &[], "").await;
        assert_eq!((options.status.as_u16(), options.header("allow")), (204, "GET, HEAD, OPTIONS"));
        assert_ne!(face.raw("HEAD", path, &[], "").await.status, 405);
    }
}
