//! What one applied entry touched: for watchers, racks, DNS.

use crate::object::ObjectRef;
use serde::{Deserialize, Serialize};

/// What happened to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Operation {
    /// It was not there before.
    Create,
    /// It was there and differs now.
    Update,
    /// It is gone.
    Delete,
}

/// One object touched at one revision. An entry that touches an object several times is one change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// What happened to it.
    pub operation: Operation,
    /// Which object.
    pub object: ObjectRef,
}
