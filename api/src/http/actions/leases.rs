//! Ending a lease: what an admin may do to what racks gave.

use crate::http::answer;
use crate::http::body::Body;
use crate::http::context::Context;
use crate::http::fields::Fields;
use crate::http::noun_routes::DRY_RUN_PARAMETER;
use crate::http::nouns::leases::Leases;
use crate::http::object::act;
use crate::http::problem::Problem;
use crate::http::record::record_with;
use crate::http::route::{Route, Verb, named};
use crate::http::wire::Wire as _;
use crate::http::write::{Asked, PRINCIPAL};
use axum::extract::{Path, State};
use axum::response::Response;
use regent_core::command::Command;
use regent_core::command::lease::LeaseCommand;
use regent_core::lease::give_up::Ending;
use regent_core::object::{Key, TableKey as _};
use std::net::IpAddr;

/// What says that nobody is to be waited for.
const IS_GONE: &str = "client_is_gone";

/// The routes.
pub fn routes() -> Vec<Route> {
    let about = "Ends a lease: no rack that has the region renews it, its names go, and its client is refused when it wants \
                 more. The address rests until its client, by what it was told, has to have let go, and no rack that is cut \
                 off can renew it. `client_is_gone` (false) waits for neither, but for the guard of two minutes: if the client \
                 is not gone for good, two hold the address. A lease `for_good` is ended so alone.";
    let route = Route::new(Verb::Post, "/v1/leases/{id}/actions/release", "releaseLease", release);
    let route = route.about("leases", about).takes([DRY_RUN_PARAMETER]);
    let route = route.sends(record_with([], [(IS_GONE, bool::shape())]));
    vec![route.conditional().answers(200, named("Lease"))]
}

async fn release(
    State(context): State<Context>,
    Path(segment): Path<String>,
    asked: Asked,
    body: Body,
) -> Result<Response, Problem> {
    let mut fields = Fields(body.object()?);
    let is_gone = fields.take::<bool>(IS_GONE)?.unwrap_or(false);
    fields.finish()?;
    let ending = if is_gone { Ending::ClientIsGone } else { Ending::ClientMayBeThere };
    let command = |key: &Key| {
        let address = IpAddr::from_key(key).expect("leases are found by their address");
        let by = PRINCIPAL.to_owned();
        Ok(Command::Lease(LeaseCommand::End { address, ending, by }))
    };
    let written = act(&Leases, &context, &segment, &asked, &body, command).await?;
    Ok(answer::of_write(&Leases, &written))
}
