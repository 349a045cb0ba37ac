//! The id a request is known by in replies, problems and logs.

use axum::http::{HeaderMap, HeaderName};

/// The header that carries it, both ways.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("request-id");
/// Bytes of a request id a client may choose.
const REQUEST_ID_BYTES_MAX: usize = 128;

tokio::task_local! {
    /// The id of the request being answered.
    pub static CURRENT: String;
}

/// The client's own id if it sent a usable one, else a random one.
#[must_use]
pub fn of(headers: &HeaderMap) -> String {
    let sent = headers.get(&REQUEST_ID).filter(|id| id.len() <= REQUEST_ID_BYTES_MAX);
    let sent = sent.and_then(|id| id.to_str().ok()).filter(|id| !id.is_empty());
    sent.map_or_else(|| format!("{:016x}", rand::random::<u64>()), str::to_owned)
}

/// The id of the request being answered, if one is.
#[must_use]
pub fn current() -> Option<String> {
    CURRENT.try_with(Clone::clone).ok()
}
