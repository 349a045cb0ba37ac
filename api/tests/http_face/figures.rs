//! `/metrics`.

use crate::face::Face;
use serde_json::json;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn figures_follow_what_happens() {
    let face = Face::start().await;
    face.create("/v1/spaces", json!({ "name": "a" })).await;
    face.get("/v1/spaces/9").await;
    face.get("/made-up-path").await;
    let answer = face.get("/metrics").await;
    let text = answer.body.as_str().unwrap();
    for line in [
        "regent_raft_has_leader 1",
        "regent_raft_is_leader 1",
        "regent_raft_voters 1",
        "regent_raft_failure_tolerance 0",
        "regent_domains 1",
        "regent_watchers 0",
        "regent_http_requests_total{route=\"POST /v1/spaces\",status=\"201\"} 1",
        "regent_http_requests_total{route=\"GET /v1/spaces/{id}\",status=\"404\"} 1",
        "regent_http_requests_total{route=\"GET none\",status=\"404\"} 1",
    ] {
        assert!(text.lines().any(|known| known == line), "{line} in\n{text}");
    }
    assert!(!text.contains("made-up-path"), "what clients invent is no label");
}
