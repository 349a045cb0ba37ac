//! The route table, the document made from it, and what really answers.

use crate::face::Face;
use regent_api::http;
use regent_api::http::gate::Condition;
use regent_api::http::route::{ANSWER_TIME_MAX, Route, Verb};
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn documented() -> BTreeSet<(String, String)> {
    let document: Value = serde_json::from_slice(&http::document()).unwrap();
    let paths = document["paths"].as_object().unwrap();
    let operations = |(path, item): (&String, &Value)| {
        let methods: Vec<String> = item.as_object().unwrap().keys().cloned().collect();
        methods.into_iter().map(|method| (method.to_uppercase(), path.clone())).collect::<Vec<_>>()
    };
    paths.iter().flat_map(operations).collect()
}

fn routed() -> BTreeSet<(String, String)> {
    http::routes().into_iter().map(|route| (route.verb.name().to_owned(), route.path)).collect()
}

#[test]
fn document_lists_every_route_and_no_other() {
    assert_eq!(documented(), routed());
}

#[test]
fn operations_have_names_of_their_own_and_say_what_they_do() {
    let routes = http::routes();
    let names: BTreeSet<&str> = routes.iter().map(|route| route.operation.as_str()).collect();
    assert_eq!(names.len(), routes.len());
    assert!(routes.iter().all(|route| !route.about.is_empty() && !route.tag.is_empty()));
}

#[test]
fn every_schema_that_is_referred_to_is_there() {
    let text = String::from_utf8(http::document().to_vec()).unwrap();
    let document: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(document["openapi"].as_str().map(|version| &version[..3]), Some("3.1"));
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let references = text.split("#/components/schemas/").skip(1);
    for name in references.map(|rest| rest.split('"').next().unwrap()) {
        assert!(schemas.contains_key(name), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_documented_operation_answers_and_no_undocumented_one_does() {
    let face = Face::start().await;
    let documented = documented();
    let paths: BTreeSet<&String> = documented.iter().map(|(_, path)| path).collect();
    for path in paths {
        let place = path
            .replace("{id}", "4000000")
            .replace("{action}", "lock")
            .replace("{slug}", "no-leader")
            .replace("{link}", "1");
        for verb in Verb::ALL.map(Verb::name) {
            if (verb, path.as_str()) == ("GET", "/v1/events") {
                continue;
            }
            let answer = face.send(verb, &place, json!({})).await;
            let known = documented.contains(&(verb.to_owned(), path.clone()));
            let answers = !["E0002", "E0003"].contains(&answer.code());
            assert_eq!(answers, known, "{verb} {path}: {answer:?}");
            assert!(answer.status.as_u16() != 500, "{verb} {path}: {answer:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn document_is_served() {
    let face = Face::start().await;
    let served = face.get("/openapi.json").await.good();
    assert_eq!(served, serde_json::from_slice::<Value>(&http::document()).unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn object_shows_exactly_the_fields_its_schema_has() {
    let face = Face::start().await;
    let document: Value = serde_json::from_slice(&http::document()).unwrap();
    face.create("/v1/machines", json!({ "mac_addresses": ["52:54:00:00:00:01"] })).await;
    for (path, schema) in [
        ("/v1/machines/1", "Machine"),
        ("/v1/interfaces/1", "Interface"),
        ("/v1/domains/0", "Domain"),
        ("/v1/vlans/5001", "Vlan"),
    ] {
        let shown = face.get(path).await.good();
        let schema = &document["components"]["schemas"][schema]["properties"];
        let names =
            |value: &Value| value.as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>();
        assert_eq!(names(&shown), names(schema), "{path}");
    }
}

/// A path of a route, with something in place of what varies.
fn place(path: &str) -> String {
    let place = path.replace("{id}", "1").replace("{action}", "lock").replace("{number}", "0");
    place.replace("{slug}", "no-leader").replace("{link}", "1")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_route_refuses_parameters_it_does_not_know() {
    let face = Face::start().await;
    for route in http::routes() {
        let path = format!("{}?nonsense=1", place(&route.path));
        let answer = face.send(route.verb.name(), &path, json!({})).await;
        let seen = (answer.code(), &answer.body["errors"][0]["pointer"]);
        assert_eq!(seen, ("E0202", &json!("nonsense")), "{} {path}", route.verb.name());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn write_that_is_about_no_one_object_refuses_if_match() {
    let face = Face::start().await;
    let if_match = [("if-match", "\"0-1-00000000\"")];
    let is_write = |route: &Route| route.verb != Verb::Get;
    for route in http::routes().into_iter().filter(is_write) {
        let (verb, path) = (route.verb.name(), place(&route.path));
        let answer = face.send_with(verb, &path, &if_match, json!({})).await;
        let refused = answer.body["errors"][0]["pointer"] == "If-Match";
        assert_eq!(refused, route.condition == Condition::None, "{verb} {path}: {answer:?}");
    }
}

#[test]
fn only_the_commit_of_an_import_may_take_longer_than_the_longest_wait() {
    let slow = http::routes().into_iter().filter(|route| route.time_max != ANSWER_TIME_MAX);
    let slow: Vec<_> = slow.map(|route| (route.operation, route.time_max.as_secs())).collect();
    assert_eq!(slow, [("commitImport".to_owned(), 305)]);
}
