//! `/v1/racks`: how racks are, as far as this node has heard. What they are stands in `/v1/controllers`.

use crate::http::context::Context;
use crate::http::noun::Noun as _;
use crate::http::nouns::controllers::Controllers;
use crate::http::nouns::vlans::label;
use crate::http::problem::Problem;
use crate::http::route::{Route, Verb, named};
use crate::http::write::Asked;
use crate::rack_board::Everyone;
use crate::rack_board::seen::{link_on, seen_by};
use crate::rack_board::status::{RackStatus, VlanStatus};
use axum::Json;
use axum::extract::{Path, State};
use regent_core::id::{NodeId, VlanId};
use regent_core::model::node::Node;
use regent_core::model::rack_key::RackKey;
use regent_core::model::vlan::Vlan;
use regent_core::object::TableKey as _;
use regent_core::state;
use serde::Serialize;
use std::net::Ipv4Addr;
use utoipa::ToSchema;

/// Racks of one answer: more than the nodes of a region take.
const RACKS_MAX: usize = 20_000;

/// All racks.
#[derive(Serialize, ToSchema)]
pub struct RacksView {
    /// Racks that enrolled.
    total: usize,
    /// Those that have a session.
    connected: usize,
    items: Vec<RackView>,
}

/// A rack, by what was heard of it last.
#[derive(Serialize, ToSchema)]
pub struct RackView {
    /// Its number among the controllers.
    id: u32,
    system_id: String,
    hostname: String,
    connected: bool,
    /// The region node it is connected to, or was last.
    node: Option<u64>,
    session: Option<u64>,
    version: Option<String>,
    /// Revision of the last change of what concerns it that it was told.
    told_revision: Option<u64>,
    /// Revision of what it has in force.
    applied_revision: Option<u64>,
    /// Milliseconds for which it has been without something it was told.
    behind_ms: Option<u64>,
    /// Whether that is no more than 2,000: it tells what it has once a second.
    up_to_date: Option<bool>,
    /// Steps of the lease protocol that wait to be asked.
    backlog: Option<u32>,
    last_heartbeat_ms: Option<u64>,
    /// VLANs whose clients it answers.
    vlans_live: Option<usize>,
    /// VLANs whose clients it does not answer though it should.
    vlans_in_trouble: Option<usize>,
    /// How it serves each VLAN. Not in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    vlans: Option<Vec<RackVlanView>>,
    /// The VLANs it is connected to, whether it serves them or not. Not in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    sees: Option<Vec<SeenVlanView>>,
}

/// A VLAN to which a rack is connected.
#[derive(Serialize, ToSchema)]
pub struct SeenVlanView {
    vlan: u32,
    /// What people know the VLAN by.
    label: String,
    /// The rack's address there; null where the rack says only that it has a wire there.
    #[schema(value_type = Option<String>)]
    address: Option<Ipv4Addr>,
}

/// How a rack serves a VLAN.
#[derive(Serialize, ToSchema)]
pub struct RackVlanView {
    vlan: u32,
    /// The rack's address there.
    #[schema(value_type = Option<String>)]
    server_id: Option<Ipv4Addr>,
    /// Whether clients are answered.
    live: bool,
    /// Why they are not.
    trouble: Option<String>,
}

/// The routes.
pub fn routes() -> Vec<Route> {
    vec![
        Route::new(Verb::Get, "/v1/racks", "listRacks", list)
            .about("racks", "Racks that enrolled, and how they are as far as this node has heard.")
            .answers(200, named("RacksView")),
        Route::new(Verb::Get, "/v1/racks/{id}", "showRack", show)
            .about("racks", "One of them, by system id, name or number, with its VLANs.")
            .answers(200, named("RackView")),
    ]
}

async fn list(State(context): State<Context>, asked: Asked) -> Result<Json<RacksView>, Problem> {
    asked.parameters()?.finish()?;
    let (published, everyone) = (context.region.published(), context.racks.everyone());
    let keys = &published.state.tables().rack_keys;
    let racks = keys.iter().map(|(rack, _)| *rack).take(RACKS_MAX);
    let items: Vec<RackView> =
        racks.filter_map(|rack| view(&published.state, &everyone, rack)).collect();
    let connected = items.iter().filter(|rack| rack.connected).count();
    Ok(Json(RacksView { total: keys.len(), connected, items }))
}

async fn show(
    State(context): State<Context>,
    Path(id): Path<String>,
    asked: Asked,
) -> Result<Json<RackView>, Problem> {
    asked.parameters()?.finish()?;
    let (published, everyone) = (context.region.published(), context.racks.everyone());
    let rack = Controllers.find(&published.state, &id);
    let rack = rack.and_then(|key| NodeId::from_key(&key));
    let enrolled = rack.filter(|rack| published.state.get::<RackKey>(rack).is_some());
    let view = enrolled.and_then(|rack| {
        let status = everyone.racks.get(&rack).map(|(_, status)| status);
        let vlans = status.map_or(&[][..], |status| &status.vlans);
        let vlans = Some(vlans.iter().map(vlan_view).collect());
        let sees = Some(status.map_or_else(Vec::new, |status| seen(&published.state, status)));
        Some(RackView { vlans, sees, ..view(&published.state, &everyone, rack)? })
    });
    view.map(Json).ok_or_else(|| Controllers.missing(&id))
}

fn view(state: &state::State, everyone: &Everyone, rack: NodeId) -> Option<RackView> {
    let node = &state.get::<Node>(&rack)?.value;
    let known = everyone.racks.get(&rack);
    let status = known.map(|(_, status)| status);
    let live = |status: &RackStatus| {
        status.vlans.iter().filter(|service| service.trouble.is_none()).count()
    };
    Some(RackView {
        id: rack.0,
        system_id: node.system_id.to_string(),
        hostname: node.hostname.to_string(),
        connected: status.is_some_and(|status| status.connected),
        node: known.map(|(node, _)| *node),
        session: status.map(|status| status.session),
        version: status.map(|status| status.version.clone()),
        told_revision: status.map(|status| status.told_revision),
        applied_revision: status.map(|status| status.applied_revision),
        behind_ms: status.map(|status| status.behind_ms),
        up_to_date: status.map(RackStatus::is_up_to_date),
        backlog: status.map(|status| status.backlog),
        last_heartbeat_ms: status.map(|status| status.silent_ms),
        vlans_live: status.map(live),
        vlans_in_trouble: status.map(|status| status.vlans.len() - live(status)),
        vlans: None,
        sees: None,
    })
}

fn seen(state: &state::State, status: &RackStatus) -> Vec<SeenVlanView> {
    let view = |id: VlanId| {
        let vlan = state.get::<Vlan>(&id)?;
        let (label, address) = (label(state, &vlan.value), link_on(state, status, id));
        Some(SeenVlanView { vlan: id.0, label, address })
    };
    seen_by(state, status).into_iter().filter_map(view).collect()
}

fn vlan_view(service: &VlanStatus) -> RackVlanView {
    RackVlanView {
        vlan: service.vlan.0,
        server_id: service.server_id,
        live: service.trouble.is_none(),
        trouble: service.trouble.clone(),
    }
}
