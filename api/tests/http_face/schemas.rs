//! What the document says of answers, held against the answers themselves.

use crate::face::{Answer, Face};
use regent_api::http;
use regent_api::http::noun::Noun;
use regent_api::http::nouns;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The document, and what of JSON Schema it uses: `$ref`, `anyOf`, `type`, `enum`, `required`, `properties`, `items`,
/// `additionalProperties`.
struct Document(Value);

impl Document {
    fn read() -> Self {
        Self(serde_json::from_slice(&http::document()).unwrap())
    }

    /// Status, type and body of a good answer must be among those of its operation. What is JSON of `/v1` has a schema.
    fn assert_describes(&self, verb: &str, path: &str, answer: &Answer) {
        assert!(answer.status.is_success(), "{verb} {path}: {answer:#?}");
        let status = answer.status.as_u16().to_string();
        let kind = answer.header("content-type");
        let described = &self.0["paths"][path][verb]["responses"][&status]["content"][kind];
        assert!(described.is_object(), "{verb} {path} may not be {status} {kind}");
        let needs_schema = path.starts_with("/v1/") && kind == "application/json";
        assert!(described["schema"].is_object() || !needs_schema, "{verb} {path} has no schema");
        let breach = self.breach(&described["schema"], &answer.body);
        assert_eq!(breach, None, "{verb} {path}: {answer:#?}");
    }

    /// Where a value is not as its schema says, if anywhere.
    fn breach(&self, schema: &Value, value: &Value) -> Option<String> {
        if let Some(reference) = schema["$ref"].as_str() {
            let schema = self.0.pointer(reference.trim_start_matches('#')).expect(reference);
            return self.breach(schema, value);
        }
        if let Some(choices) = schema["anyOf"].as_array().or_else(|| schema["oneOf"].as_array()) {
            let breaches: Vec<_> =
                choices.iter().map(|choice| self.breach(choice, value)).collect();
            return breaches.into_iter().min_by_key(Option::is_some).flatten();
        }
        let kinds = match &schema["type"] {
            Value::Array(kinds) => kinds.clone(),
            kind => vec![kind.clone()],
        };
        if kinds != [Value::Null] && !kinds.iter().any(|kind| is_of(kind, value)) {
            return Some(format!("{value} is none of {kinds:?}"));
        }
        if schema["enum"].as_array().is_some_and(|choices| !choices.contains(value)) {
            return Some(format!("{value} is none of {}", schema["enum"]));
        }
        match value {
            Value::Array(items) => {
                items.iter().find_map(|item| self.breach(&schema["items"], item))
            }
            Value::Object(fields) => self.breach_of_fields(schema, fields),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
        }
    }

    fn breach_of_fields(
        &self,
        schema: &Value,
        fields: &serde_json::Map<String, Value>,
    ) -> Option<String> {
        let required = schema["required"].as_array().cloned().unwrap_or_default();
        let missing = required.iter().find(|name| !fields.contains_key(name.as_str().unwrap()));
        if let Some(missing) = missing {
            return Some(format!("{missing} is missing"));
        }
        fields.iter().find_map(|(name, value)| {
            let schema = match &schema["properties"][name] {
                Value::Null => &schema["additionalProperties"],
                schema => schema,
            };
            self.breach(schema, value).map(|breach| format!("{name}: {breach}"))
        })
    }
}

fn is_of(kind: &Value, value: &Value) -> bool {
    match kind.as_str().unwrap() {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_u64() || value.is_i64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("{other} is no type of JSON Schema"),
    }
}

#[test]
fn breaches_are_found() {
    let document = Document::read();
    let machine = json!({ "$ref": "#/components/schemas/Machine" });
    assert!(document.breach(&machine, &json!({})).unwrap().contains("missing"));
    let page = json!({ "$ref": "#/components/schemas/MachinePage" });
    let wrong = json!({ "items": [7], "revision": 1, "start_revision": 1 });
    assert!(document.breach(&page, &wrong).unwrap().starts_with("items: 7"));
}

