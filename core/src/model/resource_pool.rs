//! A resource pool: machines that are given out together.

use serde::{Deserialize, Serialize};

/// A resource pool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResourcePool {
    /// Its name; unique.
    pub name: String,
    /// Free text for people.
    pub description: String,
}
