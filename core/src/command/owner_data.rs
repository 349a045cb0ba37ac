//! Commands about workload annotations.

use crate::id::NodeId;
use serde::{Deserialize, Serialize};

/// A change of the annotations of a node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum OwnerDataCommand {
    /// A new or changed annotation.
    Set {
        /// The node.
        node: NodeId,
        /// The annotation's name.
        key: String,
        /// Its value.
        value: String,
    },
    /// Gone; it need not be there.
    Remove {
        /// The node.
        node: NodeId,
        /// The annotation's name.
        key: String,
    },
}
