//! How much at once: what is over a bound is refused with the time to come back.

use crate::face::{Face, bounds};
use regent_api::http::limits::Bounds;
use regent_raft::config::RaftConfig;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn request_over_the_bound_is_refused_and_health_is_not() {
    let face = Face::with_bounds(Bounds { requests: 1, ..bounds() }, RaftConfig::default()).await;
    let room = face.context.limits.request().unwrap();
    let refused = face.get("/v1/domains").await;
    assert_eq!((refused.status.as_u16(), refused.code()), (429, "E0103"));
    assert_eq!(refused.header("retry-after"), "1");
    assert_eq!(refused.body["outcome"], "not_applied");
    assert_eq!(face.get("/livez").await.status, 200);
    drop(room);
    assert_eq!(face.get("/v1/domains").await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn watcher_over_the_bound_is_refused_until_another_leaves() {
    let face = Face::with_bounds(Bounds { watchers: 1, ..bounds() }, RaftConfig::default()).await;
    let first = face.client.get(face.url("/v1/events")).send().await.unwrap();
    assert_eq!(first.status(), 200);
    assert_eq!(face.get("/v1/events").await.code(), "E0103");
    drop(first);
    let left = async {
        while face.context.limits.watchers_open() > 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(crate::face::PATIENCE, left).await.unwrap();
    let next = face.client.get(face.url("/v1/events")).send().await.unwrap();
    assert_eq!(next.status(), 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn body_over_a_mebibyte_is_refused() {
    let face = Face::start().await;
    let json = [("content-type", "application/json")];
    let answer = face.raw("POST", "/v1/spaces", &json, vec![b' '; (1 << 20) + 1]).await;
    assert_eq!((answer.status.as_u16(), answer.code()), (413, "E0005"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_client_cannot_take_all_watchers() {
    let bounds = Bounds { watchers: 8, watchers_of_loopback: 1, ..bounds() };
    let face = Face::with_bounds(bounds, RaftConfig::default()).await;
    let first = face.client.get(face.url("/v1/events")).send().await.unwrap();
    assert_eq!(first.status(), 200);
    assert_eq!(face.get("/v1/events").await.code(), "E0103");
    let elsewhere = "192.0.2.1".parse().unwrap();
    assert!(face.context.limits.watcher(elsewhere).is_ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn list_that_finds_no_room_to_look_is_refused_after_a_moment() {
    let face = Face::start().await;
    let limits = &face.context.limits;
    let mut taken = Vec::new();
    for _ in 0..limits.scans_free() {
        taken.push(limits.scan().await.unwrap());
    }
    let refused = face.get("/v1/domains?count=true").await;
    assert_eq!((refused.status.as_u16(), refused.code()), (429, "E0103"));
    let tried = face.send("POST", "/v1/spaces?dry_run=true", json!({ "name": "a" })).await;
    assert_eq!(tried.code(), "E0103", "trying out looks at the whole site, too");
    assert_eq!(face.get("/v1/domains").await.status, 200);
    drop(taken);
    assert_eq!(face.get("/v1/domains?count=true").await.good()["count"], 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn problem_names_no_more_than_64_fields() {
    let face = Face::start().await;
    let fields: Value = (0..10_000).map(|n| (format!("f{n}"), json!(1))).collect();
    let answer = face.send("POST", "/v1/spaces", fields).await;
    assert_eq!(answer.code(), "E0202");
    assert_eq!(answer.body["errors"].as_array().unwrap().len(), 64);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stale_list_does_not_age_while_it_waits_for_room() {
    let face = Face::start().await;
    let limits = &face.context.limits;
    let mut taken = Vec::new();
    for _ in 0..limits.scans_free() {
        taken.push(limits.scan().await.unwrap());
    }
    let write = async {
        while limits.requests_open() == 0 {
            tokio::task::yield_now().await;
        }
        face.create("/v1/spaces", json!({ "name": "meanwhile" })).await;
        drop(taken);
    };
    let (list, ()) = tokio::join!(face.get("/v1/spaces?count=true&consistency=stale"), write);
    assert_ne!(list.header("regent-state-age-ms"), "");
    assert_eq!(list.good()["count"], 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn list_that_waits_for_a_revision_holds_no_room() {
    let face = Face::start().await;
    let free = face.context.limits.scans_free();
    for consistency in ["linearizable", "stale"] {
        let query = format!("count=true&min_revision=99999999&wait=2s&consistency={consistency}");
        let path = format!("/v1/spaces?{query}");
        let waiting = face.get(&path);
        let look = async {
            while face.context.limits.requests_open() == 0 {
                tokio::task::yield_now().await;
            }
            while face.context.limits.requests_open() == 1 {
                assert_eq!(face.context.limits.scans_free(), free);
                tokio::task::yield_now().await;
            }
        };
        let (waited, ()) = tokio::join!(waiting, look);
        assert_eq!(waited.code(), "E0106");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn those_who_watch_over_the_node_are_bounded_apart_from_the_api() {
    let bounds = Bounds { watched_over: 1, ..bounds() };
    let face = Face::with_bounds(bounds, RaftConfig::default()).await;
    let room = face.context.limits.watched_over().unwrap();
    for path in ["/metrics", "/readyz", "/openapi.json"] {
        assert_eq!(face.get(path).await.code(), "E0103", "{path}");
    }
    assert_eq!(face.get("/v1/domains").await.status, 200);
    drop(room);
    assert_eq!(face.get("/metrics").await.status, 200);
}

/// Writes that were proposed so far.
async fn proposed(face: &Face) -> String {
    let figures = face.get("/metrics").await.body;
    let mut lines = figures.as_str().unwrap().lines();
    lines.find(|line| line.starts_with("regent_raft_commit_seconds_count")).unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn texts_longer_than_any_may_be_never_come_into_the_log() {
    let face = Face::start().await;
    face.create("/v1/machines", json!({ "hostname": "a" })).await;
    let before = proposed(&face).await;
    let (text, value) = ("x".repeat((16 << 10) + 1), "x".repeat((32 << 10) + 1));
    for (method, path, field, body) in [
        ("POST", "/v1/tags", "/comment", json!({ "name": "t", "comment": text })),
        ("PATCH", "/v1/machines/a", "/description", json!({ "description": text })),
        ("PATCH", "/v1/nodes/1/owner-data", "/team", json!({ "team": text })),
        ("POST", "/v1/machines/a/actions/mark_broken", "/comment", json!({ "comment": text })),
        ("POST", "/v1/config", "/value", json!({ "name": "n", "value": value })),
        (
            "POST",
            "/v1/bmcs",
            "/power_parameters",
            json!({ "power_type": "ipmi", "power_parameters": { "power_address": value } }),
        ),
    ] {
        let answer = face.send(method, path, body).await;
        assert_eq!((answer.status.as_u16(), answer.code()), (422, "E0202"), "{path}");
        let wrong = &answer.body["errors"][0];
        assert_eq!(wrong["pointer"], field, "{path}: {wrong}");
        assert!(wrong["message"].as_str().unwrap().contains("are allowed"), "{wrong}");
    }
    assert_eq!(proposed(&face).await, before);
    face.create("/v1/tags", json!({ "name": "t", "comment": "x".repeat(16 << 10) })).await;
    // Zone files write more than messages hold.
    face.create("/v1/dns-resources", json!({ "name": "long", "domain": 0 })).await;
    let rrdata = ["\"x\""; 5000].join(" ");
    let record = json!({ "dnsresource": 1, "rrtype": "TXT", "rrdata": rrdata });
    face.create("/v1/dns-records", record).await;
}
