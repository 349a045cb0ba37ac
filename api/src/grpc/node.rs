//! What the sessions of a node share.

use crate::grpc::admission::Admission;
use crate::grpc::hub::Hub;
use crate::rack_board::RackBoard;
use regent_raft::region::handle::Region;
use std::sync::Arc;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Large views that are told at once: each is in memory while it is.
const LARGE_VIEWS_MAX: usize = 8;

/// One node's side of all its sessions.
#[derive(Debug)]
pub struct Shared {
    /// Who has a session.
    pub hub: Arc<Hub>,
    /// How all racks are.
    pub board: Arc<RackBoard>,
    /// Who may open one.
    pub admission: Admission,
    /// Room for views that are told from the start.
    pub large_views: Semaphore,
    /// Once the node takes no more sessions and ends those there are.
    pub stopping: CancellationToken,
    /// Everything that runs.
    pub tasks: TaskTracker,
}

/// The same with the region behind it. Clones are the same.
#[derive(Clone)]
pub struct RackNode {
    /// The region.
    pub region: Region,
    /// What the sessions share.
    pub shared: Arc<Shared>,
}

impl RackNode {
    /// No sessions yet.
    #[must_use]
    pub fn new(region: Region, board: Arc<RackBoard>) -> Self {
        let shared = Shared {
            hub: Arc::default(),
            board,
            admission: Admission::default(),
            large_views: Semaphore::new(LARGE_VIEWS_MAX),
            stopping: CancellationToken::new(),
            tasks: TaskTracker::new(),
        };
        Self { region, shared: Arc::new(shared) }
    }
}
