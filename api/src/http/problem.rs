//! What went wrong, as RFC 9457 problem details. Which kinds there are says `problem_kind`, and which of them an error of the
//! region is, `refusals`.
//!
//! `outcome` is what a client that retries must know: whether the write was applied, was not, or that nobody can
//! tell. `next` says what to do.

use crate::http::request_id;
use crate::problem_kind::ProblemKind;
use axum::Json;
use axum::body::to_bytes;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use regent_core::object::ObjectRef;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// Whether a write's answer is the kept one of an earlier application.
pub const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// Wrong fields that one problem names.
pub const FIELDS_NAMED_MAX: usize = 64;
/// Bytes of a plain-text error that are put into a problem.
const PLAIN_BYTES_MAX: usize = 4096;

/// Whether a write was applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WriteOutcome {
    /// It was not, and will not be.
    NotApplied,
    /// It may have been, or may still be.
    Unknown,
}

/// A problem on its way to a client.
#[derive(Clone, Debug)]
pub struct Problem {
    kind: ProblemKind,
    detail: String,
    errors: Vec<FieldError>,
    object: Option<Box<str>>,
    rest: Option<Box<Rest>>,
}

/// What only some problems carry.
#[derive(Clone, Debug, Default)]
struct Rest {
    current: Option<Value>,
    guards: Vec<FailedGuard>,
    oldest: Option<u64>,
    replayed: bool,
}

/// A condition that does not hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FailedGuard {
    /// The path it is about.
    pub path: String,
    /// The revision the object has; null if there is none.
    pub current_revision: Option<u64>,
}

/// A problem as clients read it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ProblemBody {
    /// Which kind, as a path on this node.
    #[serde(rename = "type")]
    pub kind_path: String,
    /// The kind in a few words.
    pub title: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// What happened this time.
    pub detail: String,
    /// Stable code.
    pub code: &'static str,
    /// Whether the same request may work later.
    pub retryable: bool,
    /// Whether a write was applied.
    pub outcome: WriteOutcome,
    /// What to do.
    pub next: &'static str,
    /// The fields that are wrong.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// The object that stands in the way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object: Option<Box<str>>,
    /// The object as it is now, where the request was made for another state of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current: Option<Value>,
    /// The conditions that do not hold.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub guards: Vec<FailedGuard>,
    /// The oldest revision from which changes can be followed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oldest: Option<u64>,
    /// The request this is the answer to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
}

/// A field that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldError {
    /// Which, as a JSON pointer or a name.
    pub pointer: String,
    /// What is wrong with it.
    pub message: String,
}

