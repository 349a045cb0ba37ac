//! `rack-agent join`: a machine becomes a rack of the region that a token is of, and remembers who it is.
//!
//! The state directory is taken before the token is shown: a token is good once, and what it brings has to be kept.

use crate::config::Config;
use crate::endpoint::Endpoint;
use crate::machine;
use crate::region::enrol::{Candidate, EnrolError, enrol};
use crate::region::pace::Pace;
use crate::remembered::Identity;
use crate::store::nodes;
use crate::store::open::Store;
use crate::store::trouble::StoreError;
use regent_core::model::hostname::{Hostname, HostnameError};
use regent_core::model::rack_token_text::{RackTokenText, RackTokenTextError};
use std::io;
use std::path::PathBuf;

/// What an operator says.
pub struct Wish {
    /// The token's text.
    pub token: String,
    /// What the rack is to be called; as the machine if none.
    pub hostname: Option<String>,
    /// Region nodes to go to instead of those that the token names.
    pub regions: Vec<Endpoint>,
    /// What to do where the machine is a rack of that region.
    pub standing: Standing,
}

/// What to do with a machine that is a rack of that region already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Leave it as it is.
    Keep,
    /// Take it in again: the region has forgotten its key.
    Again,
}

/// It has joined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Joined {
    /// Who it is.
    pub identity: Identity,
    /// What is not as it should be, for people.
    pub remarks: Vec<String>,
}

/// Why a machine does not join.
#[derive(Debug, thiserror::Error)]
pub enum JoinError {
    /// The text is no token.
    #[error("this is no token to join with")]
    Token(#[from] RackTokenTextError),
    /// The name is none.
    #[error("`{0}` cannot be the rack's name, say another with --hostname")]
    Hostname(String, #[source] HostnameError),
    /// The state directory cannot be used.
    #[error("the state directory cannot be used; if the agent is running, stop it first")]
    Store(#[from] StoreError),
    /// It is a rack of that region.
    #[error(
        "this machine is {0} of that region already: start the agent. Only if the region does not know it any more, join \
         with --again"
    )]
    IsRack(String),
    /// It is a rack of another region.
    #[error(
        "this machine is {system_id} of cluster {cluster_id}, and a rack cannot move to another region yet: \
         delete it there, wait until its leases have run out, move {} away and join again",
        state_dir.display()
    )]
    IsRackElsewhere {
        /// Who it is.
        system_id: String,
        /// Of which region.
        cluster_id: String,
        /// Where it is written.
        state_dir: PathBuf,
    },
    /// The configuration forbids to speak to any of the nodes.
    #[error(
        "none of the region's nodes ({}) is on this host, and nothing protects what is said to others yet: in \
         a trusted network set `insecure_no_auth = true` in the configuration",
        named(.0)
    )]
    Exposed(Vec<Endpoint>),
    /// The system does not tell its interfaces.
    #[error("the network interfaces of this machine cannot be listed")]
    Interfaces(#[source] io::Error),
    /// The region does not take it, or nobody knows.
    #[error(transparent)]
    Enrol(#[from] EnrolError),
    /// The rack is made, and its key is lost.
    #[error(
        "the region has made it {0}, but that could not be written down: make another token with \
         `regent token create rack --for {0}` and join with that"
    )]
    NotWritten(String, #[source] StoreError),
}

/// Joins. Blocks the thread while it writes.
///
/// # Errors
/// [`JoinError`]; the token is used up only where that says so.
pub async fn join(config: &Config, wish: Wish) -> Result<Joined, JoinError> {
    let token = RackTokenText::parse(&wish.token)?;
    let hostname = named_as(wish.hostname)?;
    let (mut store, _remembered) = Store::open(&config.state_dir)?;
    check_new(&store, &token, wish.standing, config)?;
    let regions = reachable(&token, wish.regions, config)?;
    let interfaces = machine::told_interfaces(config).map_err(JoinError::Interfaces)?;
    let version = env!("CARGO_PKG_VERSION").to_owned();
    let candidate = Candidate { token: wish.token, hostname, interfaces, version };
    let enrolled = enrol(&regions, &candidate, &Pace::default()).await?;
    let identity = enrolled.identity;
    let written = store.enrolled(&identity);
    written.map_err(|error| JoinError::NotWritten(identity.system_id.clone(), error))?;
    let mut remarks: Vec<String> = store.losses().iter().map(ToString::to_string).collect();
    let told = enrolled.nodes.into_iter().map(|node| node.api).filter(config.permits());
    let told: Vec<Endpoint> = told.collect();
    let known = if told.is_empty() { &regions } else { &told };
    if let Err(error) = nodes::write(&config.state_dir, known) {
        remarks
            .push(format!("name a region node in `regions`, they could not be written: {error}"));
    }
    Ok(Joined { identity, remarks })
}

fn named_as(hostname: Option<String>) -> Result<String, JoinError> {
    match hostname {
        Some(text) => match Hostname::new(&text) {
            Ok(_) => Ok(text),
            Err(error) => Err(JoinError::Hostname(text, error)),
        },
        None => Ok(machine::hostname().map_or_else(|| "rack".to_owned(), |name| name.to_string())),
    }
}

fn check_new(
    store: &Store,
    token: &RackTokenText,
    standing: Standing,
    config: &Config,
) -> Result<(), JoinError> {
    let Some(identity) = store.identity() else { return Ok(()) };
    let Identity { cluster_id, system_id, key: _ } = identity.clone();
    if cluster_id == token.cluster_id {
        return match standing {
            Standing::Keep => Err(JoinError::IsRack(system_id)),
            Standing::Again => Ok(()),
        };
    }
    let state_dir = config.state_dir.clone();
    Err(JoinError::IsRackElsewhere { system_id, cluster_id, state_dir })
}

/// The nodes that may be spoken to, each once.
fn reachable(
    token: &RackTokenText,
    regions: Vec<Endpoint>,
    config: &Config,
) -> Result<Vec<Endpoint>, JoinError> {
    let told = || token.nodes.iter().filter_map(|node| node.parse().ok()).collect();
    let mut all: Vec<Endpoint> = if regions.is_empty() { told() } else { regions };
    if all.is_empty() {
        all.clone_from(&config.regions);
    }
    let permitted: Vec<Endpoint> = all.iter().filter(|n| (config.permits())(n)).cloned().collect();
    if permitted.is_empty() { Err(JoinError::Exposed(all)) } else { Ok(permitted) }
}

fn named(nodes: &[Endpoint]) -> String {
    nodes.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}
