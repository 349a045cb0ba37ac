//! `/v1/import-comparisons`: how another site differs from this one, without bringing anything in. For our own command
//! line: a stretch of one table at a time, both ways in the sealed form of the log.
//!
//! Secrets are compared, too, so that this tells whether a guess of one is right: it is for those who may import.

use crate::http::consistency::ReadParameters;
use crate::http::context::Context;
use crate::http::problem::Problem;
use crate::http::record::bytes;
use crate::http::route::{Route, Verb};
use crate::problem_kind::ProblemKind;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::{CONTENT_TYPE, HeaderName};
use regent_core::codec;
use regent_core::query::site_difference::{Stretch, compare};

/// The sealed form.
const SEALED: &str = "application/octet-stream";

/// The routes.
pub fn routes() -> Vec<Route> {
    let about = "Compares a stretch of a table of another site with this one; writes nothing.";
    let route = Route::new(Verb::Post, "/v1/import-comparisons", "compareSites", answer);
    vec![
        route
            .about("imports", about)
            .sends_as(SEALED, bytes())
            .answers(200, bytes())
            .of_type(SEALED),
    ]
}

async fn answer(
    State(context): State<Context>,
    body: Bytes,
) -> Result<([(HeaderName, &'static str); 1], Vec<u8>), Problem> {
    let stretch: Stretch = codec::open(&body)
        .map_err(|error| Problem::new(ProblemKind::Malformed, format!("the stretch: {error}")))?;
    let published = ReadParameters::default().load(&context).await?;
    let room = context.limits.scan().await;
    // The rows between two keys of the other site may be any number here.
    let compared = tokio::task::spawn_blocking(move || {
        let difference = compare(&published.state, &stretch);
        drop(room);
        difference
    });
    let difference = compared
        .await
        .map_err(|error| Problem::new(ProblemKind::Internal, error.to_string()))??;
    Ok(([(CONTENT_TYPE, SEALED)], codec::seal(&difference)))
}
