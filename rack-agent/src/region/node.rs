//! A region node as racks know it.

use crate::endpoint::Endpoint;

/// A region node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Its number in the region.
    pub id: u64,
    /// Where racks reach it.
    pub api: Endpoint,
    /// Whether it led the region when this was said.
    pub leads: bool,
    /// Racks connected to it; none if the others do not hear of it.
    pub racks: Option<u32>,
}
