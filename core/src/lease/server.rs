//! Which rack it is that asks, and in which of its lives.

use crate::id::NodeId;
use serde::{Deserialize, Serialize};

/// Which life of a rack this is. A rack that lost its records begins the next one.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Incarnation(pub u32);

/// A rack in one of its lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Server {
    /// The rack controller.
    pub rack: NodeId,
    /// Its life.
    pub incarnation: Incarnation,
}
