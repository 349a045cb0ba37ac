//! Blocks: addresses a rack may give to whom it likes, for a term, also while it is cut off (rule R8).

use crate::lease::refusal::Refusal;
use crate::lease::server::Server;
use crate::lease::terms::Terms;
use crate::time::ClusterTime;
use serde::{Deserialize, Serialize};

/// A rack's right to a block of addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Block {
    /// The rack.
    pub server: Server,
    /// Number of the message in which it asked for the block: what it asked before of single addresses is void.
    pub number: u64,
    /// When every lease it gave from the block has surely ended.
    pub until: ClusterTime,
}

/// A new block, which the rack asked for in message `number`. Each of its addresses has to be delegable.
#[must_use]
pub fn delegate(server: Server, number: u64, now: ClusterTime, terms: &Terms) -> Block {
    Block { server, number, until: now.after(terms.block_term) }
}

/// Another term for a block. Once it has ended it may not be extended: the rack may have forgotten what it gave.
///
/// # Errors
/// [`Refusal::NotDelegated`].
pub fn extend(
    block: &Block,
    server: Server,
    now: ClusterTime,
    terms: &Terms,
) -> Result<Block, Refusal> {
    if block.server != server || block.until <= now {
        return Err(Refusal::NotDelegated);
    }
    let next = delegate(server, block.number, now, terms);
    // Terms that became shorter take nothing back: the rack counts on what it was told.
    Ok(Block { until: next.until.max(block.until), ..next })
}
