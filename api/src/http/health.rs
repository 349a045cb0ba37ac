//! Whether this node lives, is ready, leads: for those who keep a load balancer.

use crate::http::context::{Context, REQUEST_TIMEOUT};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::json;
use std::time::Instant;

/// The routes. None needs a leader to answer.
pub fn routes() -> Router<Context> {
    Router::new()
        .route("/livez", get(live))
        .route("/readyz", get(ready))
        .route("/healthz/leader", get(leads))
        .route("/healthz/follower", get(follows))
}

async fn live(State(context): State<Context>) -> Response {
    answer(!context.region.stopping().is_cancelled(), "stopping")
}

async fn ready(State(context): State<Context>) -> Response {
    let confirmed = context.region.linearizable(Instant::now() + REQUEST_TIMEOUT).await;
    answer(confirmed.is_ok(), "no leader confirmed that this node is up to date")
}

async fn leads(State(context): State<Context>) -> Response {
    answer(context.region.leadership().is_leader, "not the leader")
}

async fn follows(State(context): State<Context>) -> Response {
    let leadership = context.region.leadership();
    answer(!leadership.is_leader && leadership.leader.is_some(), "not following a leader")
}

fn answer(good: bool, why_not: &str) -> Response {
    if good {
        return Json(json!({ "ok": true })).into_response();
    }
    (StatusCode::SERVICE_UNAVAILABLE, Json(json!({ "ok": false, "why": why_not }))).into_response()
}
