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
        "regent_raft_proposals_pending 0",
        "regent_raft_proposals_failed_total 0",
        "regent_raft_commit_seconds_count 1",
        "regent_http_requests_total{route=\"POST /v1/spaces\",status=\"201\"} 1",
        "regent_http_requests_total{route=\"GET /v1/spaces/{id}\",status=\"404\"} 1",
        "regent_http_requests_total{route=\"GET none\",status=\"404\"} 1",
    ] {
        assert!(text.lines().any(|known| known == line), "{line} in\n{text}");
    }
    let figure = |name: &str| {
        text.lines().find_map(|line| line.strip_prefix(name)?.trim().parse::<f64>().ok())
    };
    assert!(figure("regent_wal_fsync_seconds_count") > Some(1.0), "{text}");
    assert!(figure("regent_wal_fsync_seconds_sum") > Some(0.0), "{text}");
    assert_eq!(
        figure("regent_wal_fsync_seconds_bucket{le=\"+Inf\"}"),
        figure("regent_wal_fsync_seconds_count")
    );
    assert!(figure("regent_store_bytes") > Some(0.0), "{text}");
    assert!(!text.contains("made-up-path"), "what clients invent is no label");
}

/// The figures of ux 6.2 that a region node has today, as Prometheus sees their names.
const NAMES: [&str; 46] = [
    "regent_raft_has_leader",
    "regent_raft_is_leader",
    "regent_raft_term",
    "regent_raft_log_index",
    "regent_raft_commit_index",
    "regent_raft_applied_index",
    "regent_raft_snapshot_index",
    "regent_raft_purged_index",
    "regent_raft_proposals_pending",
    "regent_raft_proposals_failed_total",
    "regent_raft_commit_seconds_bucket",
    "regent_raft_voters",
    "regent_raft_healthy_voters",
    "regent_raft_failure_tolerance",
    "regent_http_requests_total",
    "regent_http_request_seconds_bucket",
    "regent_http_connections",
    "regent_watchers",
    "regent_watch_dropped_total",
    "regent_idempotency_keys",
    "regent_idempotency_key_bytes",
    "regent_sessions",
    "regent_revision",
    "regent_epoch",
    "regent_nodes",
    "regent_leases",
    "regent_domains",
    "regent_build_info",
    "regent_dns_questions_total",
    "regent_dns_answers_total",
    "regent_dns_rate_limited_total",
    "regent_dns_forwarded_total",
    "regent_dns_transfers_total",
    "regent_dns_notifies_total",
    "regent_rack_sessions_refused_total",
    "regent_raft_leader_changes_total",
    "regent_wal_fsync_seconds_bucket",
    "regent_wal_fsync_seconds_sum",
    "regent_wal_fsync_seconds_count",
    "regent_wal_fsync_longest_seconds",
    "regent_store_bytes",
    "regent_log_records",
    "regent_log_purges_total",
    "regent_snapshot_bytes",
    "regent_snapshots_built_total",
    "regent_snapshots_installed_total",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn figures_have_the_names_that_alerts_rely_on() {
    let face = Face::start().await;
    face.create("/v1/spaces", json!({ "name": "a" })).await;
    let answer = face.get("/metrics").await;
    assert!(answer.header("content-type").starts_with("application/openmetrics-text"));
    let text = answer.body.as_str().unwrap();
    for name in NAMES {
        let is_there = |line: &str| line.split([' ', '{']).next() == Some(name);
        assert!(text.lines().any(is_there), "{name} in\n{text}");
    }
}
