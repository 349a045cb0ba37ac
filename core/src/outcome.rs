//! What a command came to when it was not refused. Compact: kept for sessions and keys, and the reply is made from it.

use crate::id::SessionId;
use crate::object::ObjectRef;
use serde::{Deserialize, Serialize};

/// The result of a command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// Done, with nothing to point at.
    Done,
    /// This object was created.
    Created(ObjectRef),
    /// This object now is as asked.
    Updated(ObjectRef),
    /// This object is gone.
    Deleted(ObjectRef),
    /// This session was opened.
    SessionOpened(SessionId),
    /// The outcomes of the steps of a batch, in order.
    Batch(Vec<Self>),
}
