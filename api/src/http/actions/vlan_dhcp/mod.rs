//! DHCP on a VLAN, on and off: ranges and racks in one step, once everything that can be known speaks for it.
//!
//! Floors: [`standing`] (how it is), [`order`] (what is to be), [`looking`] (who else answers there).

pub mod looking;
pub mod order;
pub mod standing;

use crate::http::actions::vlan_dhcp::looking::look;
use crate::http::actions::vlan_dhcp::order::{DESPITE, Order, forbidden};
use crate::http::actions::vlan_dhcp::standing::{standing, subnets};
use crate::http::answer;
use crate::http::body::Body;
use crate::http::consistency::{READ_PARAMETERS, ReadParameters};
use crate::http::context::Context;
use crate::http::noun::Noun as _;
use crate::http::noun_routes::DRY_RUN_PARAMETER;
use crate::http::nouns::vlans::{Vlans, label};
use crate::http::object::act;
use crate::http::problem::Problem;
use crate::http::record::{list_of, one_of, record, record_with};
use crate::http::route::{Route, Verb, named};
use crate::http::wire::{Wire as _, either};
use crate::http::write::{Asked, Written};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use regent_core::command::Command;
use regent_core::command::edit::Edit;
use regent_core::command::vlan::VlanPatch;
use regent_core::id::VlanId;
use regent_core::model::vlan::Vlan;
use regent_core::object::{Key, TableKey as _};
use regent_core::state::State as Root;
use std::net::IpAddr;

/// Where it is.
const PATH: &str = "/v1/vlans/{id}/dhcp";

/// The routes.
pub fn routes() -> Vec<Route> {
    let about = "Has racks serve DHCP: makes the dynamic ranges `ranges` and sets the racks, all or nothing. Refused if a \
                 rack never enrolled, a connected one has no address on the VLAN, or a DHCP server that is not ours answers \
                 there, for which the racks look (some seconds), or a look fails; `despite` passes over all but the first.";
    let rack = || either(u32::shape(), String::shape());
    let range = record([("start", IpAddr::shape()), ("end", IpAddr::shape())]);
    let sent = [
        ("ranges", list_of(range)),
        ("primary_rack", rack()),
        ("secondary_rack", rack()),
        ("more_racks", list_of(rack())),
        ("despite", list_of(one_of(DESPITE))),
    ];
    let on = Route::new(Verb::Post, PATH, "startVlanDhcp", on).about("vlans", about);
    let off = Route::new(Verb::Delete, PATH, "stopVlanDhcp", off)
        .about("vlans", "Has racks serve DHCP no more. Ranges and racks stay as they are.");
    let show = Route::new(Verb::Get, PATH, "showVlanDhcp", show)
        .about("vlans", "Who serves DHCP, with which addresses, and whether every rack does by what is set now.")
        .takes(READ_PARAMETERS);
    vec![
        on.takes([DRY_RUN_PARAMETER])
            .conditional()
            .sends(record_with([], sent))
            .answers(200, named("VlanDhcpView")),
        off.takes([DRY_RUN_PARAMETER]).conditional().answers(200, named("VlanDhcpView")),
        show.answers(200, named("VlanDhcpView")),
    ]
}

async fn show(
    State(context): State<Context>,
    Path(segment): Path<String>,
    asked: Asked,
) -> Result<Response, Problem> {
    let read = asked.read_parameters()?;
    let published = read.load(&context).await?;
    let id = find(&published.state, &segment)?;
    let view = standing(&published.state, &context.racks.everyone(), id);
    let view = view.ok_or_else(|| Vlans.missing(&segment))?;
    let response = answer::json_of(StatusCode::OK, &view);
    Ok(answer::of_read(&read, &published.state, response))
}

