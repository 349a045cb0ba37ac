//! A client that reads, writes and compares-and-sets registers, through any node; a request whose fate is open is tried
//! again under its key, through other nodes.

use crate::chaos::dice::Dice;
use crate::chaos::workload::place::{Ground, Register, quoted, unquoted};
use crate::chaos::workload::reply::{Answer, Reply};
use crate::chaos::workload::session::Session;
use regent_check::history::line::{Function, Level, Operation, Revision, Verdict};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio::time::sleep;

/// Pause between two operations.
const PAUSE: Duration = Duration::from_millis(30);
/// Pause before a request is tried again, and how often it is tried.
const RETRY_PAUSE: Duration = Duration::from_millis(100);
const TRIES: usize = 4;

/// A client of registers.
pub struct RegisterClient {
    number: u64,
    ground: Arc<Ground>,
    http: Client,
    dice: Dice,
    session: Session,
    written: u64,
    /// The highest revision it was told.
    seen: u64,
}

/// What a register held, and the mark of that state.
struct State {
    value: Value,
    etag: String,
}

impl RegisterClient {
    /// The `number`th.
    #[must_use]
    pub const fn new(
        number: u64,
        ground: Arc<Ground>,
        http: Client,
        dice: Dice,
        session: Session,
    ) -> Self {
        Self { number, ground, http, dice, session, written: 0, seen: 0 }
    }

    /// Works until it is told to stop; tells all it did.
    pub async fn work(mut self, stopped: watch::Receiver<bool>) -> Vec<Operation> {
        let began = Instant::now();
        while !*stopped.borrow() {
            let ground = Arc::clone(&self.ground);
            let in_use = ground.in_use(began.elapsed());
            let register = &in_use[self.below(in_use.len())];
            match self.below(10) {
                0..4 => drop(self.read(register, Freshness::Linearizable).await),
                4 => drop(self.read(register, Freshness::Session).await),
                5 => drop(self.read(register, Freshness::Stale).await),
                6..8 => self.write(register).await,
                _ => self.compare_and_set(register).await,
            }
            sleep(PAUSE).await;
        }
        self.session.end()
    }

    /// Reads each register at each node, once, and ends.
    pub async fn read_all(mut self) -> Vec<Operation> {
        let ground = Arc::clone(&self.ground);
        for register in &ground.registers {
            for node in 0..ground.nodes.len() {
                self.read_at(node, register, Freshness::Linearizable).await;
            }
        }
        self.session.end()
    }

    fn below(&mut self, count: usize) -> usize {
        usize::try_from(self.dice.between(0, count as u64)).unwrap_or_default()
    }

    async fn read(&mut self, register: &Register, freshness: Freshness) -> Option<State> {
        let node = self.below(self.ground.nodes.len());
        self.read_at(node, register, freshness).await
    }

    async fn read_at(
        &mut self,
        node: usize,
        register: &Register,
        freshness: Freshness,
    ) -> Option<State> {
        let ground = Arc::clone(&self.ground);
        let (place, seen) = (&ground.nodes[node], self.seen);
        let how = match freshness {
            Freshness::Linearizable => String::new(),
            Freshness::Session => format!("?consistency=stale&wait=2s&min_revision={seen}"),
            // Without a limit a node that has just been started shows what it found, which may be less than it showed before.
            Freshness::Stale => "?consistency=stale&max_stale=30s".to_owned(),
        };
        let path = format!("http://{}/v1/dns-records/{}{how}", place.api, register.record);
        let asked = self.session.now();
        let reply = Reply::to(self.http.get(path)).await;
        let mut operation = Operation {
            key: Some(register.key.clone()),
            ..self.session.asked(Function::Read, &place.name, asked)
        };
        let answer = reply.success();
        operation.level = match freshness {
            Freshness::Linearizable => Some(Level::Lin),
            Freshness::Session => Some(Level::Session { min_revision: Revision(seen) }),
            Freshness::Stale => {
                let age_ms = answer.and_then(|answer| answer.age_ms).unwrap_or_default();
                Some(Level::Stale { age_ms })
            }
        };
        let state = answer.and_then(state_in);
        if let (Some(answer), Some(state)) = (answer, &state) {
            operation.verdict = Verdict::Ok;
            operation.output = Some(state.value.clone());
            operation.revision = answer.revision.map(Revision);
            // What is stale may be older than what was seen before.
            self.seen = self.seen.max(answer.revision.unwrap_or_default());
        }
        self.session.note(operation);
        state
    }

