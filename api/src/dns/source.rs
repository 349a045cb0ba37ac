//! Where the answers come from: what this node has applied, however old that is.

use regent_raft::region::handle::Region;
use regent_raft::state_machine::published::{Progress, Published};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// A node, as DNS needs to know it.
pub trait Source: Send + Sync + 'static {
    /// The state applied last. Held for one packet, or for one transfer.
    fn published(&self) -> Arc<Published>;

    /// Follows what is applied.
    fn progress(&self) -> watch::Receiver<Progress>;

    /// How long ago the leader was heard; `None` without one.
    fn last_contact(&self) -> Option<Duration>;

    /// Whether this node leads.
    fn is_leader(&self) -> bool;
}

impl Source for Region {
    fn published(&self) -> Arc<Published> {
        Self::published(self)
    }

    fn progress(&self) -> watch::Receiver<Progress> {
        Self::progress(self)
    }

    fn last_contact(&self) -> Option<Duration> {
        Self::last_contact(self)
    }

    fn is_leader(&self) -> bool {
        self.leadership().is_leader
    }
}
