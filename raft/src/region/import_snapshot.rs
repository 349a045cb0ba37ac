//! A snapshot soon after an import: until there is one, every start of this node repeats the whole of it from the log.

use crate::region::handle::Region;
use regent_core::model::import::Stage;
use std::time::Duration;
use tokio::time::interval;

/// How often is looked. Of what comes in while a snapshot is being written, the next look sees to.
const LOOK_EVERY: Duration = Duration::from_secs(1);

impl Region {
    /// Has a snapshot made whenever the newest one has a committed import not in it.
    pub(crate) async fn snapshot_imports(self) {
        let mut look = interval(LOOK_EVERY);
        loop {
            look.tick().await;
            let covered = self.log_indexes().snapshot;
            if self.newest_import().is_none_or(|index| index <= covered) {
                continue;
            }
            if self.shared.raft.trigger().snapshot().await.is_err() {
                return;
            }
        }
    }

    /// The log index of the newest committed import. One from before a restore lies before all of this log.
    fn newest_import(&self) -> Option<u64> {
        let published = self.published();
        let offset = published.state.meta().revision_offset;
        let imports = published.state.tables().imports.iter();
        let committed =
            imports.filter(|(_, row)| matches!(row.value.stage, Stage::Committed { .. }));
        committed.map(|(_, row)| row.revision.0.saturating_sub(offset)).max()
    }
}
