//! What went wrong, as RFC 9457 problem details, and the one table of all kinds. Which kind an error of the region is says
//! `refusals`.
//!
//! `outcome` is what a client that retries must know: whether the write was applied, was not, or that nobody can
//! tell. `next` says what to do.

use crate::http::request_id;
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

macro_rules! problems {
    ($($(#[$doc:meta])* $kind:ident: $number:literal $slug:literal $status:ident $retryable:literal $title:literal, $next:literal;)*) => {
        /// Every kind of problem. Codes and slugs are stable.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum ProblemKind {$(
            $(#[$doc])*
            $kind,
        )*}

        impl ProblemKind {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$kind),*];

            /// The stable code.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$kind => $number),* }
            }

            /// The stable name in the `type` path.
            #[must_use]
            pub const fn slug(self) -> &'static str {
                match self { $(Self::$kind => $slug),* }
            }

            /// The HTTP status.
            #[must_use]
            pub const fn status(self) -> StatusCode {
                match self { $(Self::$kind => StatusCode::$status),* }
            }

            /// Whether the same request may work later.
            #[must_use]
            pub const fn retryable(self) -> bool {
                match self { $(Self::$kind => $retryable),* }
            }

            /// What it is, in a few words.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $(Self::$kind => $title),* }
            }

            /// What to do.
            #[must_use]
            pub const fn next(self) -> &'static str {
                match self { $(Self::$kind => $next),* }
            }
        }
    };
}

problems! {
    /// The request is not HTTP or JSON as we read it.
    Malformed: "E0001" "malformed" BAD_REQUEST false "the request cannot be read",
        "correct the request; GET /openapi.json describes every route";
    /// No such path.
    NoSuchRoute: "E0002" "no-such-route" NOT_FOUND false "there is no such path",
        "GET /openapi.json lists all paths";
    /// The path exists, not for this method.
    MethodNotAllowed: "E0003" "method-not-allowed" METHOD_NOT_ALLOWED false "the path does not take this method",
        "the Allow header lists the methods";
    /// A body of another type than JSON.
    UnsupportedType: "E0004" "unsupported-type" UNSUPPORTED_MEDIA_TYPE false "the body is not JSON",
        "send Content-Type: application/json";
    /// The body is too large.
    TooLarge: "E0005" "too-large" PAYLOAD_TOO_LARGE false "the request is too large",
        "split it; /v1/txn takes several changes as one";
    /// The request did not arrive in time.
    TooSlow: "E0006" "too-slow" REQUEST_TIMEOUT true "the request did not arrive in time",
        "send it again, faster";
    /// A page of another site asks through somebody's browser.
    ForeignSite: "E0007" "foreign-site" FORBIDDEN false "the request comes from another site",
        "ask by an address of this node, or by the name it advertises";
    /// None of the types the client accepts.
    NotAcceptable: "E0008" "not-acceptable" NOT_ACCEPTABLE false "the answer is of none of the accepted types",
        "leave the Accept header out, or name a type that the detail lists";
    /// No leader: nothing was applied.
    NoLeader: "E0101" "no-leader" SERVICE_UNAVAILABLE true "no leader, request refused",
        "retry; if it lasts, `regent status` shows which nodes are missing";
    /// The fate of the write is not known.
    OutcomeUnknown: "E0102" "outcome-unknown" GATEWAY_TIMEOUT true "the outcome of the write is unknown",
        "repeat the request with the same Idempotency-Key, or read before you write again";
    /// Too much at once.
    Overloaded: "E0103" "overloaded" TOO_MANY_REQUESTS true "too many requests at once",
        "retry after the time in Retry-After";
    /// The node is stopping.
    Stopping: "E0104" "stopping" SERVICE_UNAVAILABLE true "this node is stopping",
        "ask another node";
    /// The node's data is older than the reader accepts.
    TooStale: "E0105" "too-stale" SERVICE_UNAVAILABLE true "this node's data is too old",
        "raise max_stale, or ask another node";
    /// The wanted revision did not arrive in time.
    NotReached: "E0106" "revision-not-reached" SERVICE_UNAVAILABLE true "this node has not reached the revision",
        "raise wait, or ask another node";
    /// The leader's disk is nearly full.
    DiskFull: "E0107" "disk-full" INSUFFICIENT_STORAGE true "the leader's disk is nearly full",
        "free space on the leader; reads and DNS go on";
    /// The replicas differ.
    Contested: "E0108" "replicas-differ" SERVICE_UNAVAILABLE false "the region's nodes hold different states",
        "`regent status` shows the digests; keep all data directories and report it";
    /// What the client saw last is no longer kept.
    Compacted: "E0109" "compacted" GONE false "what you saw last is no longer kept",
        "list again, then follow from the revision of that list";
    /// Another site is being brought in.
    ImportRunning: "E0110" "import-running" SERVICE_UNAVAILABLE true "an import is running, nothing else is written",
        "retry when it has ended: after 30 minutes in which nobody goes on with it, or by `regent import abandon`";
    /// No such object.
    NotFound: "E0201" "not-found" NOT_FOUND false "there is no such object",
        "list the collection to see what exists";
    /// A value breaks a rule.
    Invalid: "E0202" "invalid" UNPROCESSABLE_ENTITY false "a value is not allowed",
        "correct what is named, and send it again";
    /// A reference leads nowhere.
    MissingReference: "E0203" "missing-reference" UNPROCESSABLE_ENTITY false "a field refers to something that does not exist",
        "create what it refers to first, or correct the reference";
    /// A unique value is taken.
    NotUnique: "E0204" "not-unique" CONFLICT false "the value is already taken",
        "choose another value, or change the object that holds it";
    /// Something refers to the object.
    InUse: "E0205" "in-use" CONFLICT false "the object is in use",
        "remove or move what uses it first";
    /// The object's state does not allow it.
    StateForbids: "E0206" "state-forbids" CONFLICT false "the object's state does not allow this",
        "the detail says what would";
    /// If-Match or another guard failed.
    PreconditionFailed: "E0207" "precondition-failed" PRECONDITION_FAILED false "the object has changed",
        "read it again and repeat the change on what it is now";
    /// A bound of the system.
    LimitReached: "E0208" "limit-reached" TOO_MANY_REQUESTS true "a limit is reached",
        "remove what is no longer needed, or retry later";
    /// An idempotency key with another request.
    KeyReused: "E0209" "idempotency-key-reused" UNPROCESSABLE_ENTITY false "the idempotency key was used for another request",
        "use a new key for a new request";
    /// Too few free addresses.
    SubnetExhausted: "E0210" "subnet-exhausted" CONFLICT false "the subnet has too few free addresses",
        "release addresses, shrink its ranges, or use another subnet";
    /// A condition of a transaction does not hold.
    ConditionFailed: "E0211" "condition-failed" CONFLICT false "a condition of the transaction does not hold",
        "read again what guards lists, and decide anew";
    /// The group refused a change of its membership.
    MembershipRefused: "E0301" "membership-refused" CONFLICT false "the region's nodes cannot be changed so",
        "`regent node ls` shows the nodes and how they are";
    /// A bug of ours.
    Internal: "E0901" "internal" INTERNAL_SERVER_ERROR false "an internal failure",
        "report it with the log of this node";
}

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
            status: kind.status().as_u16(),
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
        let status = self.kind.status();
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
