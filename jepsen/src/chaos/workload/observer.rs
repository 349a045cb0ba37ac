//! Somebody who looks at one node again and again, for what a run has been through: who leads, and snapshots that arrived.

use crate::cluster::place::Place;
use crate::cluster::status::{self, ClusterStatus};
use crate::load::meter::Meter;
use regent_check::history::line::{Note, Revision};
use reqwest::Client;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::sleep;

/// Pause between two looks.
const PAUSE: Duration = Duration::from_millis(250);
/// What an answer may take.
const ANSWER_MAX: Duration = Duration::from_secs(2);
/// Snapshots a node received since it started, and the last index of the one it has (docs/api.md).
const INSTALLED: &str = "regent_snapshots_installed_total ";
const LAST_INDEX: &str = "regent_raft_snapshot_index ";

/// An observer.
pub struct Observer {
    /// The node.
    pub place: Place,
    /// For questions.
    pub http: Client,
    /// The clock.
    pub meter: Arc<Meter>,
}

impl Observer {
    /// Looks until it is told to stop; tells what it saw.
    pub async fn work(self, stopped: watch::Receiver<bool>) -> Vec<Note> {
        let (mut notes, mut terms, mut installed) = (Vec::new(), BTreeSet::new(), 0);
        while !*stopped.borrow() {
            let status = status::ask(&self.http, &self.place.api).await;
            if let Some(status) = status.filter(ClusterStatus::leads)
                && terms.insert(status.term)
            {
                let (node, term) = (self.place.name.clone(), status.term);
                notes.push(Note::Leader { node, term, seen: self.meter.now() });
            }
            if let Some((number, index)) = self.snapshots().await {
                // It counts from its start.
                if number > std::mem::replace(&mut installed, number) {
                    let (node, revision) = (self.place.name.clone(), Revision(index));
                    notes.push(Note::Snapshot { node, revision, seen: self.meter.now() });
                }
            }
            sleep(PAUSE).await;
        }
        notes
    }

    async fn snapshots(&self) -> Option<(u64, u64)> {
        let url = format!("http://{}/metrics", self.place.api);
        let answer = self.http.get(url).timeout(ANSWER_MAX).send().await.ok()?;
        let text = answer.text().await.ok()?;
        Some((figure(&text, INSTALLED)?, figure(&text, LAST_INDEX)?))
    }
}

/// A figure that stands behind its name in a line of its own.
fn figure(text: &str, name: &str) -> Option<u64> {
    text.lines().find_map(|line| line.strip_prefix(name))?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{INSTALLED, LAST_INDEX, figure};

    #[test]
    fn figures_are_found_by_their_whole_names() {
        let text =
            "# TYPE regent_snapshots_installed counter\nregent_snapshots_installed_total 3\n";
        assert_eq!((figure(text, INSTALLED), figure(text, LAST_INDEX)), (Some(3), None));
    }
}
