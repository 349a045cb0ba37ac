//! `rack-agent join`: a machine becomes a rack of the region that a token is of, and remembers who it is.
//!
//! The state directory is taken before the token is shown: a token is good once, and what it brings has to be kept. A rack of
//! another region leaves that first. After each step the same can be begun again: it is a rack of the old region that holds
//! nothing alone; one of no region; one of the new region.

use crate::carried::{self, CARRIED_FILE};
use crate::clock::sample::Sample;
use crate::config::Config;
use crate::endpoint::Endpoint;
use crate::leaving::{Leaving, LeavingError};
use crate::machine;
use crate::region::enrol::{Candidate, EnrolError, check_token, enrol};
use crate::region::leave::Released;
use crate::region::pace::Pace;
use crate::remembered::{Identity, Remembered};
use crate::store::nodes;
use crate::store::open::Store;
use crate::store::trouble::StoreError;
use regent_core::model::hostname::{Hostname, HostnameError};
use regent_core::model::rack_token_text::{RackTokenText, RackTokenTextError};
use std::io;
use std::path::PathBuf;
use std::time::Duration;

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
    /// What to do where it is a rack of another one.
    pub farewell: Farewell,
    /// How long that region is waited for.
    pub patience: Duration,
}

/// How a rack leaves its region for another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Farewell {
    /// That lets it go, or it stays.
    Orderly,
    /// It goes in any case. What the old region believes that the rack may do alone runs out there as for one that died.
    Abandoning,
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
    /// Leases that the new region has to be told of: a file that `regent import kea-leases` reads. None if it carried none.
    pub carried: Option<PathBuf>,
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
    /// It is a rack of another region, which does not let it go.
    #[error(
        "this machine stays {0:?}, but holds nothing alone any more: join again, or with --abandon if that region is gone for \
         good"
    )]
    NotLetGo(Identity, #[source] Box<LeavingError>),
    /// What it carries could not be written.
    #[error("the leases it carries could not be written to {}: join again", .0.display())]
    NotCarried(PathBuf, #[source] io::Error),
    /// It has left its region, and the new one does not take it.
    #[error("this machine has left its region and belongs to none now: join again")]
    NotTaken(#[source] EnrolError),
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
    let (mut store, remembered) = Store::open(&config.state_dir)?;
    let elsewhere = elsewhere(&store, &token, wish.standing)?;
    let regions = reachable(&token, wish.regions, config)?;
    let interfaces = machine::told_interfaces(config).map_err(JoinError::Interfaces)?;
    let mut remarks: Vec<String> = store.losses().iter().map(ToString::to_string).collect();
    if let Some(identity) = &elsewhere {
        // A rack that nobody takes should not have left.
        check_token(&regions, &wish.token, &Pace::default()).await?;
        let how = (wish.farewell, wish.patience);
        remarks.extend(part(&mut store, remembered, (config, identity), how).await?);
    }
    let version = env!("CARGO_PKG_VERSION").to_owned();
    let candidate = Candidate { token: wish.token, hostname, interfaces, version };
    let enrolled = enrol(&regions, &candidate, &Pace::default()).await;
    let enrolled = enrolled.map_err(|error| match elsewhere {
        Some(_) => JoinError::NotTaken(error),
        None => JoinError::Enrol(error),
    })?;
    // What an attempt before this one has left behind is carried now.
    let is_new = store.identity().is_none();
    let identity = enrolled.identity;
    let told: Vec<Endpoint> = enrolled.nodes.into_iter().map(|node| node.api).collect();
    remarks.extend(configured_elsewhere(&config.regions, &[&regions[..], &told].concat()));
    let permitted = told.into_iter().filter(config.permits()).collect::<Vec<_>>();
    let known = if permitted.is_empty() { &regions } else { &permitted };
    // First: a rack of this region must not know the nodes of the one before alone.
    if let Err(error) = nodes::write(&config.state_dir, known) {
        remarks
            .push(format!("name a region node in `regions`, they could not be written: {error}"));
    }
    let written = store.enrolled(&identity);
    written.map_err(|error| JoinError::NotWritten(identity.system_id.clone(), error))?;
    let carried = config.state_dir.join(CARRIED_FILE);
    let carried = (is_new && carried.exists()).then_some(carried);
    Ok(Joined { identity, remarks, carried })
}

/// Leaves the old region: what it carries is written before it is nobody's rack. Returns what is not as it should be.
async fn part(
    store: &mut Store,
    remembered: Remembered,
    (config, identity): (&Config, &Identity),
    (farewell, patience): (Farewell, Duration),
) -> Result<Option<String>, JoinError> {
    let not_let_go = |error| JoinError::NotLetGo(identity.clone(), Box::new(error));
    let mut leaving = Leaving::begin(store, remembered).map_err(not_let_go)?;
    let told = leaving.tell(config, identity, patience).await;
    let remark = match (told, farewell) {
        (Ok(Released::Now), _) => None,
        (Ok(Released::Before), _) => Some("the old region did not know it any more".to_owned()),
        (Err(error), Farewell::Orderly) => return Err(not_let_go(error)),
        (Err(error), Farewell::Abandoning) => {
            Some(format!("the old region was left without a word: {error}"))
        }
    };
    let (sample, file) = (Sample::now(), config.state_dir.join(CARRIED_FILE));
    let leases = leaving.duty.carried();
    carried::write(&config.state_dir, &leases, (sample.boot, sample.wall))
        .map_err(|error| JoinError::NotCarried(file, error))?;
    store.left()?;
    Ok(remark)
}

/// What to tell where the configuration names nodes, and none of those the region is known by.
fn configured_elsewhere(configured: &[Endpoint], known: &[Endpoint]) -> Option<String> {
    let is_elsewhere = !configured.is_empty() && !configured.iter().any(|one| known.contains(one));
    is_elsewhere.then(|| {
        let (configured, known) = (named(configured), named(known));
        format!("`regions` in the configuration names {configured}, the region is at {known}: correct it")
    })
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

/// Who it is in another region, if it is a rack of one.
fn elsewhere(
    store: &Store,
    token: &RackTokenText,
    standing: Standing,
) -> Result<Option<Identity>, JoinError> {
    let Some(identity) = store.identity() else { return Ok(None) };
    if identity.cluster_id != token.cluster_id {
        return Ok(Some(identity.clone()));
    }
    match standing {
        Standing::Keep => Err(JoinError::IsRack(identity.system_id.clone())),
        Standing::Again => Ok(None),
    }
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
