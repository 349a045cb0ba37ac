//! Every kind of problem is met here once, or it is said why it cannot be.

use crate::face::{Answer, Face, LOOPBACK, bounds};
use regent_api::http::limits::Bounds;
use regent_api::problem_kind::ProblemKind;
use regent_raft::config::RaftConfig;
use serde_json::json;
use std::collections::BTreeSet;

/// Kinds that a single healthy node cannot be brought to, each with the reason.
const OUT_OF_REACH: [(ProblemKind, &str); 10] = [
    (ProblemKind::ImportRunning, "met in the import tests"),
    (ProblemKind::NoLeader, "a node alone always leads; region_group tests lose the majority"),
    (ProblemKind::OutcomeUnknown, "needs a leader lost in the middle of a write"),
    (ProblemKind::DiskFull, "needs a full disk"),
    (ProblemKind::Contested, "needs replicas that differ"),
    (ProblemKind::TooStale, "a leader is never stale"),
    (ProblemKind::LimitReached, "its bounds (64 Ki sessions, 10 k keys) are met in core's tests"),
    (ProblemKind::Internal, "would be a bug"),
    (ProblemKind::TooSlow, "would take ten seconds"),
    (ProblemKind::Compacted, "the ring holds 65,536 changes: events tests fill it"),
];

async fn met(face: &Face) -> Vec<Answer> {
    let json = [("content-type", "application/json")];
    let text = [("content-type", "text/plain")];
    face.create("/v1/spaces", json!({ "name": "a" })).await;
    face.create("/v1/machines", json!({ "hostname": "a" })).await;
    face.create("/v1/domains", json!({ "name": "used.example" })).await;
    face.create("/v1/devices", json!({ "hostname": "b", "domain": 1 })).await;
    face.create("/v1/subnets", json!({ "vlan": 5001, "cidr": "10.0.0.0/30" })).await;
    let key = [("idempotency-key", "k")];
    face.send_with("POST", "/v1/spaces", &key, json!({ "name": "k" })).await.good();
    let stale_tag = [("if-match", "\"0-1\"")];
    let guard = json!({ "if": [{ "path": "/v1/spaces/1", "absent": true }], "then": [] });
    let room = face.context.limits.watcher(LOOPBACK).unwrap();
    let overloaded = face.get("/v1/events").await;
    drop(room);
    vec![
        overloaded,
        face.raw("POST", "/v1/spaces", &json, "{").await,
        face.get("/nowhere").await,
        face.send_with("POST", "/v1/spaces", &[("origin", "http://evil.example")], json!({})).await,
        face.raw("GET", "/v1/events", &[("accept", "application/json")], "").await,
        face.raw("PUT", "/v1/spaces", &[], "").await,
        face.raw("POST", "/v1/spaces", &text, "name=a").await,
        // The node hangs up on whoever sends so much, so that nothing may follow on the connection.
        face.raw("POST", "/v1/spaces", &[json[0], ("connection", "close")], vec![b' '; 2 << 20])
            .await,
        face.get("/v1/spaces?min_revision=999999999&wait=1ms").await,
        face.get("/v1/spaces/77").await,
        face.send("POST", "/v1/spaces", json!({ "name": 7 })).await,
        face.send("POST", "/v1/vlans", json!({ "vid": 1, "fabric": 77 })).await,
        face.send("POST", "/v1/spaces", json!({ "name": "a" })).await,
        face.send("DELETE", "/v1/domains/used.example", json!({})).await,
        face.send("POST", "/v1/machines/1/actions/deploy", json!({})).await,
        face.send_with("PATCH", "/v1/spaces/1", &stale_tag, json!({})).await,
        face.send_with("POST", "/v1/spaces", &key, json!({ "name": "other" })).await,
        face.send("POST", "/v1/subnets/1/allocations", json!({ "count": 9 })).await,
        face.send("POST", "/v1/txn", guard).await,
        face.send("DELETE", "/v1/cluster/members/1", json!({})).await,
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_kind_is_met_or_out_of_reach_and_described_by_the_node() {
    let face = Face::with_bounds(Bounds { watchers: 1, ..bounds() }, RaftConfig::default()).await;
    let mut codes: BTreeSet<String> = BTreeSet::new();
    for answer in met(&face).await {
        assert_eq!(answer.header("content-type"), "application/problem+json", "{answer:?}");
        assert_eq!(answer.body["status"], answer.status.as_u16(), "{answer:?}");
        assert_eq!(answer.body["outcome"], "not_applied", "{answer:?}");
        assert_ne!(answer.body["next"], "", "{answer:?}");
        let described = face.get(answer.body["type"].as_str().unwrap()).await.good();
        assert_eq!(described["code"], answer.body["code"]);
        let by_code = face.get(&format!("/problems/{}", answer.code())).await.good();
        assert_eq!((&by_code, &described["next"]), (&described, &answer.body["next"]));
        codes.insert(answer.code().to_owned());
    }
    face.region.stop().await;
    codes.insert(face.get("/v1/spaces").await.code().to_owned());
    let unreached = OUT_OF_REACH.map(|(kind, _)| kind.code());
    for kind in ProblemKind::ALL {
        let (met, excused) = (codes.contains(kind.code()), unreached.contains(&kind.code()));
        assert!(met != excused, "{kind:?}: met {met}, excused {excused}");
    }
}

#[test]
fn codes_and_names_are_given_once() {
    let codes: BTreeSet<_> = ProblemKind::ALL.iter().map(|kind| kind.code()).collect();
    let slugs: BTreeSet<_> = ProblemKind::ALL.iter().map(|kind| kind.slug()).collect();
    assert_eq!((codes.len(), slugs.len()), (ProblemKind::ALL.len(), ProblemKind::ALL.len()));
}