async fn on(
    State(context): State<Context>,
    Path(segment): Path<String>,
    asked: Asked,
    body: Body,
) -> Result<Response, Problem> {
    let fields = body.object()?;
    // What was done is not looked at again: the racks answer there by now.
    if let Some(written) = asked.kept(&context, &body).await? {
        return reply(&context, &segment, &written, Vec::new());
    }
    let published = ReadParameters::default().load(&context).await?;
    let state = &published.state;
    let vlan = find(state, &segment)?;
    let order = Order::read(state, vlan, fields)?;
    let mut warnings = order.check_racks(state, &context.racks.everyone())?;
    let looked = look(&context, state, vlan, &order.racks).await;
    let servers: Vec<_> = looked.servers.iter().map(ToString::to_string).collect();
    let servers = servers.join(", ");
    match (servers.is_empty(), order.despite_foreign) {
        (true, _) => {}
        (false, true) => {
            warnings.push(format!("a DHCP server that is not ours answers: {servers}"))
        }
        (false, false) => return Err(foreign(state, vlan, &servers)),
    }
    if !looked.failures.is_empty() && !order.despite_foreign {
        return Err(unknown(vlan, &looked.failures));
    }
    warnings.extend(looked.failures);
    warnings.extend(looked.warnings);
    warnings.extend(unbootable(state, vlan));
    drop(published);
    let command = |_: &Key| Ok(order.into_command());
    let written = act(&Vlans, &context, &segment, &asked, &body, command).await?;
    reply(&context, &segment, &written, warnings)
}

async fn off(
    State(context): State<Context>,
    Path(segment): Path<String>,
    asked: Asked,
    body: Body,
) -> Result<Response, Problem> {
    body.nothing()?;
    let command = |key: &Key| {
        let id = VlanId::from_key(key).expect("VLANs are numbered");
        let patch = VlanPatch { dhcp_on: Some(false), ..VlanPatch::default() };
        Ok(Command::Vlan(Edit::Update { id, patch }))
    };
    let written = act(&Vlans, &context, &segment, &asked, &body, command).await?;
    reply(&context, &segment, &written, Vec::new())
}

fn find(state: &Root, segment: &str) -> Result<VlanId, Problem> {
    let key = Vlans.find(state, segment);
    key.and_then(|key| VlanId::from_key(&key)).ok_or_else(|| Vlans.missing(segment))
}

fn foreign(state: &Root, id: VlanId, servers: &str) -> Problem {
    let label = state.get::<Vlan>(&id).map(|row| label(state, &row.value)).unwrap_or_default();
    let detail = format!(
        "on {label} a DHCP server that is not ours answers: {servers}. Stop it, and repeat; to take over while it runs, \
         repeat despite `foreign`"
    );
    forbidden(id, detail)
}

/// A look that might have found a server did not happen.
fn unknown(id: VlanId, failures: &[String]) -> Problem {
    let detail = format!(
        "{}. Repeat in a few seconds; to take over whoever answers there, repeat despite `foreign`",
        failures.join("; ")
    );
    forbidden(id, detail)
}

/// That clients are not told how to boot, and what would tell them.
fn unbootable(state: &Root, id: VlanId) -> Option<String> {
    let vlan = &state.get::<Vlan>(&id)?.value;
    let is_set = vlan.boot.is_some() || subnets(state, id).any(|(_, subnet)| subnet.boot.is_some());
    let label = label(state, vlan);
    (!is_set).then(|| {
        format!(
            "clients are not told how to boot from the network: `boot` is set neither on the VLAN nor on its subnets \
             (`regent vlan set {label} boot.server=ADDRESS boot.files.0=lpxelinux.0 boot.files.7=bootx64.efi`)"
        )
    })
}

/// How it stands with the change in force.
fn reply(
    context: &Context,
    segment: &str,
    written: &Written,
    warnings: Vec<String>,
) -> Result<Response, Problem> {
    let id = find(&written.state, segment)?;
    let view = standing(&written.state, &context.racks.everyone(), id);
    let mut view = view.ok_or_else(|| Vlans.missing(segment))?;
    view.warnings = warnings;
    view.pending_here = written.pending_here();
    Ok(answer::stamp(answer::json_of(StatusCode::OK, &view), written))
}
