//! The state machine: from a state and one log entry to the next state (DESIGN D4).
//!
//! Total, synchronous, deterministic. Refusals are results. A panic is caught and becomes the result `internal`: the
//! same on every node, with nothing of the command applied.

pub mod budget;
pub mod draft;

mod alias;
mod allocate;
mod api_token;
mod availability_zone;
mod bmc;
mod boot;
mod cut_over;
mod depth;
mod dhcp_service;
mod dhcp_snippet;
mod digest;
mod dns_data;
mod dns_resource;
mod domain;
mod event;
mod expire;
mod fabric;
mod fixed_address;
mod foreign_lease;
mod guard;
mod idempotency;
mod import;
mod interface;
mod ip_range;
mod lease;
mod link;
mod member;
mod names_within;
mod node;
mod noun;
mod owner_data;
mod parameters;
mod pool_level;
mod rack;
mod rack_event;
mod rack_token;
mod reserved_ip;
mod resource_pool;
mod ring;
mod secret;
mod session;
mod setting;
mod site;
mod space;
mod static_ip_address;
mod static_route;
mod subnet;
mod tag;
mod terms;
mod text;
mod user;
mod vlan;
mod zone_serial;

use crate::apply::draft::Draft;
use crate::change::Change;
use crate::command::{BATCH_STEPS_MAX, Command, Proposal, Request};
use crate::outcome::Outcome;
use crate::rejection::Rejection;
use crate::revision::Revision;
use crate::state::State;
use crate::state::session::KeptReply;
use crate::time::{ClusterTime, WallTime};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What applying one entry came to.
#[derive(Clone, Debug)]
pub struct Applied {
    /// The state after it.
    pub state: State,
    /// The answer to whoever proposed it.
    pub reply: Reply,
    /// What it touched, for watchers.
    pub changes: Vec<Change>,
    /// Whether the whole site is another one now: then no changes are told, and whoever follows them starts anew.
    pub is_replaced: bool,
}

/// The answer to one request.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Reply {
    /// Revision at which it was applied: the first time, if it was a repetition.
    pub revision: Revision,
    /// What it came to.
    pub result: Result<Outcome, Rejection>,
    /// Whether this is the kept answer of an earlier application.
    pub replayed: bool,
}

/// Applies the proposal at `index` of the log.
#[must_use]
pub fn apply(state: &State, index: u64, proposal: &Proposal) -> Applied {
    caught(state, index, proposal.at, |draft| run(draft, &proposal.request), proposal.wall)
}

/// Applies an entry that asks nothing (a leader's first entry, a membership change): only the revision moves.
#[must_use]
pub fn blank(state: &State, index: u64) -> State {
    Draft::begin(state, index, ClusterTime::default(), WallTime::default()).into_state()
}

fn caught(
    state: &State,
    index: u64,
    at: ClusterTime,
    work: impl FnOnce(&mut Draft) -> Reply,
    wall: WallTime,
) -> Applied {
    let attempt = catch_unwind(AssertUnwindSafe(|| {
        let mut draft = Draft::begin(state, index, at, wall);
        let reply = work(&mut draft);
        let changes = draft.changes();
        dhcp_service::follow(&mut draft, &changes);
        zone_serial::follow(state, &mut draft, &changes);
        pool_level::follow(state, &mut draft);
        ring::push(&mut draft, &changes);
        let is_replaced = draft.is_replaced();
        Applied { state: draft.into_state(), reply, changes, is_replaced }
    }));
    attempt.unwrap_or_else(|panic| {
        let state = blank(state, index);
        let revision = state.meta().revision;
        let result = Err(Rejection::Internal(panic_text(panic.as_ref())));
        let reply = Reply { revision, result, replayed: false };
        Applied { state, reply, changes: Vec::new(), is_replaced: false }
    })
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let owned = panic.downcast_ref::<String>().map(String::as_str);
    text.or(owned).unwrap_or("panic without a message").to_owned()
}

fn run(draft: &mut Draft, request: &Request) -> Reply {
    expire::run(draft);
    if let Some(kept) = repeated(draft, request) {
        return kept;
    }
    let result = attempt(draft, |draft| {
        import::admit(draft, &request.command)?;
        guard::check(draft, &request.guards)?;
        counted(draft, &request.command)
    });
    draft.stop_counting();
    let kept = KeptReply { revision: draft.revision(), result: result.clone() };
    session::keep(draft, request.origin, &kept);
    idempotency::keep(draft, &request.principal, request.key.as_ref(), kept);
    Reply { revision: draft.revision(), result, replayed: false }
}

/// The answer if the request needs none of its own: it is a repetition, or it cannot be told from one.
fn repeated(draft: &mut Draft, request: &Request) -> Option<Reply> {
    let answer = session::repeated(draft, request.origin)
        .and_then(|kept| match kept {
            Some(kept) => Ok(Some(kept)),
            None => idempotency::repeated(draft, &request.principal, request.key.as_ref()),
        })
        .transpose()?;
    Some(match answer {
        Ok(kept) => Reply { revision: kept.revision, result: kept.result, replayed: true },
        Err(refused) => Reply { revision: draft.revision(), result: Err(refused), replayed: false },
    })
}

/// Runs `work`; if it refuses, everything it did is undone.
fn attempt<T>(
    draft: &mut Draft,
    work: impl FnOnce(&mut Draft) -> Result<T, Rejection>,
) -> Result<T, Rejection> {
    let before = draft.checkpoint();
    let result = work(draft);
    if result.is_err() {
        draft.roll_back(before);
    }
    result
}

