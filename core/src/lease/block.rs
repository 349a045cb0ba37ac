//! Blocks: addresses a rack may give to whom it likes, for a term, also while it is cut off (rule R8).

use crate::lease::binding::Server;
use crate::lease::free::Standing;
use crate::lease::refusal::Refusal;
use crate::lease::terms::Terms;
use crate::time::ClusterTime;
use serde::{Deserialize, Serialize};

/// A rack's right to a block of addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Block {
    /// The rack.
    pub server: Server,
    /// When every lease it gave from the block has surely ended.
    pub until: ClusterTime,
}

/// Whether an address may become part of a new block.
///
/// # Errors
/// What stands in the way.
pub fn check_delegable(
    standing: &Standing<'_>,
    now: ClusterTime,
    terms: &Terms,
) -> Result<(), Refusal> {
    standing.check_block(None, now, terms)?;
    standing.check_reserved(None)?;
    standing.check_free(now, terms)
}

/// A new block. Each of its addresses has to be delegable.
#[must_use]
pub fn delegate(server: Server, now: ClusterTime, terms: &Terms) -> Block {
    Block { server, until: now.after(terms.block_term) }
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
    Ok(delegate(server, now, terms))
}
