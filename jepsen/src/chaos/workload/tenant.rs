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

    /// Looks at each node how full the subnet is and who has what of it, and ends. Only while nobody writes do counts and
    /// lists, which come from two requests, belong together.
    pub async fn look_finally(mut self) -> Vec<Operation> {
        for node in 0..self.ground.nodes.len() {
            self.look_at(node, With::List).await;
        }
        self.session.end()
    }

    async fn look(&mut self) {
        let chosen = self.dice.between(0, self.ground.nodes.len() as u64);
        self.look_at(usize::try_from(chosen).unwrap_or_default(), With::CountAlone).await;
    }

    async fn look_at(&mut self, node: usize, with: With) {
        let ground = Arc::clone(&self.ground);
        let (node, subnet) = (&ground.nodes[node], ground.subnet);
        let asked = self.session.now();
        let counted = self.get(&node.api, &format!("/v1/subnets/{subnet}/utilization")).await;
        let listed = match with {
            With::CountAlone => None,
            With::List => {
                let list = format!("/v1/ip-addresses?subnet={subnet}&limit=100");
                self.get(&node.api, &list).await.success().map(|answer| answer.body.clone())
            }
        };
        let mut operation = Operation {
            key: Some(KEY.to_owned()),
            level: Some(Level::Lin),
            ..self.session.asked(Function::Usage, &node.name, asked)
        };
        if let Some(counted) = counted.success() {
            operation.verdict = Verdict::Ok;
            operation.revision = counted.revision.map(Revision);
            operation.output = Some(usage(&counted.body, listed.as_ref()));
        }
        self.session.note(operation);
    }

    async fn get(&self, api: &str, path: &str) -> Reply {
        Reply::to(self.http.get(format!("http://{api}{path}"))).await
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

/// What a look at the subnet includes.
#[derive(Clone, Copy)]
enum With {
    CountAlone,
    List,
}

/// The numbers of the subnet, and what is taken of it if that was listed.
fn usage(counted: &Value, listed: Option<&Value>) -> Value {
    let mut usage = json!({
        "total": counted["total_addresses"],
        "used": counted["num_unavailable"],
        "free": counted["num_available"],
    });
    if let Some(items) = listed.and_then(|listed| listed["items"].as_array()) {
        usage["addrs"] = items.iter().map(|item| item["ip"].clone()).collect();
    }
    usage
}

#[cfg(test)]
mod tests {
    use super::usage;
    use serde_json::json;

    #[test]
    fn usage_tells_counts_and_addresses_if_they_were_listed() {
        let counted = json!({ "total_addresses": 14, "num_unavailable": 1, "num_available": 13 });
        let listed = json!({ "items": [{ "id": 7, "ip": "10.200.0.1" }] });
        let mut told = json!({ "total": 14, "used": 1, "free": 13 });
        assert_eq!(usage(&counted, None), told);
        told["addrs"] = json!(["10.200.0.1"]);
        assert_eq!(usage(&counted, Some(&listed)), told);
    }
}
