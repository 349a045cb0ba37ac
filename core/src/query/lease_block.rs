//! The block an address lies in.

use crate::model::lease_block::LeaseBlock;
use crate::state::State;
use std::net::IpAddr;

/// The block of addresses, with its first one, that one rack may be giving an address from.
#[must_use]
pub fn block_around(state: &State, address: IpAddr) -> Option<(IpAddr, &LeaseBlock)> {
    let (first, row) = state.tables().lease_blocks.range(..=address).next_back()?;
    (address <= row.value.last).then_some((*first, &row.value))
}
