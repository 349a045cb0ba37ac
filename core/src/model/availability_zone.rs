//! An availability zone: machines that fail together. MAAS calls it a (physical) zone.

use serde::{Deserialize, Serialize};

/// An availability zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AvailabilityZone {
    /// Its name; unique.
    pub name: String,
    /// Free text for people.
    pub description: String,
}
