//! The HTTP API: every route on one screen.
//!
//! Floors, lowest first: [`problem`] (what went wrong, RFC 9457), [`context`], [`body`], [`consistency`] (how fresh a
//! read is), [`page`], [`write`] (from a request to a proposal and its reply), [`resource`] (a noun's five routes),
//! one file a noun, [`cluster`], [`health`].

pub mod body;
pub mod cluster;
pub mod consistency;
pub mod context;
pub mod domains;
pub mod headers;
pub mod health;
pub mod imports;
pub mod interfaces;
pub mod machines;
pub mod nullable;
pub mod page;
pub mod problem;
pub mod resource;
pub mod write;

use crate::http::context::Context;
use crate::http::domains::Domains;
use crate::http::interfaces::Interfaces;
use crate::http::machines::Machines;
use crate::http::problem::{Problem, ProblemKind};
use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use tokio::net::TcpListener;

/// All routes of a node.
pub fn router(context: Context) -> Router {
    let nouns = Router::new()
        .merge(resource::routes::<Domains>())
        .merge(resource::routes::<Machines>())
        .merge(resource::routes::<Interfaces>())
        .merge(machines::actions())
        .merge(cluster::routes())
        .merge(imports::routes());
    Router::new()
        .nest("/v1", nouns)
        .merge(health::routes())
        .fallback(no_such_route)
        .method_not_allowed_fallback(no_such_method)
        .layer(from_fn_with_state(context.clone(), headers::answer))
        .layer(from_fn(problem::as_json))
        .layer(DefaultBodyLimit::max(body::BODY_BYTES_MAX))
        .with_state(context)
}

/// Serves `router` until `stop` is ready, then lets open requests end.
///
/// # Errors
/// When the listener fails.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    axum::serve(listener, router).with_graceful_shutdown(stop).await
}

async fn no_such_route(request: Request) -> Response {
    let detail = format!("there is nothing at {}", request.uri().path());
    Problem::new(ProblemKind::NoSuchRoute, detail).into_response()
}

async fn no_such_method(request: Request) -> Response {
    let detail = format!("{} is not possible at {}", request.method(), request.uri().path());
    Problem::new(ProblemKind::MethodNotAllowed, detail).into_response()
}
