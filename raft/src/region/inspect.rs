//! What a simulation looks at and asks for beyond what users do: the committed log of a running node, and a snapshot now.

use crate::offline_log::OfflineEntry;
use crate::region::handle::Region;

impl Region {
    /// The committed entries from `index` on, as far as this node still holds them.
    #[must_use]
    pub fn committed_from(&self, index: u64) -> Vec<OfflineEntry> {
        let committed = self.log_indexes().committed;
        let entries = self.shared.log.entries(index..committed + 1);
        entries.into_iter().map(OfflineEntry::from).collect()
    }

    /// Has a snapshot made; it comes when it comes. What only older ones needed of the log is purged then.
    pub async fn make_snapshot(&self) {
        // A node that is stopping makes none, which it says itself.
        drop(self.shared.raft.trigger().snapshot().await);
    }
}
