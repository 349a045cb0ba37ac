//! What every handler gets.

use crate::dns_figures::DnsFigures;
use crate::http::limits::Limits;
use crate::http::metrics::Metrics;
use crate::http::recent::Recent;
use crate::rack_board::RackBoard;
use regent_raft::region::handle::Region;
use regent_raft::region::status::GroupStatus;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// How long a request may take unless the client says otherwise.
pub const REQUEST_TIMEOUT: Duration = Duration::from_millis(2500);

/// The node behind the API. Clones are the same node.
#[derive(Clone)]
pub struct Context {
    /// The region.
    pub region: Region,
    /// How much at once.
    pub limits: Arc<Limits>,
    /// What was asked so far.
    pub metrics: Arc<Metrics>,
    /// What the node's DNS server was asked so far.
    pub dns: Arc<DnsFigures>,
    /// How racks are.
    pub racks: Arc<RackBoard>,
    /// The group as it was a moment ago, for figures.
    pub group: Arc<Recent<Arc<GroupStatus>>>,
    /// Whether a leader confirmed a moment ago that this node is up to date.
    pub confirmed: Arc<Recent<bool>>,
    /// True as soon as the face is closing: what would go on for ever ends.
    pub closing: Arc<watch::Sender<bool>>,
}

impl Context {
    /// A face for this node.
    #[must_use]
    pub fn new(region: Region) -> Self {
        Self {
            region,
            limits: Arc::default(),
            metrics: Arc::default(),
            dns: Arc::default(),
            racks: Arc::default(),
            group: Arc::default(),
            confirmed: Arc::default(),
            closing: Arc::new(watch::Sender::new(false)),
        }
    }
}
