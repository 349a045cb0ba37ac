//! A fabric: switches that share VLANs. The same VLAN number means different VLANs on different fabrics.

use serde::{Deserialize, Serialize};

/// A fabric.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fabric {
    /// Its name; unique. Left empty it becomes `fabric-ID`.
    pub name: String,
    /// What sort of network it is, for machine constraints.
    pub class_type: Option<String>,
    /// Free text for people.
    pub description: String,
}
