//! Raft messages as the sealed bytes that travel inside the schema's frames.

use crate::network::refusal::Refusal;
use bytes::Bytes;
use regent_core::codec;
use serde::{Serialize, de::DeserializeOwned};

/// The bytes of a message.
pub(crate) fn seal<T: Serialize>(message: &T) -> Bytes {
    Bytes::from(codec::seal(message))
}

/// The message in these bytes.
///
/// # Errors
/// [`Refusal::Malformed`], whatever is wrong with them: a peer gets no closer look.
pub(crate) fn open<T: DeserializeOwned>(sealed: &[u8]) -> Result<T, Refusal> {
    codec::open(sealed).map_err(|error| {
        tracing::debug!(%error, "could not decode a peer's message");
        Refusal::Malformed("payload does not decode")
    })
}
