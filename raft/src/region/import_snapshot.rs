//! A snapshot soon after an import: until there is one, every start of this node repeats the whole of it from the log.

use crate::region::handle::Region;
use regent_core::model::import::Stage;
use regent_core::revision::Revision;
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
            if self.newest_import().is_none_or(|revision| revision.0 <= covered) {
                continue;
            }
            if self.shared.raft.trigger().snapshot().await.is_err() {
                return;
            }
        }
    }

    fn newest_import(&self) -> Option<Revision> {
        let published = self.published();
        let imports = published.state.tables().imports.iter();
        let committed =
            imports.filter(|(_, row)| matches!(row.value.stage, Stage::Committed { .. }));
        committed.map(|(_, row)| row.revision).max()
    }
}
