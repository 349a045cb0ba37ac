//! A tag: a word that nodes carry. Which ones do is written on the nodes.

use serde::{Deserialize, Serialize};

/// A tag. Its definition is recorded; nothing here evaluates it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tag {
    /// Its name; unique.
    pub name: String,
    /// XPath over the hardware description of the nodes that shall carry it; empty if people decide.
    pub definition: String,
    /// Free text for people.
    pub comment: String,
    /// Options for the kernels of nodes that carry it.
    pub kernel_opts: String,
}
