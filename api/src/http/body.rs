//! Request bodies: JSON, bounded, with unknown fields refused by name.

use crate::http::problem::{Problem, ProblemKind};
use axum::extract::{FromRequest, Request};
use axum::http::header;
use bytes::Bytes;
use serde::de::DeserializeOwned;

/// Bytes of a request body.
pub const BODY_BYTES_MAX: usize = 1 << 20;

/// A request body as it came, for hashing and for reading as one type or another.
#[derive(Clone, Debug)]
pub struct Body(pub Bytes);

impl<S: Send + Sync> FromRequest<S> for Body {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let kind =
            request.headers().get(header::CONTENT_TYPE).map(|value| value.as_bytes().to_vec());
        let bytes = Bytes::from_request(request, state).await.map_err(|rejection| {
            let kind = match rejection.status().as_u16() {
                413 => ProblemKind::TooLarge,
                _ => ProblemKind::Malformed,
            };
            Problem::new(kind, rejection.body_text())
        })?;
        let is_json = kind.as_deref().is_none_or(|kind| kind.starts_with(b"application/json"));
        if !bytes.is_empty() && !is_json {
            let kind = String::from_utf8_lossy(kind.as_deref().unwrap_or_default()).into_owned();
            return Err(Problem::new(ProblemKind::UnsupportedType, format!("it is {kind}")));
        }
        Ok(Self(bytes))
    }
}

impl Body {
    /// The body as a value of `T`.
    ///
    /// # Errors
    /// [`Problem`]: malformed if it is no JSON, invalid if it is JSON of another shape.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        let bytes = if self.0.is_empty() { b"{}" } else { self.0.as_ref() };
        serde_json::from_slice(bytes).map_err(|error| {
            let kind = match error.classify() {
                serde_json::error::Category::Data => ProblemKind::Invalid,
                serde_json::error::Category::Io
                | serde_json::error::Category::Syntax
                | serde_json::error::Category::Eof => ProblemKind::Malformed,
            };
            Problem::new(kind, error.to_string())
        })
    }
}
