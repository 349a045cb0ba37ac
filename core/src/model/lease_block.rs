//! A block of addresses that one rack gives without asking, for a term.

use crate::id::SubnetId;
use crate::lease::block::Block;
use crate::net::ip_number::IpNumber;
use crate::time::ClusterTime;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// Addresses of one block.
pub const BLOCK_ADDRESSES_MAX: usize = 256;

/// A block; its first address is its key. Blocks never overlap.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeaseBlock {
    /// The subnet its addresses are of.
    pub subnet: SubnetId,
    /// Its last address.
    pub last: IpAddr,
    /// Whose it is, and until when.
    pub block: Block,
    /// Until when its addresses rest after that.
    pub rests_until: ClusterTime,
}

impl LeaseBlock {
    /// Its addresses, if it begins at `first`: [`BLOCK_ADDRESSES_MAX`] at the most.
    pub fn addresses(&self, first: IpAddr) -> impl Iterator<Item = IpAddr> + use<> {
        let last = self.last;
        let next = |address: &IpAddr| Some(IpNumber::of(*address).checked_add(1)?.address());
        std::iter::successors(Some(first), next)
            .take_while(move |address| *address <= last)
            .take(BLOCK_ADDRESSES_MAX)
    }
}
