//! What a region shows of its site: every object of every noun as JSON, from a state in process or from a running node.
//!
//! Both are the same to whoever holds expectations against them.

use regent_api::cli::client::{Call, Client};
use regent_api::http::noun::Seen;
use regent_api::http::nouns::ALL;
use regent_api::http::wire::large;
use regent_core::id::SubnetId;
use regent_core::query::subnet_usage::usage;
use regent_core::state::State;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::time::Duration;

/// What any one question to a node may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);
/// The noun that shows what others show already.
const ALL_NODES: &str = "nodes";

/// Every object that is shown, by noun and id.
pub(crate) struct Shown {
    nouns: BTreeMap<&'static str, BTreeMap<String, Json>>,
    /// How full each subnet is, by its id.
    utilization: BTreeMap<String, Json>,
}

impl Shown {
    /// What a node with this state would show.
    pub(crate) fn of_state(state: &State) -> Self {
        let mut nouns = BTreeMap::new();
        for noun in ALL.iter().filter(|noun| noun.path() != ALL_NODES) {
            let mut objects = BTreeMap::new();
            noun.scan(state, None, &mut |seen: &dyn Seen| {
                objects.insert(seen.key().to_string(), seen.view().into_value());
                ControlFlow::Continue(())
            });
            nouns.insert(noun.path(), objects);
        }
        let full = state.tables().subnets.iter().map(|(id, _)| (id.to_string(), full(state, *id)));
        Self { utilization: full.collect(), nouns }
    }

    /// What the node with this address shows, asked over HTTP, with everything in view that was acknowledged anywhere.
    pub(crate) async fn of_node(address: &str) -> Self {
        let client = Client::new(&[address.to_owned()], PATIENCE).expect("a client");
        let mut nouns = BTreeMap::new();
        for noun in ALL.iter().filter(|noun| noun.path() != ALL_NODES) {
            let items = pages(&client, noun.path()).await;
            let objects = items.into_iter().map(|object| (key(&object["id"]), object));
            nouns.insert(noun.path(), objects.collect());
        }
        let mut shown = Self { utilization: BTreeMap::new(), nouns };
        for id in shown.of("subnets").keys().cloned().collect::<Vec<_>>() {
            let call = Call::get(format!("/v1/subnets/{id}/utilization"));
            let answer = client.call(&call).await.expect("how full it is");
            shown.utilization.insert(id, answer.body);
        }
        shown
    }

    fn of(&self, noun: &str) -> &BTreeMap<String, Json> {
        self.nouns.get(noun).unwrap_or_else(|| panic!("there is no noun {noun}"))
    }

    /// All objects of a noun.
    pub(crate) fn all(&self, noun: &str) -> impl Iterator<Item = &Json> {
        self.of(noun).values()
    }

    /// Machines, devices and controllers.
    pub(crate) fn nodes(&self) -> impl Iterator<Item = &Json> {
        ["machines", "devices", "controllers"].into_iter().flat_map(|noun| self.all(noun))
    }

    /// The object with this id, which must be there.
    pub(crate) fn one(&self, noun: &str, id: &Json) -> &Json {
        self.find(noun, id).unwrap_or_else(|| panic!("there is no {id} in {noun}"))
    }

    /// The object with this id, if it is there.
    pub(crate) fn find(&self, noun: &str, id: &Json) -> Option<&Json> {
        self.of(noun).get(&key(id))
    }

    /// The only object of a noun with this value in a field.
    pub(crate) fn the_one(&self, noun: &str, field: &str, value: &Json) -> &Json {
        let found: Vec<&Json> = self.all(noun).filter(|object| object[field] == *value).collect();
        let [object] = found.as_slice() else {
            panic!("{} of {noun} with {field} {value}", found.len())
        };
        object
    }

    /// A field of the object that a reference names; null if it names none.
    pub(crate) fn through(&self, noun: &str, reference: &Json, field: &str) -> Json {
        if reference.is_null() { Json::Null } else { self.one(noun, reference)[field].clone() }
    }

    /// How full a subnet is.
    pub(crate) fn utilization(&self, subnet: &Json) -> &Json {
        &self.utilization[&key(subnet)]
    }

    /// Whether an object that has secrets, or belongs to one that has, shows this text anywhere.
    pub(crate) fn mentions(&self, text: &str) -> bool {
        let near = ["users", "api-tokens", "bmcs"].into_iter().flat_map(|noun| self.all(noun));
        near.chain(self.nodes()).any(|object| holds(object, text))
    }
}

fn key(id: &Json) -> String {
    id.as_str().map_or_else(|| id.to_string(), str::to_owned)
}

fn holds(value: &Json, text: &str) -> bool {
    match value {
        Json::String(found) => found.contains(text),
        Json::Array(items) => items.iter().any(|item| holds(item, text)),
        Json::Object(fields) => {
            fields.iter().any(|(name, value)| name.contains(text) || holds(value, text))
        }
        Json::Null | Json::Bool(_) | Json::Number(_) => false,
    }
}

fn full(state: &State, subnet: SubnetId) -> Json {
    let usage = usage(state, subnet).expect("it is in the state");
    json!({
        "total_addresses": large(usage.total_addresses),
        "num_unavailable": large(usage.num_unavailable),
        "num_available": large(usage.num_available),
        "largest_available": large(usage.largest_available),
    })
}

async fn pages(client: &Client, noun: &str) -> Vec<Json> {
    let objects = crate::dev_cluster::all(client, &format!("/v1/{noun}")).await;
    objects.unwrap_or_else(|failure| panic!("{noun}: {failure}"))
}
