//! Telling the region where this node is now: it may have been started with another address than it had.
//!
//! The leader cannot reach a node that moved, so the node speaks first, and to anybody: whoever hears it passes it on. A
//! request to join with the same data directory says all there is to say.

use crate::region::handle::Region;
use crate::region::message::{JoinAnswer, JoinRequest};
use crate::type_config::RegionNode;
use bytes::Bytes;
use regent_core::codec;
use std::time::Duration;
use tokio::time::interval;

/// How often this node speaks while it is not known where it is.
const ANNOUNCE_EVERY: Duration = Duration::from_secs(1);
/// What one peer gets to pass it on.
const ANNOUNCE_MAX: Duration = Duration::from_secs(5);

impl Region {
    /// Speaks until the membership has this node as it is reached now.
    pub(crate) async fn announce(self, own: RegionNode) {
        let mut next = interval(ANNOUNCE_EVERY);
        loop {
            next.tick().await;
            let nodes = self.shared.known_nodes();
            match nodes.get(&self.shared.identity.node_id) {
                Some(known) if *known == own => return,
                Some(_moved) => self.announce_once(&own).await,
                // The entry that made it a member has not come yet.
                None => {}
            }
        }
    }

    async fn announce_once(&self, own: &RegionNode) {
        let request = JoinRequest { node: own.clone(), passed_on: false };
        if self.leadership().is_leader {
            match self.admit(request).await {
                Ok(_place) => tracing::info!(peer = own.peer, api = own.api, "moved"),
                Err(error) => tracing::warn!(%error, "the move of this node is not recorded yet"),
            }
            return;
        }
        let request = Bytes::from(codec::seal(&request));
        for (id, node) in self.shared.known_nodes() {
            if id == self.shared.identity.node_id {
                continue;
            }
            let heard = self.shared.calls.join_at(&node.peer, request.clone(), ANNOUNCE_MAX).await;
            match heard.map(|bytes| codec::open(&bytes)) {
                Ok(Ok(JoinAnswer::Place(_))) => {
                    tracing::info!(peer = own.peer, api = own.api, told = id, "moved");
                    return;
                }
                Ok(Ok(JoinAnswer::Refused(why))) => {
                    tracing::warn!(why, told = id, "the region does not take this node's address");
                }
                Ok(Err(error)) => tracing::warn!(%error, told = id, "an answer does not decode"),
                Err(error) => tracing::debug!(%error, told = id, "a peer did not hear of the move"),
            }
        }
    }
}
