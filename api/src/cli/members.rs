//! `regent node`: the region's own nodes, and how `/v1/cluster` describes them.

use crate::cli::arguments::NodeCommand;
use crate::cli::client::Call;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::session::Session;
use crate::cli::table;
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};

/// What a list shows.
const COLUMNS: [&str; 7] = ["id", "name", "role", "healthy", "applied_index", "peer", "api"];

/// The region as one node sees it.
#[derive(Clone, Debug, Deserialize)]
pub struct View {
    /// Its identity.
    pub cluster_id: String,
    /// The node that was asked.
    pub asked: u64,
    /// Raft term.
    pub term: u64,
    /// Who leads.
    pub leader: Option<u64>,
    /// How many vote.
    pub voters: u64,
    /// How many of them answer.
    pub healthy_voters: u64,
    /// How many more may fail.
    pub failures_tolerated: u64,
    /// Sets of voters of which each needs a majority: one, or two while a change of the group is in flight.
    pub voter_sets: Vec<Vec<u64>>,
    /// Revision of the state.
    pub revision: u64,
    /// All nodes.
    pub nodes: Vec<Member>,
}

/// A node of the region.
#[derive(Clone, Debug, Deserialize)]
pub struct Member {
    /// Its number.
    pub id: u64,
    /// Its name.
    pub name: String,
    /// leader, voter, learner.
    pub role: String,
    /// Whether it answers.
    pub healthy: bool,
    /// Its API.
    pub api: String,
    /// What it has applied.
    pub applied_index: Option<u64>,
    /// Its term.
    pub term: Option<u64>,
    /// Its program's version.
    pub version: Option<String>,
    /// Since when it runs.
    pub uptime_ms: Option<u64>,
    /// Digest of its state.
    pub digest: Option<String>,
}

impl View {
    /// Reads the body of `/v1/cluster`.
    ///
    /// # Errors
    /// [`Failure::Foreign`] if it is of another shape.
    pub fn of(body: &Value, address: &str) -> Result<Self, Failure> {
        Self::deserialize(body)
            .map_err(|error| Failure::Foreign { address: address.into(), why: error.to_string() })
    }
}

/// Does what was typed.
///
/// # Errors
/// [`Failure`].
pub async fn run(command: &NodeCommand, session: &Session) -> Result<Exit, Failure> {
    let answer = session.client.call(&Call::get("/v1/cluster")).await?;
    let view = View::of(&answer.body, &answer.address)?;
    match command {
        NodeCommand::Ls => {
            let items = items(&answer.body);
            let text = table::of_items(&items, &COLUMNS, true);
            session.format.show(&json!({ "items": items, "revision": view.revision }), |_| text);
        }
        NodeCommand::Show { node } => {
            let id = find(&view, node)?;
            let item = items(&answer.body).into_iter().find(|item| item["id"] == id);
            let sheet = |item: &Value| table::of_fields(item, &COLUMNS);
            session.format.show(&item.unwrap_or_default(), sheet);
        }
        NodeCommand::Promote { node, force } => {
            let path = format!("/v1/cluster/members/{}/promote", find(&view, node)?);
            change(session, Method::POST, path, *force, &format!("{node} votes\n")).await?;
        }
        NodeCommand::Remove { node, force } => {
            let path = format!("/v1/cluster/members/{}", find_to_remove(&view, node)?);
            change(session, Method::DELETE, path, *force, &format!("{node} is removed\n")).await?;
        }
    }
    Ok(Exit::Ok)
}

async fn change(
    session: &Session,
    method: Method,
    path: String,
    force: bool,
    told: &str,
) -> Result<(), Failure> {
    let mut call = Call { method, ..Call::get(path) };
    if force {
        call.query.push(("force".into(), "true".into()));
    }
    let answer = session.client.call(&call).await?;
    session.format.show(&answer.body, |_| told.to_owned());
    Ok(())
}

fn items(body: &Value) -> Vec<Value> {
    body["nodes"].as_array().cloned().unwrap_or_default()
}

/// The number of the node with this name or number. The list lacks a node whose joining or removal was interrupted;
/// its number will do.
fn find_to_remove(view: &View, node: &str) -> Result<u64, Failure> {
    node.parse().or_else(|_| find(view, node))
}

/// The number of the node with this name or number.
fn find(view: &View, node: &str) -> Result<u64, Failure> {
    let known =
        view.nodes.iter().find(|member| member.name == node || member.id.to_string() == node);
    known.map(|member| member.id).ok_or_else(|| {
        let names: Vec<_> = view.nodes.iter().map(|member| member.name.as_str()).collect();
        let why = format!("the region has {}", names.join(", "));
        Failure::refused(
            Exit::NotFound,
            format!("there is no node {node:?}"),
            why,
            "regent node ls",
        )
    })
}
