//! `/v1/cluster`: the region's own nodes.

use crate::http::context::Context;
use crate::http::problem::Problem;
use axum::extract::{Path, Query, State};
use axum::routing::{delete, get};
use axum::{Json, Router};
use regent_raft::region::status::{GroupStatus, NodeStatus};
use serde::{Deserialize, Serialize};
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

/// How to remove a node.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RemoveParameters {
    #[serde(default)]
    force: bool,
}

/// The routes.
pub fn routes() -> Router<Context> {
    Router::new()
        .route("/cluster", get(show))
        .route("/cluster/members/{id}", delete(remove))
        .route("/cluster/members/{id}/promote", axum::routing::post(promote))
}

async fn show(State(context): State<Context>) -> Json<ClusterView> {
    let status = context.region.status().await;
    let revision = context.region.published().state.meta().revision.0;
    Json(view(status, revision))
}

async fn remove(
    State(context): State<Context>,
    Path(node): Path<u64>,
    Query(RemoveParameters { force }): Query<RemoveParameters>,
) -> Result<Json<ClusterView>, Problem> {
    context.region.remove_node(node, force).await?;
    Ok(show(State(context)).await)
}

async fn promote(
    State(context): State<Context>,
    Path(node): Path<u64>,
) -> Result<Json<ClusterView>, Problem> {
    context.region.promote([node].into()).await?;
    Ok(show(State(context)).await)
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
