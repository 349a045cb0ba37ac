//! Whether everything the API can do can be typed: its route table beside the command line's nouns.
#![allow(clippy::unwrap_used, reason = "tests may fail loudly")]

use regent_api::cli::fields::TEXTS;
use regent_api::cli::nouns::all;
use regent_api::cli::nouns::noun::{Action, ActionMethod, Means, Noun, Takes};
use regent_api::http;
use regent_api::http::actions::life;
use regent_api::http::nouns::ALL;
use regent_api::http::record::schema_name;
use serde_json::Value;
use std::collections::BTreeSet;

/// A method and a path as the route table has it.
type Route = (String, String);

/// Routes that commands beside the nouns ask.
const OTHER_COMMANDS: &[(&str, &str, &str)] = &[
    ("GET", "/v1/cluster", "status, node ls, node show"),
    ("POST", "/v1/cluster/members/{id}/promote", "node promote"),
    ("DELETE", "/v1/cluster/members/{id}", "node remove"),
    ("POST", "/v1/imports", "import maas-dump"),
    ("POST", "/v1/lease-imports", "import kea-leases"),
    ("POST", "/v1/imports/{id}/chunks/{number}", "import maas-dump"),
    ("POST", "/v1/imports/{id}/commit", "import maas-dump"),
    ("GET", "/v1/racks", "rack ls"),
    ("GET", "/v1/racks/{id}", "rack show"),
    ("GET", "/v1/rack-tokens", "token ls"),
    ("POST", "/v1/rack-tokens", "token create rack"),
    ("DELETE", "/v1/rack-tokens/{id}", "token revoke"),
    ("GET", "/v1/vlans/{id}/dhcp", "vlan dhcp show"),
    ("POST", "/v1/vlans/{id}/dhcp", "vlan dhcp on"),
    ("DELETE", "/v1/vlans/{id}/dhcp", "vlan dhcp off"),
    ("POST", "/v1/txn", "txn"),
    ("GET", "/v1/events", "watch"),
];

/// Routes that no command of its own asks, and why. `regent api METHOD PATH` asks any of them.
const NOT_TYPED: &[(&str, &str, &str)] = &[
    (
        "GET",
        "/v1/nodes",
        "`regent node` is the region's own nodes; machine, device and controller are typed",
    ),
    ("GET", "/v1/nodes/{id}", "as above"),
    ("GET", "/v1/imports", "`regent import` asks it what was imported before"),
    ("POST", "/v1/import-comparisons", "`regent import --replace` tells the difference first"),
    ("DELETE", "/v1/imports/{id}", "an import that nobody goes on with ends by itself"),
    ("GET", "/v1/rack-tokens/{id}", "`regent token ls` shows all there is to see of each"),
    ("GET", "/livez", "for supervisors"),
    ("GET", "/readyz", "for load balancers; `regent status --check` is for people"),
    ("GET", "/healthz/leader", "for load balancers"),
    ("GET", "/healthz/follower", "for load balancers"),
    ("GET", "/metrics", "for Prometheus"),
    ("GET", "/openapi.json", "for programs that generate programs"),
    ("GET", "/problems/{slug}", "every refusal says what to do next"),
];

fn route(method: &str, path: &str) -> Route {
    (method.to_owned(), path.to_owned())
}

fn routed() -> BTreeSet<Route> {
    http::routes().into_iter().map(|route| (route.verb.name().to_owned(), route.path)).collect()
}

fn named(list: &[(&str, &str, &str)]) -> BTreeSet<Route> {
    list.iter().map(|(method, path, _)| route(method, path)).collect()
}

fn method(action: &Action) -> &'static str {
    match action.method {
        ActionMethod::Get => "GET",
        ActionMethod::Post => "POST",
        ActionMethod::Patch => "PATCH",
        ActionMethod::Delete => "DELETE",
    }
}

/// What the verbs of a noun ask for. The steps of a machine's life are one route with the step as a word in it.
fn typed(noun: &Noun) -> BTreeSet<Route> {
    let collection = format!("/v1/{}", noun.collection.path);
    let one = format!("{collection}/{{id}}");
    let mut typed = BTreeSet::from([route("GET", &collection), route("GET", &one)]);
    if noun.writes.creates() {
        typed.insert(route("POST", &collection));
    }
    if noun.writes.changes() {
        typed.extend([route("PATCH", &one), route("DELETE", &one)]);
    }
    typed.extend(noun.actions.iter().map(|action| {
        let path = match action.route.strip_prefix("/v1/machines/{id}/actions/") {
            Some(_) => "/v1/machines/{id}/actions/{action}",
            None => action.route,
        };
        route(method(action), path)
    }));
    typed
}

