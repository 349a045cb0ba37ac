//! Workload annotations: what the owner of a node noted on it.

use crate::id::NodeId;
use crate::object::{Key, TableKey};
use serde::{Deserialize, Serialize};

/// Which annotation of which node.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct OwnerDataKey {
    /// The node.
    pub node: NodeId,
    /// The annotation's name.
    pub key: String,
}

/// An annotation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnerData {
    /// Its value.
    pub value: String,
}

impl TableKey for OwnerDataKey {
    fn to_key(&self) -> Key {
        Key::Name(format!("{}/{}", self.node, self.key))
    }

    fn from_key(key: &Key) -> Option<Self> {
        let Key::Name(text) = key else { return None };
        let (node, key) = text.split_once('/')?;
        Some(Self { node: NodeId(node.parse().ok()?), key: key.to_owned() })
    }
}
