//! Commands about fabrics.

use crate::command::edit::Edit;
use crate::command::patch::patch;
use crate::id::FabricId;
use crate::model::fabric::Fabric;

/// A change of the fabrics.
pub type FabricCommand = Edit<Fabric, FabricPatch, FabricId>;

patch! {
    /// Changed fields of a fabric.
    FabricPatch of Fabric {
        /// Its name.
        name: String,
        /// What sort of network it is.
        class_type: Option<String>,
        /// Free text for people.
        description: String,
    }
}
