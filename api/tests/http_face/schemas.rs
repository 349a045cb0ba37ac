//! What the document says of answers, held against the answers themselves.

use crate::face::Face;
use regent_api::http;
use serde_json::{Value, json};

/// The document, and what of JSON Schema it uses: `$ref`, `anyOf`, `type`, `enum`, `required`, `properties`, `items`,
/// `additionalProperties`.
struct Document(Value);

impl Document {
    fn read() -> Self {
        Self(serde_json::from_slice(&http::document()).unwrap())
    }

    /// The schema of the answer of an operation.
    fn answer(&self, verb: &str, path: &str, status: u16) -> &Value {
        let answer = &self.0["paths"][path][verb]["responses"][status.to_string()];
        let schema = &answer["content"]["application/json"]["schema"];
        assert!(schema.is_object(), "{verb} {path} has no schema for {status}");
        schema
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
    let resource = json!({ "name": "www", "domain": 0, "addresses": [1] });
    let steps = json!({ "then": [
        { "op": "create", "path": "/v1/tags", "body": { "name": "gpu" } },
        { "op": "allocate", "path": "/v1/subnets/1/allocations" },
    ] });
    vec![
        ("post", "/v1/machines", "/v1/machines?dry_run=true", machine.clone()),
        ("post", "/v1/machines", "/v1/machines", machine),
        ("post", "/v1/domains", "/v1/domains", several),
        ("post", "/v1/subnets", "/v1/subnets", json!({ "cidr": "10.9.0.0/24", "vlan": 5001 })),
        ("post", "/v1/ip-ranges", "/v1/ip-ranges", range),
        (
            "post",
            "/v1/subnets/{id}/allocations",
            "/v1/subnets/1/allocations",
            json!({ "count": 2 }),
        ),
        ("get", "/v1/subnets/{id}/utilization", "/v1/subnets/1/utilization", Value::Null),
        ("post", "/v1/dns-resources", "/v1/dns-resources", resource),
        ("post", "/v1/txn", "/v1/txn", steps),
        ("patch", "/v1/nodes/{id}/owner-data", "/v1/nodes/1/owner-data", json!({ "team": "ci" })),
        (
            "post",
            "/v1/interfaces/{id}/links",
            "/v1/interfaces/1/links",
            json!({ "mode": "auto", "subnet": 1 }),
        ),
        (
            "post",
            "/v1/machines/{id}/actions/{action}",
            "/v1/machines/1/actions/commission",
            Value::Null,
        ),
        ("delete", "/v1/domains/{id}", "/v1/domains/b.test", Value::Null),
        ("get", "/v1/cluster", "/v1/cluster", Value::Null),
        ("get", "/v1/imports", "/v1/imports", Value::Null),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_are_as_the_document_says() {
    let (face, document) = (Face::start().await, Document::read());
    for (verb, path, place, body) in requests() {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let kind = [("content-type", "application/json")];
        let kind = if body.is_empty() { &[][..] } else { &kind[..] };
        let answer = face.raw(&verb.to_uppercase(), place, kind, body).await;
        assert!(answer.status.is_success(), "{verb} {place}: {answer:#?}");
        let schema = document.answer(verb, path, answer.status.as_u16());
        assert_eq!(document.breach(schema, &answer.body), None, "{verb} {place}: {answer:#?}");
    }
    for route in http::routes() {
        let is_list = route.verb.name() == "GET" && route.operation.starts_with("list");
        if is_list {
            let answer = face.get(&route.path).await.good();
            let schema = document.answer("get", &route.path, 200);
            assert_eq!(document.breach(schema, &answer), None, "{}: {answer:#?}", route.path);
        }
    }
}
