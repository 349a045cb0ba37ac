//! A repeated write is applied once and answers the same: by session, by key, and across a snapshot.
#![allow(clippy::unwrap_used, reason = "tests may fail loudly")]

use regent_core::apply::{Applied, apply};
use regent_core::command::domain::DomainCommand;
use regent_core::command::session::SessionCommand;
use regent_core::command::{ClientKey, Command, Origin, Proposal, Request};
use regent_core::id::SessionId;
use regent_core::model::domain::Domain;
use regent_core::outcome::Outcome;
use regent_core::rejection::Rejection;
use regent_core::snapshot::{self, Loader};
use regent_core::state::State;
use regent_core::state::idempotency::{KEY_LIFE, KEYS_BYTES_MAX};
use regent_core::state::meta::Meta;
use regent_core::state::session::IDLE_MAX;
use regent_core::time::{ClusterTime, WallTime};

/// A state machine and the index of its next entry.
struct Machine {
    state: State,
    next: u64,
    now: ClusterTime,
}

impl Machine {
    fn new() -> Self {
        Self { state: State::new(Meta::default()), next: 1, now: ClusterTime(0) }
    }

    fn apply(&mut self, request: Request) -> Applied {
        let proposal = Proposal { at: self.now, wall: WallTime(0), request };
        let applied = apply(&self.state, self.next, &proposal);
        self.next += 1;
        self.state = applied.state.clone();
        applied
    }

    fn open_session(&mut self) -> SessionId {
        let open = Command::Session(SessionCommand::Open { holder: "r1".into() });
        match self.apply(request(open)).reply.result {
            Ok(Outcome::SessionOpened(id)) => id,
            other => panic!("{other:?}"),
        }
    }
}

fn request(command: Command) -> Request {
    Request { principal: "admin".into(), origin: None, key: None, guards: Vec::new(), command }
}

fn create_domain(name: &str) -> Command {
    let domain = Domain::new(name.parse().unwrap());
    Command::Domain(DomainCommand::Create(domain))
}

fn numbered(session: SessionId, sequence: u64, floor: u64, name: &str) -> Request {
    let origin = Some(Origin { session, sequence, floor });
    Request { origin, ..request(create_domain(name)) }
}

fn keyed(key: &str, name: &str) -> Request {
    let key = ClientKey { key: key.into(), request_hash: [name.len().try_into().unwrap(); 32] };
    Request { key: Some(key), ..request(create_domain(name)) }
}

fn through_snapshot(state: &State) -> State {
    let mut loader = Loader::default();
    snapshot::write(state, &mut |record| loader.record(record)).unwrap();
    loader.finish().unwrap()
}

#[test]
fn write_repeated_in_its_session_answers_the_same_and_changes_nothing() {
    let mut machine = Machine::new();
    let session = machine.open_session();
    let first = machine.apply(numbered(session, 1, 1, "one.example"));
    let again = machine.apply(numbered(session, 1, 1, "one.example"));
    assert_eq!(again.reply.result, first.reply.result);
    assert_eq!(again.reply.revision, first.reply.revision);
    assert!(again.reply.replayed && again.changes.is_empty());
    assert_eq!(machine.state.tables().domains.len(), 1);
}

#[test]
fn refusal_is_kept_like_any_outcome() {
    let mut machine = Machine::new();
    let session = machine.open_session();
    machine.apply(request(create_domain("one.example")));
    let refused = machine.apply(numbered(session, 1, 1, "one.example"));
    assert_eq!(refused.reply.result.as_ref().unwrap_err().code(), "not_unique");
    let again = machine.apply(numbered(session, 1, 1, "one.example"));
    assert_eq!(again.reply.result, refused.reply.result);
}

#[test]
fn write_below_the_floor_is_not_applied() {
    let mut machine = Machine::new();
    let session = machine.open_session();
    machine.apply(numbered(session, 1, 1, "one.example"));
    machine.apply(numbered(session, 2, 2, "two.example"));
    let late = machine.apply(numbered(session, 1, 1, "one.example"));
    assert_eq!(late.reply.result, Err(Rejection::SessionUnknown));
    assert_eq!(machine.state.tables().session_replies.len(), 1);
}

#[test]
fn unused_session_ends_by_cluster_time() {
    let mut machine = Machine::new();
    let session = machine.open_session();
    machine.now = ClusterTime(0).after(IDLE_MAX);
    let late = machine.apply(numbered(session, 1, 1, "one.example"));
    assert_eq!(late.reply.result, Err(Rejection::SessionUnknown));
}

#[test]
fn key_answers_the_same_for_a_day_and_is_refused_for_another_request() {
    let mut machine = Machine::new();
    let first = machine.apply(keyed("k", "one.example"));
    machine.state = through_snapshot(&machine.state);
    let again = machine.apply(keyed("k", "one.example"));
    assert_eq!(again.reply.result, first.reply.result);
    assert!(again.reply.replayed);
    let other = machine.apply(keyed("k", "another.example"));
    assert_eq!(other.reply.result, Err(Rejection::KeyReused));
    machine.now = ClusterTime(0).after(KEY_LIFE);
    let next_day = machine.apply(keyed("k", "another.example"));
    assert!(next_day.reply.result.is_ok());
}

#[test]
fn snapshot_brings_back_the_same_state_and_digest() {
    let mut machine = Machine::new();
    let session = machine.open_session();
    for number in 1..=20 {
        machine.apply(numbered(session, number, 1, &format!("d{number}.example")));
    }
    let loaded = through_snapshot(&machine.state);
    assert_eq!(loaded, machine.state);
    assert_eq!(loaded.digest(), machine.state.digest());
}

#[test]
fn time_never_goes_back() {
    let mut machine = Machine::new();
    machine.now = ClusterTime(5000);
    machine.apply(request(Command::Tick));
    machine.now = ClusterTime(10);
    machine.apply(request(Command::Tick));
    assert_eq!(machine.state.meta().now, ClusterTime(5000));
}

#[test]
fn kept_answers_are_bounded_in_bytes_until_they_are_forgotten() {
    let mut machine = Machine::new();
    let keyed = |key: String, name: &str| {
        let key = Some(ClientKey { key, request_hash: [7; 32] });
        Request { key, ..request(create_domain(name)) }
    };
    machine.apply(keyed("first".into(), "a.example"));
    let kept = machine.state.meta().key_bytes;
    assert!(kept > 0);
    let mut full = machine.state.meta().clone();
    full.key_bytes = KEYS_BYTES_MAX;
    assert!(kept < KEYS_BYTES_MAX, "so one more is taken");
    machine.now = ClusterTime(machine.now.0 + KEY_LIFE.0);
    machine.apply(request(Command::Tick));
    assert_eq!(machine.state.meta().key_bytes, 0, "what is forgotten counts no more");
    let mut machine = Machine { state: State::new(full), next: 1, now: ClusterTime(0) };
    let refused = machine.apply(keyed("second".into(), "b.example")).reply.result;
    assert!(matches!(refused, Err(Rejection::Limit { max: KEYS_BYTES_MAX, .. })), "{refused:?}");
    assert!(machine.apply(request(create_domain("b.example"))).reply.result.is_ok());
}
