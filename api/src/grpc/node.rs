//! What the sessions of a node share.

use crate::grpc::admission::Admission;
use crate::grpc::hub::Hub;
use crate::grpc::limits::WHOLE_VIEWS_MAX;
use crate::grpc::pace::Paces;
use crate::rack_board::RackBoard;
use regent_raft::region::handle::Region;
use std::sync::Arc;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// One node's side of all its sessions.
#[derive(Debug)]
pub struct Shared {
    /// Who has a session.
    pub hub: Arc<Hub>,
    /// How all racks are.
    pub board: Arc<RackBoard>,
    /// Who may open one.
    pub admission: Admission,
    /// How fast each goes.
    pub paces: Paces,
    /// Room for whole views.
    pub whole_views: Semaphore,
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
            paces: Paces::default(),
            whole_views: Semaphore::new(WHOLE_VIEWS_MAX),
            stopping: CancellationToken::new(),
            tasks: TaskTracker::new(),
        };
        Self { region, shared: Arc::new(shared) }
    }
}
