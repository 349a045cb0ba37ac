//! `/v1/cluster`: the region's own nodes.

use crate::http::context::Context;
use crate::http::problem::Problem;
use crate::http::route::{Route, Verb, named};
use crate::http::write::Asked;
use axum::Json;
use axum::extract::{Path, State};
use regent_raft::region::status::{GroupStatus, NodeStatus};
use serde::Serialize;
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// The group as one node sees it.
#[derive(Serialize, ToSchema)]
pub struct ClusterView {
    cluster_id: String,
    asked: u64,
    term: u64,
    leader: Option<u64>,
    voters: usize,
    healthy_voters: usize,
    failures_tolerated: usize,
    /// Sets of voters of which each needs a majority: one, or two while a change of the group is in flight.
    voter_sets: Vec<BTreeSet<u64>>,
    revision: u64,
    nodes: Vec<MemberView>,
}

/// One node of the group.
#[derive(Serialize, ToSchema)]
pub struct MemberView {
    id: u64,
    name: String,
    role: &'static str,
    healthy: bool,
    peer: String,
    api: String,
    applied_index: Option<u64>,
    term: Option<u64>,
    version: Option<String>,
    uptime_ms: Option<u64>,
    digest: Option<String>,
    last_contact_ms: Option<u128>,
}

/// The routes.
pub fn routes() -> Vec<Route> {
    let view = || named("ClusterView");
    vec![
        Route::new(Verb::Get, "/v1/cluster", "showCluster", show)
            .about("cluster", "The region's own nodes and how they are.")
            .answers(200, view()),
        Route::new(Verb::Delete, "/v1/cluster/members/{id}", "removeMember", remove)
            .about("cluster", "Removes a node for good.")
            .takes([("force", "`true`: even if too few healthy voters remain.")])
            .answers(200, view()),
        Route::new(Verb::Post, "/v1/cluster/members/{id}/promote", "promoteMember", promote)
            .about(
                "cluster",
                "Makes a learner a voter, if it keeps up and the group gets no weaker.",
            )
            .takes([("force", "`true`: in any case.")])
            .answers(200, view()),
    ]
}

async fn show(State(context): State<Context>, asked: Asked) -> Result<Json<ClusterView>, Problem> {
    asked.parameters()?.finish()?;
    Ok(Json(status(&context).await))
}

async fn remove(
    State(context): State<Context>,
    Path(node): Path<u64>,
    asked: Asked,
) -> Result<Json<ClusterView>, Problem> {
    let mut parameters = asked.parameters()?;
    let force = parameters.take_flag("force")?;
    parameters.finish()?;
    context.region.remove_node(node, force).await?;
    Ok(Json(status(&context).await))
}

async fn promote(
    State(context): State<Context>,
    Path(node): Path<u64>,
    asked: Asked,
) -> Result<Json<ClusterView>, Problem> {
    let mut parameters = asked.parameters()?;
    let force = parameters.take_flag("force")?;
    parameters.finish()?;
    context.region.promote([node].into(), force).await?;
    Ok(Json(status(&context).await))
}

async fn status(context: &Context) -> ClusterView {
    let status = context.region.status().await;
    let revision = context.region.published().state.meta().revision.0;
    view(status, revision)
}

fn view(status: GroupStatus, revision: u64) -> ClusterView {
    ClusterView {
        asked: status.asked,
        term: status.term,
        leader: status.leader,
        voters: status.voters(),
        healthy_voters: status.healthy_voters(),
        failures_tolerated: status.failures_tolerated(),
        revision,
        nodes: status.nodes.iter().map(member).collect(),
        voter_sets: status.voter_sets,
        cluster_id: status.cluster_id,
    }
}

fn member(node: &NodeStatus) -> MemberView {
    let role = match (node.is_leader, node.is_voter) {
        (true, _) => "leader",
        (false, true) => "voter",
        (false, false) => "learner",
    };
    let report = node.report.as_ref();
    MemberView {
        id: node.node_id,
        name: node.name.clone(),
        role,
        healthy: report.is_some(),
        peer: node.peer.clone(),
        api: node.api.clone(),
        applied_index: report.map(|report| report.applied_index),
        term: report.map(|report| report.term),
        version: report.map(|report| report.version.clone()),
        uptime_ms: report.map(|report| report.uptime_ms),
        digest: report.map(|report| report.digest.clone()),
        last_contact_ms: node.last_contact.map(|contact| contact.as_millis()),
    }
}