/// Requests that make one thing of most kinds, one after the other.
fn requests() -> Vec<(&'static str, &'static str, &'static str, Value)> {
    let machine = json!({ "hostname": "web", "mac_addresses": ["52:54:00:00:00:01"] });
    let several = json!([{ "name": "a.test" }, { "name": "b.test" }]);
    let range =
        json!({ "type": "reserved", "start_ip": "10.9.0.10", "end_ip": "10.9.0.20", "subnet": 1 });
    let dynamic =
        json!({ "type": "dynamic", "start_ip": "10.9.0.100", "end_ip": "10.9.0.109", "subnet": 1 });
    let lease =
        json!({ "ip": "10.9.0.100", "mac_address": "52:54:00:00:00:07", "remaining_ms": 60_000 });
    let leases = json!({ "as_of_ms": 1, "longest_lease_s": 600, "leases": [lease] });
    let resource = json!({ "name": "www", "domain": 0, "addresses": [1] });
    let begin = json!({ "id": "site", "source": "ab".repeat(32) });
    let steps = json!({ "then": [
        { "op": "create", "path": "/v1/tags", "body": { "name": "gpu" } },
        { "op": "allocate", "path": "/v1/subnets/1/allocations" },
    ] });
    vec![
        ("post", "/v1/imports", "/v1/imports", begin.clone()),
        ("post", "/v1/imports", "/v1/imports", begin),
        ("delete", "/v1/imports/{id}", "/v1/imports/site", Value::Null),
        ("post", "/v1/machines", "/v1/machines?dry_run=true", machine.clone()),
        ("post", "/v1/machines", "/v1/machines", machine),
        ("post", "/v1/domains", "/v1/domains", several),
        ("post", "/v1/subnets", "/v1/subnets", json!({ "cidr": "10.9.0.0/24", "vlan": 5001 })),
        ("post", "/v1/ip-ranges", "/v1/ip-ranges", range),
        ("post", "/v1/ip-ranges", "/v1/ip-ranges", dynamic),
        ("post", "/v1/lease-imports", "/v1/lease-imports", leases),
        (
            "post",
            "/v1/leases/{id}/actions/release",
            "/v1/leases/10.9.0.100/actions/release",
            json!({ "client_is_gone": true }),
        ),
        (
            "post",
            "/v1/subnets/{id}/allocations",
            "/v1/subnets/1/allocations",
            json!({ "count": 2 }),
        ),
        ("post", "/v1/dns-resources", "/v1/dns-resources", resource),
        ("post", "/v1/txn", "/v1/txn", steps),
        ("patch", "/v1/nodes/{id}/owner-data", "/v1/nodes/1/owner-data", json!({ "team": "ci" })),
        (
            "post",
            "/v1/interfaces/{id}/links",
            "/v1/interfaces/1/links",
            json!({ "mode": "auto", "subnet": 1 }),
        ),
        ("delete", "/v1/interfaces/{id}/links/{link}", "/v1/interfaces/1/links/4", Value::Null),
        ("post", "/v1/ip-ranges/{id}/allocations", "/v1/ip-ranges/1/allocations", json!({})),
        (
            "post",
            "/v1/machines/{id}/actions/{action}",
            "/v1/machines/1/actions/commission",
            Value::Null,
        ),
        (
            "post",
            "/v1/domains/{id}/actions/set_default",
            "/v1/domains/a.test/actions/set_default",
            Value::Null,
        ),
        (
            "post",
            "/v1/zones/{id}/actions/set_default",
            "/v1/zones/1/actions/set_default",
            Value::Null,
        ),
        ("delete", "/v1/domains/{id}", "/v1/domains/b.test", Value::Null),
        ("delete", "/v1/vlans/{id}/dhcp", "/v1/vlans/5001/dhcp", Value::Null),
        ("post", "/v1/rack-tokens", "/v1/rack-tokens", json!({ "expires_in_s": 60 })),
        ("delete", "/v1/rack-tokens/{id}", "/v1/rack-tokens/1", Value::Null),
    ]
}

/// Reads that change nothing, of every kind of route beside those of the nouns.
const READS: [(&str, &str); 12] = [
    ("/v1/racks", "/v1/racks"),
    ("/v1/cluster", "/v1/cluster"),
    ("/v1/imports", "/v1/imports"),
    ("/v1/subnets/{id}/utilization", "/v1/subnets/1/utilization"),
    ("/v1/vlans/{id}/dhcp", "/v1/vlans/5001/dhcp"),
    ("/v1/leases/{id}/why", "/v1/leases/10.9.0.100/why"),
    ("/readyz", "/readyz"),
    ("/livez", "/livez"),
    ("/healthz/leader", "/healthz/leader"),
    ("/openapi.json", "/openapi.json"),
    ("/problems/{slug}", "/problems/no-leader"),
    ("/metrics", "/metrics"),
];

/// Routes that a node alone, or one without racks or a whole import, gives no good answer to.
const UNMET: [(&str, &str); 8] = [
    ("get", "/v1/racks/{id}"),
    ("post", "/v1/vlans/{id}/dhcp"),
    ("get", "/healthz/follower"),
    ("delete", "/v1/cluster/members/{id}"),
    ("post", "/v1/cluster/members/{id}/promote"),
    ("post", "/v1/imports/{id}/chunks/{number}"),
    ("post", "/v1/imports/{id}/commit"),
    ("post", "/v1/import-comparisons"),
];

/// Whether a route is one of those that every noun has.
fn is_of_noun(path: &str) -> bool {
    let of = |noun: &&dyn Noun| {
        let all = format!("/v1/{}", noun.path());
        path == all || path == format!("{all}/{{id}}")
    };
    nouns::ALL.iter().any(of)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_are_as_the_document_says() {
    let (face, document) = (Face::start().await, Document::read());
    let mut met: BTreeSet<(&str, &str)> = BTreeSet::new();
    for (verb, path, place, body) in requests() {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let kind = [("content-type", "application/json")];
        let kind = if body.is_empty() { &[][..] } else { &kind[..] };
        let answer = face.raw(&verb.to_uppercase(), place, kind, body).await;
        document.assert_describes(verb, path, &answer);
        met.insert((verb, path));
    }
    for (path, place) in READS {
        document.assert_describes("get", path, &face.get(place).await);
        met.insert(("get", path));
    }
    for accepted in ["*/*", "text/event-stream", "application/x-ndjson"] {
        document.assert_describes("get", "/v1/events", &begun(&face, accepted).await);
        met.insert(("get", "/v1/events"));
    }
    let routes = http::routes();
    for route in &routes {
        let is_list = route.verb.name() == "GET" && route.operation.starts_with("list");
        if is_list {
            document.assert_describes("get", &route.path, &face.get(&route.path).await);
        }
    }
    for route in routes.iter().filter(|route| !is_of_noun(&route.path)) {
        let verb = route.verb.name().to_lowercase();
        let route = (verb.as_str(), route.path.as_str());
        assert!(met.contains(&route) != UNMET.contains(&route), "{route:?}");
    }
}

/// The beginning of an answer that has no end.
async fn begun(face: &Face, accepted: &str) -> Answer {
    let request = face.client.get(face.url("/v1/events")).header("accept", accepted);
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status(), response.headers().clone());
    Answer { status, headers, body: Value::Null }
}
