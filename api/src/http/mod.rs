//! The HTTP API. The table of all routes is [`routes`]; router and OpenAPI document are made from it.
//!
//! Floors, lowest first: [`problem`] (what went wrong, RFC 9457), [`refusals`] (which of them it is),
//! [`wire`], [`wire_boot`] and [`wire_parameters`] (values in JSON), [`suggestion`] (what was meant) · [`resource`] (what a noun says about itself) and [`noun`] (the same without its types) · [`limits`],
//! [`recent`], [`metrics`], [`context`] · [`consistency`] (how fresh a read is), [`write`] (from a request to a
//! proposal), [`answer`] · [`object`], [`list`] and [`create`] (what is done with any noun) · [`gate`], [`route`] and
//! [`openapi`] · [`nouns`] · [`actions`], [`txn`],
//! [`events`], [`cluster`], [`racks`], [`health`], [`about`] · [`origin`], [`edge`] (what happens to every request) ·
//! [`faces`], [`preface`], [`patient`], [`rack_connection`], [`connection`], [`accept`].

pub mod about;
pub mod accept;
pub mod actions;
pub mod answer;
pub mod body;
pub mod client_address;
pub mod cluster;
pub mod connection;
pub mod consistency;
pub mod context;
pub mod create;
pub mod cursor;
pub mod dhcp_metrics;
pub mod edge;
pub mod etag;
pub mod events;
pub mod faces;
pub mod fields;
pub mod filter;
pub mod gate;
pub mod health;
pub mod held_body;
pub mod import_comparison;
pub mod imports;
pub mod lease_imports;
pub mod lease_why;
pub mod limits;
pub mod list;
pub mod metrics;
pub mod noun;
pub mod noun_routes;
pub mod nouns;
pub mod object;
pub mod openapi;
pub mod operand;
pub mod origin;
pub mod parameters;
pub mod patient;
pub mod preface;
pub mod problem;
pub mod rack_connection;
pub mod racks;
pub mod recent;
pub mod record;
pub mod refusals;
pub mod request_id;
pub mod resource;
pub mod route;
pub mod sort_key;
pub mod storage_metrics;
pub mod suggestion;
pub mod txn;
pub mod view;
pub mod wire;
pub mod wire_boot;
pub mod wire_parameters;
pub mod write;

use crate::http::context::Context;
use crate::http::faces::{Faces, RackFace};
use crate::http::problem::Problem;
use crate::http::route::Route;
use crate::problem_kind::ProblemKind;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use std::sync::{Arc, OnceLock};
use tokio::net::TcpListener;
use tokio_util::task::TaskTracker;

/// Every route of a node.
#[must_use]
pub fn routes() -> Vec<Route> {
    let nouns = nouns::ALL.iter().copied().flat_map(noun_routes::of);
    nouns
        .chain(actions::routes())
        .chain(txn::routes())
        .chain(events::routes())
        .chain(imports::routes())
        .chain(import_comparison::routes())
        .chain(lease_imports::routes())
        .chain(cluster::routes())
        .chain(racks::routes())
        .chain(lease_why::routes())
        .chain(health::routes())
        .chain(about::routes(document))
        .collect()
}

/// The OpenAPI document of [`routes`], made once.
#[must_use]
pub fn document() -> Bytes {
    static DOCUMENT: OnceLock<Bytes> = OnceLock::new();
    let made = || {
        let document = openapi::document(&routes(), nouns::ALL);
        Bytes::from(serde_json::to_vec(&document).expect("the document is plain JSON"))
    };
    DOCUMENT.get_or_init(made).clone()
}

/// The router of a node.
pub fn router(context: Context) -> Router {
    route::router(routes())
        .fallback(no_such_route)
        .method_not_allowed_fallback(no_such_method)
        .layer(from_fn_with_state(context.clone(), edge::pass))
        .layer(DefaultBodyLimit::max(body::BODY_BYTES_MAX))
        .with_state(context)
}

/// Serves the API of a node, and who answers racks beside it, until `stop` is ready; then what would go on for ever ends,
/// and open requests may end.
pub async fn serve(
    listener: TcpListener,
    context: Context,
    racks: RackFace,
    stop: impl Future<Output = ()> + Send + 'static,
) {
    let (limits, closing) = (Arc::clone(&context.limits), Arc::clone(&context.closing));
    let tasks = TaskTracker::new();
    let faces =
        Faces { router: router(context), racks, limits, closing: closing.subscribe(), tasks };
    accept::run(listener, faces, closing, stop).await;
}

async fn no_such_route(request: Request) -> Response {
    let detail = format!("there is nothing at {}", request.uri().path());
    Problem::new(ProblemKind::NoSuchRoute, detail).into_response()
}

async fn no_such_method(request: Request) -> Response {
    let detail = format!("{} is not possible at {}", request.method(), request.uri().path());
    Problem::new(ProblemKind::MethodNotAllowed, detail).into_response()
}