    async fn write(&mut self, register: &Register) {
        let value = self.new_value();
        let asked_for = Change { register, value: value.clone(), condition: None };
        self.change(asked_for, Function::Write, value.into()).await;
    }

    async fn compare_and_set(&mut self, register: &Register) {
        let Some(State { value: old, etag }) = self.read(register, Freshness::Linearizable).await
        else {
            return;
        };
        let value = self.new_value();
        let input = json!({ "old": old, "new": value });
        let asked_for = Change { register, value, condition: Some(etag) };
        self.change(asked_for, Function::Cas, input).await;
    }

    fn new_value(&mut self) -> String {
        self.written += 1;
        format!("v{}-{}", self.number, self.written)
    }

    /// Tries until it is certain what became of it, or often enough.
    async fn change(&mut self, change: Change<'_>, function: Function, input: Value) {
        let ground = Arc::clone(&self.ground);
        let first = self.below(ground.nodes.len());
        let key = format!("reg-{}-{}", self.number, self.written);
        let body = json!({ "rrtype": "TXT", "rrdata": quoted(&change.value) });
        let mut is_open = false;
        for attempt in 0..TRIES {
            let place = &ground.nodes[(first + attempt) % ground.nodes.len()];
            let path = format!("http://{}/v1/dns-records/{}", place.api, change.register.record);
            let request = self.http.patch(path).header("Idempotency-Key", &key);
            let request = match &change.condition {
                Some(etag) => request.header("If-Match", etag),
                None => request,
            };
            let asked = self.session.now();
            let reply = Reply::to(request.json(&body)).await;
            let mut operation = Operation {
                key: Some(change.register.key.clone()),
                input: Some(input.clone()),
                request_id: Some(key.clone()),
                verdict: reply.verdict(),
                ..self.session.asked(function, &place.name, asked)
            };
            if let Some(answer) = reply.success() {
                operation.revision = answer.revision.map(Revision);
                self.seen = self.seen.max(answer.revision.unwrap_or_default());
                operation.output = change.condition.as_ref().map(|_| true.into());
            } else if change.condition.is_some() && has_changed(&reply) {
                operation.verdict = Verdict::Ok;
                operation.output = Some(false.into());
            } else {
                operation.output = reply.why();
            }
            let verdict = operation.verdict;
            self.session.note(operation);
            is_open |= verdict == Verdict::Unknown;
            if verdict == Verdict::Ok || (verdict == Verdict::Fail && !is_open) {
                return;
            }
            sleep(RETRY_PAUSE).await;
        }
        self.session.retire();
    }
}

/// How fresh a read has to be.
#[derive(Clone, Copy)]
enum Freshness {
    Linearizable,
    Session,
    Stale,
}

/// A change that is asked for.
struct Change<'a> {
    register: &'a Register,
    value: String,
    /// The state it is to be a change of.
    condition: Option<String>,
}

fn state_in(answer: &Answer) -> Option<State> {
    let value = unquoted(answer.body["rrdata"].as_str()?).into();
    Some(State { value, etag: answer.etag.clone()? })
}

/// Whether the answer is that the register holds something else by now.
fn has_changed(reply: &Reply) -> bool {
    match reply {
        Reply::Answer(answer) => answer.status == StatusCode::PRECONDITION_FAILED,
        Reply::NotSent | Reply::Lost => false,
    }
}
