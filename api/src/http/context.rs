//! What every handler gets.

use crate::dns_figures::DnsFigures;
use crate::http::limits::{Bounds, Limits};
use crate::http::metrics::Metrics;
use crate::http::recent::Recent;
use crate::rack_board::RackBoard;
use regent_raft::region::handle::Region;
use regent_raft::region::status::GroupStatus;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::watch;

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
        Self::within(Bounds::default(), region)
    }

    /// The same within other bounds.
    #[must_use]
    pub fn within(bounds: Bounds, region: Region) -> Self {
        Self {
            region,
            limits: Arc::new(Limits::new(bounds)),
            metrics: Arc::default(),
            dns: Arc::default(),
            racks: Arc::default(),
            group: Arc::default(),
            confirmed: Arc::default(),
            closing: Arc::new(watch::Sender::new(false)),
        }
    }

    /// When a request that begins now has to end, unless its client says otherwise.
    #[must_use]
    pub fn deadline(&self) -> Instant {
        Instant::now() + self.limits.bounds().request_time
    }
}
