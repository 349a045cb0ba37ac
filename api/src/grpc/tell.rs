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
    if says_nothing(&change) {
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

fn says_nothing(change: &ViewChange) -> bool {
    let ViewChange { whole, removed, vlans, hosts, leases, .. } = change;
    !whole && removed.is_empty() && vlans.is_empty() && hosts.is_empty() && leases.is_empty()
}
