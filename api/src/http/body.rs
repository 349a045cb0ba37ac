//! Request bodies: JSON that says so, bounded in size and in time.

use crate::http::problem::Problem;
use crate::problem_kind::ProblemKind;
use axum::extract::{FromRequest, Request};
use axum::http::header;
use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::time::Duration;
use tokio::time::timeout;

/// Bytes of a request body.
pub const BODY_BYTES_MAX: usize = 1 << 20;
/// What a client gets to send it.
pub const BODY_TIME_MAX: Duration = Duration::from_secs(10);

/// The type of bodies in the sealed form of the log.
pub const SEALED_TYPE: &str = "application/octet-stream";

/// A request body as it came, for hashing and for reading as one thing or another.
#[derive(Clone, Debug)]
pub struct Body(pub Bytes);

impl<S: Send + Sync> FromRequest<S> for Body {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        receive(request, state, &["application/json", "application/merge-patch+json"])
            .await
            .map(Self)
    }
}

/// A request body in the sealed form of the log.
#[derive(Clone, Debug)]
pub struct SealedBody(pub Bytes);

impl<S: Send + Sync> FromRequest<S> for SealedBody {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        receive(request, state, &[SEALED_TYPE]).await.map(Self)
    }
}

/// A body of one of these types; only an empty one may have none.
async fn receive<S: Send + Sync>(
    request: Request,
    state: &S,
    types: &[&str],
) -> Result<Bytes, Problem> {
    let header = request.headers().get(header::CONTENT_TYPE);
    let kind = header.map(|kind| String::from_utf8_lossy(kind.as_bytes()).into_owned());
    let received = timeout(BODY_TIME_MAX, Bytes::from_request(request, state)).await;
    let late = |_| Problem::new(ProblemKind::TooSlow, "the body did not arrive in time");
    let bytes = received.map_err(late)?.map_err(|rejection| {
        let kind = match rejection.status().as_u16() {
            413 => ProblemKind::TooLarge,
            _ => ProblemKind::Malformed,
        };
        Problem::new(kind, rejection.body_text())
    })?;
    let unsupported = |detail: String| Problem::new(ProblemKind::UnsupportedType, detail);
    let Some(kind) = kind else {
        // What has no type may come from a page of another site, which may send such bodies without being asked.
        let why = || unsupported("it has no Content-Type".into());
        return bytes.is_empty().then_some(bytes).ok_or_else(why);
    };
    let essence = kind.split(';').next().unwrap_or_default().trim();
    let known = types.iter().any(|known| essence.eq_ignore_ascii_case(known));
    known.then_some(bytes).ok_or_else(|| unsupported(format!("it is {kind}, not {}", types[0])))
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

    /// The body as a type that knows its own fields.
    ///
    /// # Errors
    /// [`Problem`] if it is no JSON, or other JSON.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        serde_json::from_value(self.json()?)
            .map_err(|error| Problem::invalid("body", error.to_string()))
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