/// Runs a command within what one request may do. An import brings in a whole site, a bounded piece at a time.
fn counted(draft: &mut Draft, wanted: &Command) -> Result<Outcome, Rejection> {
    if let Command::Import(step) = wanted {
        return import::run(draft, step);
    }
    draft.start_counting();
    let outcome = command(draft, wanted)?;
    draft.within_budget()?;
    Ok(outcome)
}

fn command(draft: &mut Draft, command: &Command) -> Result<Outcome, Rejection> {
    match command {
        Command::Tick => Ok(Outcome::Done),
        Command::Digest(step) => {
            digest::note(draft, step);
            Ok(Outcome::Done)
        }
        Command::Batch(steps) => batch(draft, steps).map(Outcome::Batch),
        Command::Session(session) => session::run(draft, session),
        Command::Domain(edit) => noun::run(draft, edit),
        Command::Node(node) => node::run(draft, node),
        Command::Member(member) => member::run(draft, member),
        Command::Interface(edit) => noun::run(draft, edit),
        Command::DnsResource(edit) => noun::run(draft, edit),
        Command::DnsData(edit) => noun::run(draft, edit),
        Command::AvailabilityZone(edit) => noun::run(draft, edit),
        Command::ResourcePool(edit) => noun::run(draft, edit),
        Command::Tag(edit) => noun::run(draft, edit),
        Command::Space(edit) => noun::run(draft, edit),
        Command::Fabric(edit) => noun::run(draft, edit),
        Command::Vlan(edit) => noun::run(draft, edit),
        Command::Subnet(edit) => noun::run(draft, edit),
        Command::IpRange(edit) => noun::run(draft, edit),
        Command::StaticRoute(edit) => noun::run(draft, edit),
        Command::ReservedIp(edit) => noun::run(draft, edit),
        Command::StaticIpAddress(edit) => noun::run(draft, edit),
        Command::DhcpSnippet(edit) => noun::run(draft, edit),
        Command::User(edit) => noun::run(draft, edit),
        Command::ApiToken(edit) => noun::run(draft, edit),
        Command::IssueToken(wish) => api_token::issue(draft, wish),
        Command::Link(link) => link::run(draft, link),
        Command::Bmc(bmc) => bmc::run(draft, bmc),
        Command::OwnerData(owner_data) => owner_data::run(draft, owner_data),
        Command::Secret(secret) => secret::run(draft, secret),
        Command::Setting(setting) => setting::run(draft, setting),
        Command::Lease(lease) => lease::run(draft, lease),
        Command::Rack(rack) => rack::run(draft, rack),
        Command::RackToken(token) => rack_token::run(draft, token),
        Command::Site(site) => site::run(draft, site),
        Command::AllocateAddress(wish) => allocate::run(draft, wish),
        Command::RecordEvent(event) => event::record(draft, event),
        Command::Either { guards, then, otherwise } => match guard::check(draft, guards) {
            Ok(()) => batch(draft, then).map(Outcome::Batch),
            Err(_) => batch(draft, otherwise).map(Outcome::Otherwise),
        },
        Command::Import(step) => import::run(draft, step),
    }
}

fn batch(draft: &mut Draft, steps: &[Command]) -> Result<Vec<Outcome>, Rejection> {
    if steps.len() > BATCH_STEPS_MAX {
        return Err(Rejection::Limit {
            what: "steps of a batch".into(),
            max: BATCH_STEPS_MAX as u64,
        });
    }
    let mut outcomes = Vec::with_capacity(steps.len());
    for (step, number) in steps.iter().zip(0_u32..) {
        let outcome = match step {
            Command::Batch(_) | Command::Either { .. } => {
                Err(Rejection::invalid("command", "a batch inside a batch"))
            }
            Command::Session(_) => Err(Rejection::invalid("command", "a session inside a batch")),
            Command::Tick
            | Command::Domain(_)
            | Command::Node(_)
            | Command::Member(_)
            | Command::Interface(_)
            | Command::AvailabilityZone(_)
            | Command::ResourcePool(_)
            | Command::Tag(_)
            | Command::Space(_)
            | Command::Fabric(_)
            | Command::Vlan(_)
            | Command::Subnet(_)
            | Command::IpRange(_)
            | Command::StaticRoute(_)
            | Command::ReservedIp(_)
            | Command::StaticIpAddress(_)
            | Command::DhcpSnippet(_)
            | Command::User(_)
            | Command::ApiToken(_)
            | Command::IssueToken(_)
            | Command::Link(_)
            | Command::Bmc(_)
            | Command::OwnerData(_)
            | Command::Secret(_)
            | Command::Setting(_)
            | Command::Lease(_)
            | Command::RackToken(_)
            | Command::Site(_)
            | Command::AllocateAddress(_)
            | Command::RecordEvent(_)
            | Command::Digest(_)
            | Command::DnsResource(_)
            | Command::DnsData(_) => command(draft, step),
            Command::Import(_) => Err(Rejection::invalid("command", "an import inside a batch")),
            Command::Rack(_) => Err(Rejection::invalid("command", "a rack's steps inside a batch")),
        }
        .map_err(|rejection| Rejection::Step { step: number, rejection: Box::new(rejection) })?;
        draft.within_budget()?;
        draft.step_done(&outcome);
        outcomes.push(outcome);
    }
    Ok(outcomes)
}
