//! Request bodies: JSON that says so, bounded in size and in time.

use crate::http::problem::{Problem, ProblemKind};
use axum::extract::{FromRequest, Request};
use axum::http::header;
use bytes::Bytes;
use serde_json::{Map, Value};
use std::time::Duration;
use tokio::time::timeout;

/// Bytes of a request body.
pub const BODY_BYTES_MAX: usize = 1 << 20;
/// What a client gets to send it.
pub const BODY_TIME_MAX: Duration = Duration::from_secs(10);

/// A request body as it came, for hashing and for reading as one thing or another.
#[derive(Clone, Debug)]
pub struct Body(pub Bytes);

impl<S: Send + Sync> FromRequest<S> for Body {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let kind =
            request.headers().get(header::CONTENT_TYPE).map(|value| value.as_bytes().to_vec());
        let received = timeout(BODY_TIME_MAX, Bytes::from_request(request, state)).await;
        let late = |_| Problem::new(ProblemKind::TooSlow, "the body did not arrive in time");
        let bytes = received.map_err(late)?.map_err(|rejection| {
            let kind = match rejection.status().as_u16() {
                413 => ProblemKind::TooLarge,
                _ => ProblemKind::Malformed,
            };
            Problem::new(kind, rejection.body_text())
        })?;
        match kind.as_deref() {
            Some(kind) if is_json(kind) => Ok(Self(bytes)),
            Some(kind) => {
                let detail = format!("it is {}", String::from_utf8_lossy(kind));
                Err(Problem::new(ProblemKind::UnsupportedType, detail))
            }
            // What has no type may come from a page of another site, which may send such bodies without being asked.
            None if !bytes.is_empty() => {
                Err(Problem::new(ProblemKind::UnsupportedType, "it has no Content-Type"))
            }
            None => Ok(Self(bytes)),
        }
    }
}

fn is_json(kind: &[u8]) -> bool {
    let essence = kind.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
    essence.eq_ignore_ascii_case(b"application/json")
        || essence.eq_ignore_ascii_case(b"application/merge-patch+json")
}

impl Body {
    /// The body as any JSON; none at all counts as `{}`.
    ///
    /// # Errors
    /// [`Problem`] if it is no JSON.
    pub fn json(&self) -> Result<Value, Problem> {
        let bytes = if self.0.is_empty() { b"{}" } else { self.0.as_ref() };
        serde_json::from_slice(bytes)
            .map_err(|error| Problem::new(ProblemKind::Malformed, error.to_string()))
    }

    /// The body as a JSON object.
    ///
    /// # Errors
    /// [`Problem`] if it is something else.
    pub fn object(&self) -> Result<Map<String, Value>, Problem> {
        object(self.json()?, "")
    }

    /// That there is no body, or an empty object.
    ///
    /// # Errors
    /// [`Problem`] naming its first field.
    pub fn nothing(&self) -> Result<(), Problem> {
        match self.object()?.keys().next() {
            None => Ok(()),
            Some(name) => Err(Problem::invalid(&format!("/{name}"), "is not a field here")),
        }
    }
}

/// A value as an object.
///
/// # Errors
/// [`Problem`] naming `pointer` if it is something else.
pub fn object(value: Value, pointer: &str) -> Result<Map<String, Value>, Problem> {
    match value {
        Value::Object(map) => Ok(map),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Err(Problem::invalid(pointer, "wants a JSON object"))
        }
    }
}
