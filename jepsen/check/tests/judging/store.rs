//! A region that keeps all its promises, and what each of its nodes shows at any revision.
//!
//! No more of a store than the format can tell of: registers, sets, counters, leases, names.

use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Addresses that can be leased: fewer than there are clients.
const ADDRESSES: u64 = 3;

/// What a write was answered, which a retry is answered again.
#[derive(Clone)]
pub(crate) struct Answer {
    pub(crate) output: Option<Value>,
    pub(crate) revision: u64,
}

/// One change, in the order of revisions.
struct Change {
    revision: u64,
    key: String,
    value: Value,
}

/// All that was ever written.
#[derive(Default)]
pub(crate) struct Store {
    revision: u64,
    registers: Vec<Change>,
    elements: Vec<(u64, Value)>,
    counter: i64,
    /// Client and end of lease, by address.
    leases: BTreeMap<u64, (String, u64)>,
    requests: BTreeMap<String, Answer>,
    /// The revision that each node shows.
    nodes: BTreeMap<String, u64>,
}

impl Store {
    pub(crate) fn revision(&self) -> u64 {
        self.revision
    }

    /// Requests with their revisions, as the committed log has them.
    pub(crate) fn log(&self) -> impl Iterator<Item = (&String, u64)> {
        self.requests.iter().map(|(request, answer)| (request, answer.revision))
    }

    /// Does a request, unless it was done before.
    pub(crate) fn request(&mut self, request: &str, function: &str, input: &Value) -> Answer {
        if let Some(answer) = self.requests.get(request) {
            return answer.clone();
        }
        self.revision += 1;
        let output = match function {
            "add" => {
                self.elements.push((self.revision, input.clone()));
                None
            }
            "apply" => {
                self.counter += input["by"].as_i64().unwrap();
                None
            }
            "cas" => Some(json!(self.change(input, &input["key"], Some(&input["old"])))),
            _ => {
                self.change(input, &input["key"], None);
                None
            }
        };
        let answer = Answer { output, revision: self.revision };
        self.requests.insert(request.to_owned(), answer.clone());
        answer
    }

    fn change(&mut self, input: &Value, key: &Value, old: Option<&Value>) -> bool {
        let key = key.as_str().unwrap().to_owned();
        if old.is_some_and(|old| *old != self.register(&key, self.revision)) {
            return false;
        }
        let (revision, value) = (self.revision, input["new"].clone());
        if self.register(&key, revision) != value {
            self.registers.push(Change { revision, key, value });
        }
        true
    }

    /// What a register held at this revision.
    pub(crate) fn register(&self, key: &str, revision: u64) -> Value {
        let is_of_key = |change: &&Change| change.key == key && change.revision <= revision;
        self.registers.iter().rfind(is_of_key).map_or(Value::Null, |change| change.value.clone())
    }

    /// What the set held at this revision.
    pub(crate) fn set(&self, revision: u64) -> Value {
        let until = self.elements.iter().filter(|(since, _)| *since <= revision);
        until.map(|(_, element)| element.clone()).collect()
    }

    pub(crate) fn counter(&self) -> Value {
        json!(self.counter)
    }

    /// Everything that was changed behind `from` and up to `to`.
    pub(crate) fn events(&self, from: u64, to: u64) -> Value {
        let within =
            self.registers.iter().filter(|change| (from + 1..=to).contains(&change.revision));
        within.map(|change| json!([change.revision, change.key, change.value])).collect()
    }

    /// A name that stands for a register, in a zone with a serial that rises with every change.
    pub(crate) fn name(&self, key: &str, revision: u64) -> Value {
        let changes = self.registers.iter().filter(|change| change.revision <= revision).count();
        // So that serials go round once.
        let serial = u32::try_from(changes).unwrap().wrapping_sub(20);
        json!({ "zone": "z", "serial": serial, "digest": changes, "answer": self.register(key, revision) })
    }

    /// Lets a node catch up to at least this revision and somewhat further, and tells where it is.
    pub(crate) fn advance(&mut self, node: &str, at_least: u64, lag: u64) -> u64 {
        let reached = self.nodes.entry(node.to_owned()).or_default();
        *reached = (*reached).max(at_least).max(self.revision.saturating_sub(lag));
        *reached
    }

    /// A lease for this client, if an address is free; the one it has, if it has one.
    pub(crate) fn lease(&mut self, client: &str, now: u64, ttl_ns: u64) -> Option<u64> {
        let holds = |address: &u64| self.leases.get(address).filter(|(_, until)| *until > now);
        let own = (0..ADDRESSES).find(|address| holds(address).is_some_and(|(by, _)| by == client));
        let address = own.or_else(|| (0..ADDRESSES).find(|address| holds(address).is_none()))?;
        self.leases.insert(address, (client.to_owned(), now + ttl_ns));
        Some(address)
    }

    /// Ends a lease, if it is this client's.
    pub(crate) fn release(&mut self, client: &str, address: u64) {
        if self.leases.get(&address).is_some_and(|(by, _)| by == client) {
            self.leases.remove(&address);
        }
    }

    /// The client's address, if it has one.
    pub(crate) fn leased(&self, client: &str, now: u64) -> Option<u64> {
        let mut leases = self.leases.iter();
        leases.find(|(_, (by, until))| by == client && *until > now).map(|(address, _)| *address)
    }

    pub(crate) fn usage(&self, now: u64) -> Value {
        let used: Vec<_> = self.leases.iter().filter(|(_, (_, until))| *until > now).collect();
        let addresses: Vec<_> = used.iter().map(|(address, _)| name(**address)).collect();
        let free = ADDRESSES - used.len() as u64;
        json!({ "total": ADDRESSES, "used": used.len(), "free": free, "addrs": addresses })
    }
}

/// An address as clients are told it.
pub(crate) fn name(address: u64) -> String {
    format!("192.0.2.{address}")
}