impl Problem {
    /// A problem of a kind, with what happened this time.
    pub fn new(kind: ProblemKind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into(), errors: Vec::new(), object: None, rest: None }
    }

    /// A value of a request that breaks a rule.
    pub fn invalid(pointer: &str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self::new(ProblemKind::Invalid, format!("{pointer}: {message}"))
            .with_field(pointer, message)
    }

    /// The problem with a field named.
    ///
    /// After the first [`FIELDS_NAMED_MAX`] no more are named.
    #[must_use]
    pub fn with_field(mut self, pointer: &str, message: impl Into<String>) -> Self {
        if self.errors.len() == FIELDS_NAMED_MAX {
            return self;
        }
        self.errors.push(FieldError { pointer: pointer.into(), message: message.into() });
        self
    }

    /// The problem with the object that stands in the way.
    #[must_use]
    pub fn about(mut self, object: &ObjectRef) -> Self {
        self.object = Some(object.to_string().into());
        self
    }

    /// The problem as another kind.
    #[must_use]
    pub const fn as_kind(mut self, kind: ProblemKind) -> Self {
        self.kind = kind;
        self
    }

    /// The problem with the object as it is now.
    #[must_use]
    pub fn with_current(mut self, current: Option<Value>) -> Self {
        self.rest.get_or_insert_default().current = current;
        self
    }

    /// The problem with the conditions that do not hold.
    #[must_use]
    pub fn with_guards(mut self, guards: Vec<FailedGuard>) -> Self {
        self.rest.get_or_insert_default().guards = guards;
        self
    }

    /// The problem with the oldest revision that can still be followed.
    #[must_use]
    pub fn with_oldest(mut self, revision: u64) -> Self {
        self.rest.get_or_insert_default().oldest = Some(revision);
        self
    }

    /// The problem as the kept answer to an earlier request.
    #[must_use]
    pub fn as_replayed(mut self) -> Self {
        self.rest.get_or_insert_default().replayed = true;
        self
    }

    /// The problem with every field it names put below `place`.
    #[must_use]
    pub fn within(mut self, place: &str) -> Self {
        for error in &mut self.errors {
            error.pointer.insert_str(0, place);
        }
        self.detail = format!("{place}: {}", self.detail);
        self
    }

    /// Its kind.
    #[must_use]
    pub const fn kind(&self) -> ProblemKind {
        self.kind
    }

    /// What a client reads.
    #[must_use]
    pub fn into_body(self) -> ProblemBody {
        let Self { kind, detail, errors, object, rest } = self;
        let Rest { current, guards, oldest, replayed: _ } = *rest.unwrap_or_default();
        let is_unknown = kind == ProblemKind::OutcomeUnknown;
        let outcome = if is_unknown { WriteOutcome::Unknown } else { WriteOutcome::NotApplied };
        ProblemBody {
            kind_path: format!("/problems/{}", kind.slug()),
            title: kind.title(),
            status: kind.status(),
            detail,
            code: kind.code(),
            retryable: kind.retryable(),
            outcome,
            next: kind.next(),
            errors,
            object,
            current,
            guards,
            oldest,
            instance: request_id::current(),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        if self.kind == ProblemKind::Internal {
            tracing::error!(
                request_id = request_id::current(),
                detail = self.detail,
                "a request failed"
            );
        }
        let status = StatusCode::from_u16(self.kind.status());
        let status = status.expect("the table has statuses of HTTP");
        let retry_after = self.kind.retryable().then_some(HeaderValue::from_static("1"));
        let replayed = self.rest.as_ref().is_some_and(|rest| rest.replayed);
        let mut response = (status, Json(self.into_body())).into_response();
        let headers = response.headers_mut();
        if replayed {
            headers.insert(REPLAYED, HeaderValue::from_static("true"));
        }
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(retry_after) = retry_after {
            headers.insert(header::RETRY_AFTER, retry_after);
        }
        response
    }
}

/// Turns the plain-text errors of axum's own extractors into problems.
pub async fn in_json(response: Response) -> Response {
    let status = response.status();
    let is_json = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().ends_with(b"json"));
    if !(status.is_client_error() || status.is_server_error()) || is_json {
        return response;
    }
    let kind = match status {
        StatusCode::NOT_FOUND => ProblemKind::NoSuchRoute,
        StatusCode::METHOD_NOT_ALLOWED => ProblemKind::MethodNotAllowed,
        StatusCode::PAYLOAD_TOO_LARGE => ProblemKind::TooLarge,
        StatusCode::UNSUPPORTED_MEDIA_TYPE => ProblemKind::UnsupportedType,
        StatusCode::UNPROCESSABLE_ENTITY => ProblemKind::Invalid,
        status if status.is_server_error() => ProblemKind::Internal,
        _ => ProblemKind::Malformed,
    };
    let allow = response.headers().get(header::ALLOW).cloned();
    let body = to_bytes(response.into_body(), PLAIN_BYTES_MAX).await.unwrap_or_default();
    let mut problem = Problem::new(kind, String::from_utf8_lossy(&body)).into_response();
    if let Some(allow) = allow {
        problem.headers_mut().insert(header::ALLOW, allow);
    }
    problem
}
