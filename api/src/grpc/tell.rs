//! Telling a rack what is different of its view, in parts.

use crate::grpc::outbox::{NotTaken, Outbox};
use regent_core::rack_view::change::ViewChange;
use regent_proto::rack::to_rack::Message;
use regent_proto::view::parts;

/// Tells a change, unless it says nothing. The revision that was told.
///
/// # Errors
/// [`NotTaken`].
pub async fn tell(change: ViewChange, outbox: &mut Outbox) -> Result<Option<u64>, NotTaken> {
    if change.says_nothing() {
        return Ok(None);
    }
    let revision = change.revision;
    let parts = parts::write(&change).map_err(|error| {
        // A rack that misses a part of its view must not go on with the rest.
        tracing::error!(%error, "a view has no place in messages");
        NotTaken::Gone
    })?;
    drop(change);
    for part in parts {
        outbox.send(Message::View(part)).await?;
    }
    Ok(Some(revision))
}