#[test]
fn every_route_has_a_command_or_a_reason_for_having_none() {
    let nouns: BTreeSet<Route> = all().flat_map(typed).collect();
    let (others, without) = (named(OTHER_COMMANDS), named(NOT_TYPED));
    let covered: BTreeSet<Route> = nouns.union(&others).cloned().collect();
    let twice: Vec<_> = covered.intersection(&without).collect();
    assert!(twice.is_empty(), "typed, and named as not typed: {twice:?}");
    let covered: BTreeSet<Route> = covered.union(&without).cloned().collect();
    let routed = routed();
    let missing: Vec<_> = routed.difference(&covered).collect();
    assert!(missing.is_empty(), "no command: {missing:?}");
    let gone: Vec<_> = covered.difference(&routed).collect();
    assert!(gone.is_empty(), "no such route: {gone:?}");
}

#[test]
fn every_step_of_a_machines_life_can_be_typed() {
    let machine = all().find(|noun| noun.name == "machine").unwrap();
    let steps = machine.actions.iter().filter_map(|action| action.route.rsplit_once("/actions/"));
    let steps: BTreeSet<&str> = steps.map(|(_, step)| step).collect();
    assert_eq!(steps, life::names().collect());
}

#[test]
fn noun_is_called_as_the_api_calls_one_of_its_collection() {
    for noun in all() {
        let served = ALL.iter().find(|served| served.path() == noun.collection.path).unwrap();
        assert_eq!(noun.name, served.singular());
    }
}

#[test]
fn fields_of_a_noun_are_fields_the_api_has() {
    for noun in all() {
        let served = ALL.iter().find(|served| served.path() == noun.collection.path).unwrap();
        let fields = served.fields();
        let known: BTreeSet<&str> =
            fields.iter().filter(|field| field.shown).map(|field| field.name).collect();
        for column in noun.columns.iter().chain([&noun.collection.label]) {
            assert!(known.contains(column), "{} has no {column}", noun.name);
        }
        let sent: BTreeSet<&str> = fields.iter().map(|field| field.name).collect();
        let with_actions = noun.actions.iter().any(|action| action.takes != Takes::Nothing);
        for (field, _) in noun.fields {
            assert!(with_actions || sent.contains(field), "{} has no {field}", noun.name);
        }
    }
}

/// Every field of a request body the document describes, with its schema.
fn documented_fields() -> Vec<(String, String, Value)> {
    let document: Value = serde_json::from_slice(&http::document()).unwrap();
    let schemas = document["components"]["schemas"].as_object().unwrap().clone();
    let sent = schemas
        .into_iter()
        .filter(|(name, _)| ["Create", "Change"].iter().any(|suffix| name.ends_with(suffix)));
    let fields = |(name, schema): (String, Value)| {
        let properties = schema["properties"].as_object().cloned().unwrap_or_default();
        properties.into_iter().map(move |(field, schema)| (name.clone(), field, schema))
    };
    sent.flat_map(fields).collect()
}

/// Whether a schema allows texts and, beside null, nothing else.
fn is_text(schema: &Value) -> bool {
    let alternatives = schema["anyOf"].as_array().cloned().unwrap_or_else(|| vec![schema.clone()]);
    alternatives.iter().all(|schema| schema["type"] == "string" || schema["type"] == "null")
}

/// Whether some text it allows can be mistaken for a number; an address cannot.
fn is_free(schema: &Value) -> bool {
    let alternatives = schema["anyOf"].as_array().cloned().unwrap_or_else(|| vec![schema.clone()]);
    let mut texts = alternatives.iter().filter(|schema| schema["type"] == "string");
    texts.any(|schema| schema["format"].is_null() || schema["format"] == "hostname")
}

#[test]
fn text_fields_are_those_that_are_texts_wherever_they_are() {
    let fields = documented_fields();
    let is_one = |name: &str| {
        let same =
            || fields.iter().filter(|(_, field, _)| field == name).map(|(_, _, shape)| shape);
        same().all(is_text) && same().any(is_free)
    };
    let names = fields.iter().map(|(_, field, _)| field.as_str());
    let texts: BTreeSet<&str> = names.filter(|name| is_one(name)).collect();
    assert_eq!(TEXTS.iter().copied().collect::<BTreeSet<_>>(), texts);
}

/// Whether a schema allows lists and, beside null, nothing else.
fn is_list(schema: &Value) -> bool {
    let alternatives = schema["anyOf"].as_array().cloned().unwrap_or_else(|| vec![schema.clone()]);
    let mut kinds =
        alternatives.iter().map(|schema| &schema["type"]).filter(|kind| *kind != "null");
    kinds.next().is_some_and(|kind| kind == "array") && kinds.all(|kind| kind == "array")
}

#[test]
fn field_that_takes_a_list_can_be_typed_as_one() {
    let documented = documented_fields();
    for noun in all() {
        let name = schema_name(noun.name);
        let own = [format!("{name}Create"), format!("{name}Change")];
        let lists =
            documented.iter().filter(|(schema, _, shape)| own.contains(schema) && is_list(shape));
        for (_, field, _) in lists {
            let means = noun.means(field);
            assert!(matches!(means, Some(Means::Many(_) | Means::Texts)), "{name} {field}");
        }
    }
}
