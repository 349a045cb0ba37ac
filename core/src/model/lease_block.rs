//! A block of addresses that one rack gives without asking, for a term.

use crate::id::SubnetId;
use crate::lease::block::Block;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// Addresses of one block.
pub const BLOCK_ADDRESSES_MAX: u32 = 1024;

/// A block; its first address is its key. Blocks never overlap.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeaseBlock {
    /// The subnet its addresses are of.
    pub subnet: SubnetId,
    /// Its last address.
    pub last: IpAddr,
    /// Whose it is, and until when.
    pub block: Block,
}
