//! Linking interfaces to subnets and back, which makes and removes IP addresses.

use crate::http::answer;
use crate::http::body::Body;
use crate::http::context::Context;
use crate::http::fields::Fields;
use crate::http::noun_routes::DRY_RUN_PARAMETER;
use crate::http::nouns::interfaces::Interfaces;
use crate::http::object::act;
use crate::http::problem::Problem;
use crate::http::record::{one_of, record_with};
use crate::http::route::{Route, Verb, named};
use crate::http::wire::Wire;
use crate::http::write::Asked;
use axum::extract::{Path, State};
use axum::response::Response;
use regent_core::command::Command;
use regent_core::command::link::LinkCommand;
use regent_core::id::{InterfaceId, StaticIpAddressId, SubnetId};
use regent_core::model::static_ip_address::LinkMode;
use regent_core::object::{Key, TableKey};
use serde_json::Value;
use std::net::IpAddr;

/// How an interface can be linked.
const MODES: [LinkMode; 4] = [LinkMode::Auto, LinkMode::Static, LinkMode::Dhcp, LinkMode::LinkUp];

/// The routes.
pub fn routes() -> Vec<Route> {
    let link = Route::new(Verb::Post, "/v1/interfaces/{id}/links", "linkInterface", link)
        .about("interfaces", "Links an interface to a subnet: `mode` auto, static, dhcp or link_up, `subnet`, `ip_address`.")
        .sends(record_with(
            [("mode", one_of(MODES.map(LinkMode::name)))],
            [("subnet", SubnetId::shape()), ("ip_address", IpAddr::shape())],
        ));
    let unlink =
        Route::new(Verb::Delete, "/v1/interfaces/{id}/links/{link}", "unlinkInterface", unlink)
            .about("interfaces", "Removes a link; its id is that of the address.");
    [link, unlink]
        .map(|route| {
            route.takes([DRY_RUN_PARAMETER]).conditional().answers(200, named("Interface"))
        })
        .into()
}

async fn link(
    State(context): State<Context>,
    Path(segment): Path<String>,
    asked: Asked,
    body: Body,
) -> Result<Response, Problem> {
    let mut fields = Fields(body.object()?);
    let mode = read_mode(&fields.need::<String>("mode")?)?;
    let (subnet, ip_address) = (fields.take("subnet")?, fields.take("ip_address")?);
    fields.finish()?;
    let command = |key: &Key| {
        let interface = interface(key);
        Ok(Command::Link(LinkCommand::Link { interface, mode, subnet, ip_address }))
    };
    let written = act(&Interfaces, &context, &segment, &asked, &body, command).await?;
    Ok(answer::of_part(&Interfaces, &segment, &written))
}

async fn unlink(
    State(context): State<Context>,
    Path((segment, address)): Path<(String, String)>,
    asked: Asked,
    body: Body,
) -> Result<Response, Problem> {
    body.nothing()?;
    let number: u32 = address.parse().map_err(|_| Problem::invalid("link", "is no number"))?;
    let address = StaticIpAddressId(number);
    let command = |key: &Key| {
        let interface = interface(key);
        Ok(Command::Link(LinkCommand::Unlink { interface, address }))
    };
    let written = act(&Interfaces, &context, &segment, &asked, &body, command).await?;
    Ok(answer::of_part(&Interfaces, &segment, &written))
}

fn interface(key: &Key) -> InterfaceId {
    InterfaceId::from_key(key).expect("interfaces are numbered")
}

fn read_mode(word: &str) -> Result<LinkMode, Problem> {
    MODES.into_iter().find(|mode| mode.name() == word).ok_or_else(|| {
        let names: Vec<Value> = MODES.iter().map(|mode| mode.name().to_owned().show()).collect();
        Problem::invalid("/mode", format!("{word:?} is none of {}", Value::from(names)))
    })
}
