//! Whether this node lives, is ready, leads: for those who keep a load balancer.

use crate::http::answer::json_of;
use crate::http::context::{Context, REQUEST_TIMEOUT};
use crate::http::route::{Route, Verb};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::json;
use std::time::Instant;

/// The routes. None needs a leader to answer.
pub fn routes() -> Vec<Route> {
    let about = |route: Route, about: &str| route.about("health", about);
    vec![
        about(Route::new(Verb::Get, "/livez", "live", live), "Whether the process works."),
        about(Route::new(Verb::Get, "/readyz", "ready", ready), "Whether it can serve."),
        about(Route::new(Verb::Get, "/healthz/leader", "leads", leads), "Whether it leads."),
        about(
            Route::new(Verb::Get, "/healthz/follower", "follows", follows),
            "Whether it follows.",
        ),
    ]
}

async fn live(State(context): State<Context>) -> Response {
    answer(!context.region.stopping().is_cancelled(), "stopping")
}

async fn ready(State(context): State<Context>) -> Response {
    if *context.closing.borrow() {
        return answer(false, "stopping");
    }
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
        return json_of(StatusCode::OK, &json!({ "ok": true }));
    }
    json_of(StatusCode::SERVICE_UNAVAILABLE, &json!({ "ok": false, "why": why_not }))
}
