//! Keeps on disk where the region's nodes are, in a task of its own: the loop that answers clients waits for no disk.

use crate::endpoint::Endpoint;
use crate::store::nodes;
use std::path::{Path, PathBuf};
use tokio::sync::watch;
use tokio::task::{JoinHandle, spawn_blocking};

/// Where nodes are given to. Of those that were given meanwhile the last are written.
#[derive(Debug)]
pub struct NodeKeeper {
    latest: watch::Sender<Vec<Endpoint>>,
    task: JoinHandle<()>,
}

impl NodeKeeper {
    /// Keeps nodes in a state directory, on the runtime that is current here.
    #[must_use]
    pub fn start(state_dir: &Path) -> Self {
        let (latest, given) = watch::channel(Vec::new());
        Self { latest, task: tokio::spawn(keep(state_dir.to_owned(), given)) }
    }

    /// These are the nodes now.
    pub fn keep(&self, nodes: Vec<Endpoint>) {
        self.latest.send_replace(nodes);
    }

    /// Ends when the last nodes are written.
    pub async fn stop(self) {
        drop(self.latest);
        if let Err(error) = self.task.await {
            tracing::error!(%error, "the task that keeps the region's nodes failed");
        }
    }
}

async fn keep(state_dir: PathBuf, mut given: watch::Receiver<Vec<Endpoint>>) {
    while given.changed().await.is_ok() {
        let (latest, place) = (given.borrow_and_update().clone(), state_dir.clone());
        let written = spawn_blocking(move || nodes::write(&place, &latest)).await;
        if let Err(error) = written.unwrap_or_else(|panicked| Err(panicked.into())) {
            tracing::warn!(%error, "the region's nodes could not be kept");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::NodeKeeper;
    use crate::endpoint::Endpoint;
    use crate::store::nodes;

    #[tokio::test]
    async fn nodes_that_were_given_last_are_on_disk_when_it_ends() {
        let folder = tempfile::tempdir().unwrap();
        let keeper = NodeKeeper::start(folder.path());
        let node = |text: &str| -> Vec<Endpoint> { vec![text.parse().unwrap()] };
        keeper.keep(node("r1:7440"));
        keeper.keep(node("r2:7440"));
        keeper.stop().await;
        assert_eq!(nodes::read(folder.path()), node("r2:7440"));
    }
}
