//! A space: VLANs, on any fabric, that may talk to each other.

use serde::{Deserialize, Serialize};

/// A space.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Space {
    /// Its name; unique. Left empty it becomes `space-ID`.
    pub name: String,
    /// Free text for people.
    pub description: String,
}
