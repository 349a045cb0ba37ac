//! Demo data: request files of `examples/`, sent over HTTP like anybody's requests.
//!
//! A request may use what an earlier one returned: `{name.field}` stands for a field of the reply to the request of that
//! name, in a path as text, in a body as the value it is.

use crate::cli::client::{Call, Client};
use anyhow::Context as _;
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Map, Value};

/// The small demo.
pub const SMALL: &str = include_str!("../../../examples/demo-small.json");

/// A request file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RequestFile {
    /// What it is, for its readers.
    #[serde(rename = "about")]
    _about: String,
    requests: Vec<Request>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    /// The name later requests know its reply by.
    name: Option<String>,
    post: String,
    body: Option<Value>,
}

/// Sends all requests of `file`, one after the other, and tells how many.
///
/// # Errors
/// At the first request that is refused.
pub async fn send(client: &Client, file: &str) -> anyhow::Result<usize> {
    let RequestFile { requests, .. } = serde_json::from_str(file).context("a request file")?;
    let mut replies = Map::new();
    for Request { name, post, body } in &requests {
        let path = filled_text(post, &replies)?;
        let body = body.as_ref().map(|body| filled(body, &replies)).transpose()?;
        let answer = client.call(&Call::write(Method::POST, &path, body)).await?;
        if let Some(name) = name {
            replies.insert(name.clone(), answer.body);
        }
    }
    Ok(requests.len())
}

fn filled(value: &Value, replies: &Map<String, Value>) -> anyhow::Result<Value> {
    Ok(match value {
        Value::String(text) => match reference(text) {
            Some(reference) => looked_up(reference, replies)?.clone(),
            None => value.clone(),
        },
        Value::Array(items) => {
            items.iter().map(|item| filled(item, replies)).collect::<Result<_, _>>()?
        }
        Value::Object(fields) => {
            let field =
                |(key, field): (&String, &Value)| Ok((key.clone(), filled(field, replies)?));
            Value::Object(fields.iter().map(field).collect::<anyhow::Result<_>>()?)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    })
}

fn filled_text(text: &str, replies: &Map<String, Value>) -> anyhow::Result<String> {
    let segment = |segment: &str| match reference(segment) {
        Some(reference) => {
            let value = looked_up(reference, replies)?;
            Ok(value.as_str().map_or_else(|| value.to_string(), str::to_owned))
        }
        None => Ok(segment.to_owned()),
    };
    let segments: anyhow::Result<Vec<_>> = text.split('/').map(segment).collect();
    Ok(segments?.join("/"))
}

fn reference(text: &str) -> Option<&str> {
    text.strip_prefix('{')?.strip_suffix('}')
}

fn looked_up<'a>(reference: &str, replies: &'a Map<String, Value>) -> anyhow::Result<&'a Value> {
    let (name, field) = reference.split_once('.').unwrap_or((reference, "id"));
    let value = replies.get(name).and_then(|reply| reply.get(field));
    value.with_context(|| {
        format!("the request file refers to {reference}, which no earlier reply has")
    })
}

#[cfg(test)]
mod tests {
    use super::{RequestFile, SMALL, filled, filled_text};
    use serde_json::{Value, json};

    fn replies() -> serde_json::Map<String, Value> {
        let Value::Object(map) = json!({"lab": {"id": 7, "name": "lab.test"}}) else {
            unreachable!()
        };
        map
    }

    #[test]
    fn reference_becomes_text_in_a_path_and_a_value_in_a_body() {
        assert_eq!(filled_text("/v1/domains/{lab.id}/x", &replies()).unwrap(), "/v1/domains/7/x");
        let body =
            filled(&json!({"domain": "{lab.id}", "list": ["{lab.name}"]}), &replies()).unwrap();
        assert_eq!(body, json!({"domain": 7, "list": ["lab.test"]}));
    }

    #[test]
    fn reference_to_nothing_is_named() {
        let error = filled_text("/v1/{nobody.id}", &replies()).unwrap_err().to_string();
        assert!(error.contains("nobody.id"), "{error}");
    }

    #[test]
    fn small_demo_makes_two_domains_and_24_machines() {
        let file: RequestFile = serde_json::from_str(SMALL).unwrap();
        let made = |path: &str| file.requests.iter().filter(|request| request.post == path).count();
        assert_eq!((made("/v1/domains"), made("/v1/machines")), (2, 24));
    }
}
