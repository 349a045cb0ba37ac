//! Somebody who takes addresses of the small subnet and gives them back, and now and then asks how full it is.

use crate::chaos::dice::Dice;
use crate::chaos::workload::place::Ground;
use crate::chaos::workload::reply::Reply;
use crate::chaos::workload::session::Session;
use regent_check::history::line::{Function, Level, Operation, Revision, Verdict};
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::sleep;

/// Pause between two operations.
const PAUSE: Duration = Duration::from_millis(60);
/// Pause before a request is tried again, and how often it is tried.
const RETRY_PAUSE: Duration = Duration::from_millis(100);
const TRIES: usize = 4;
/// Addresses one holds at most; all together want more than there are.
const HOLDS_MAX: usize = 6;
/// What the subnet is called in the history.
const KEY: &str = "small";

/// A tenant.
pub struct Tenant {
    number: u64,
    ground: Arc<Ground>,
    http: Client,
    dice: Dice,
    session: Session,
    asked: u64,
    /// The addresses it holds, each with the number it has.
    holds: Vec<(u64, String)>,
}

/// A write, as it is asked for.
struct Wish {
    function: Function,
    input: Value,
    path: String,
    body: Option<Value>,
}

impl Tenant {
    /// The `number`th.
    #[must_use]
    pub const fn new(
        number: u64,
        ground: Arc<Ground>,
        http: Client,
        dice: Dice,
        session: Session,
    ) -> Self {
        Self { number, ground, http, dice, session, asked: 0, holds: Vec::new() }
    }

    /// Works until it is told to stop; tells all it did.
    pub async fn work(mut self, stopped: watch::Receiver<bool>) -> Vec<Operation> {
        while !*stopped.borrow() {
            match self.dice.between(0, 4) {
                0 => self.look().await,
                1 | 2 if self.holds.len() < HOLDS_MAX => self.take().await,
                _ => self.give_back().await,
            }
            sleep(PAUSE).await;
        }
        self.session.end()
    }

    async fn look(&mut self) {
        let ground = Arc::clone(&self.ground);
        let chosen = self.dice.between(0, ground.nodes.len() as u64);
        let node = &ground.nodes[usize::try_from(chosen).unwrap_or_default()];
        let path = format!("http://{}/v1/subnets/{}/utilization", node.api, ground.subnet);
        let asked = self.session.now();
        let reply = Reply::to(self.http.get(path)).await;
        let mut operation = Operation {
            key: Some(KEY.to_owned()),
            level: Some(Level::Lin),
            ..self.session.asked(Function::Usage, &node.name, asked)
        };
        if let Some(answer) = reply.success() {
            let count = |name: &str| answer.body[name].clone();
            operation.verdict = Verdict::Ok;
            operation.revision = answer.revision.map(Revision);
            operation.output = Some(json!({
                "total": count("total_addresses"),
                "used": count("num_unavailable"),
                "free": count("num_available"),
            }));
        }
        self.session.note(operation);
    }

    async fn take(&mut self) {
        let wish = Wish {
            function: Function::Alloc,
            input: json!({ "client": self.name() }),
            path: format!("/v1/subnets/{}/allocations", self.ground.subnet),
            body: Some(json!({})),
        };
        if let Some(made) = self.ask(&wish).await {
            let made = made.pointer("/items/0").cloned().unwrap_or(made);
            if let (Some(id), Some(address)) = (made["id"].as_u64(), made["ip"].as_str()) {
                self.holds.push((id, address.to_owned()));
            }
        }
    }

    async fn give_back(&mut self) {
        let Some((id, address)) = self.holds.pop() else { return };
        let wish = Wish {
            function: Function::Release,
            input: json!({ "client": self.name(), "addr": address }),
            path: format!("/v1/ip-addresses/{id}"),
            body: None,
        };
        // Whatever becomes of it, it is not held any more by whoever asked.
        drop(self.ask(&wish).await);
    }

    fn name(&self) -> String {
        format!("tenant-{}", self.number)
    }

    /// Tries until it is certain what became of it, or often enough; the answer if it was done.
    async fn ask(&mut self, wish: &Wish) -> Option<Value> {
        self.asked += 1;
        let ground = Arc::clone(&self.ground);
        let first = usize::try_from(self.dice.between(0, ground.nodes.len() as u64)).ok()?;
        let (key, mut is_open) = (format!("{}-{}", self.name(), self.asked), false);
        for attempt in 0..TRIES {
            let node = &ground.nodes[(first + attempt) % ground.nodes.len()];
            let asked = self.session.now();
            let reply =
                Reply::to(self.request(wish, &node.api).header("Idempotency-Key", &key)).await;
            let mut operation = Operation {
                key: Some(KEY.to_owned()),
                input: Some(wish.input.clone()),
                request_id: Some(key.clone()),
                verdict: reply.verdict(),
                ..self.session.asked(wish.function, &node.name, asked)
            };
            let verdict = operation.verdict;
            let done = reply.success();
            if let Some(answer) = done {
                operation.revision = answer.revision.map(Revision);
                let made = answer.body.pointer("/items/0").unwrap_or(&answer.body);
                operation.output = made["ip"].as_str().map(|address| json!({ "addr": address }));
            } else {
                operation.output = reply.why();
            }
            self.session.note(operation);
            if let Some(answer) = done {
                return Some(answer.body.clone());
            }
            is_open |= verdict == Verdict::Unknown;
            if verdict == Verdict::Fail && !is_open {
                return None;
            }
            sleep(RETRY_PAUSE).await;
        }
        self.session.retire();
        None
    }

    fn request(&self, wish: &Wish, api: &str) -> RequestBuilder {
        let url = format!("http://{api}{}", wish.path);
        match &wish.body {
            Some(body) => self.http.post(url).json(body),
            None => self.http.delete(url),
        }
    }
}
