//! Why an agent does not run, or runs no longer.

use crate::region::link::Nowhere;
use crate::store::trouble::StoreError;
use std::io;
use std::sync::Arc;

/// Why an agent does not run, or runs no longer.
#[derive(Debug, thiserror::Error)]
pub enum AgentError {
    /// It belongs to no region.
    #[error(
        "this machine is no rack yet: `regent token create rack` in the region, then `rack-agent join TOKEN` here"
    )]
    NoRack,
    /// The disk refuses, or another process has it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The disk refused while the agent ran: what was acknowledged is durable, nothing later may be.
    #[error("the records cannot be written any more, so the agent ends")]
    Disk(#[source] Arc<StoreError>),
    /// The system refuses what it needs.
    #[error("{what}")]
    System {
        /// What.
        what: &'static str,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// There is nobody to follow.
    #[error(transparent)]
    Nowhere(#[from] Nowhere),
    /// A part of the agent has ended that must not.
    #[error("{0} has ended, and the agent cannot go on without")]
    Ended(&'static str),
}

impl AgentError {
    /// What the system refused, as such an error.
    pub const fn system(what: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::System { what, source }
    }
}
