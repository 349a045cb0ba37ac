//! What the API says about itself: its document, its problems, its figures.

use crate::http::answer::json_of;
use crate::http::context::Context;
use crate::http::problem::Problem;
use crate::http::route::{Route, Verb};
use crate::problem_kind::ProblemKind;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use std::sync::Arc;

/// The type of `/metrics`.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The routes; `document` is what `/openapi.json` answers, made before the table is complete with these.
pub fn routes(document: impl Fn() -> Bytes + Clone + Send + Sync + 'static) -> Vec<Route> {
    let openapi = move || {
        let document = document();
        async move { of_type("application/json", document) }
    };
    vec![
        Route::new(Verb::Get, "/openapi.json", "showDocument", openapi)
            .about("about", "This document."),
        Route::new(Verb::Get, "/problems/{slug}", "showProblem", problem)
            .about("about", "What a kind of problem means and what to do, by its name or code."),
        Route::new(Verb::Get, "/metrics", "showMetrics", metrics)
            .about("about", "Figures of this node for Prometheus.")
            .of_type(OPEN_METRICS),
    ]
}

fn of_type(media_type: &'static str, body: impl Into<axum::body::Body>) -> Response {
    let mut response = body.into().into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    response
}

async fn problem(Path(slug): Path<String>) -> Result<Response, Problem> {
    let missing = || Problem::new(ProblemKind::NotFound, format!("no problem is called {slug:?}"));
    let kind = ProblemKind::find(&slug).ok_or_else(missing)?;
    Ok(json_of(StatusCode::OK, &kind.described()))
}

async fn metrics(State(context): State<Context>) -> Response {
    let group = context.group.get(async { Arc::new(context.region.status().await) }).await;
    let others = (&*context.dns, &*context.racks);
    let text = context.metrics.text(&context.region, &group, &context.limits, others);
    of_type(OPEN_METRICS, text)
}
