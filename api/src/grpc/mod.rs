//! The face racks see: gRPC on the API's port. `docs/rack-protocol.md` says who says what when.
//!
//! Nothing here is state: whichever node a rack goes to knows the same of it.
//!
//! Floors, lowest first: [`limits`], [`goodbye`], [`outbox`], [`hello`], [`admission`], [`pace`], [`hub`] (the sessions there are),
//! [`standing`] · [`node`] (what they share), [`asking`], [`nodes`], [`fellows`], [`heartbeat`], [`lag`], [`tell`] (views), [`sighting`] and
//! [`probing`] (DHCP servers that are not ours) ·
//! [`opening`], [`session`], [`first_view`], [`conversation`], [`enrol`], [`leave`] · [`follow`] (what is published), [`balance`], [`listening`] (for servers that are replaced), [`gossip`] (what
//! nodes tell each other) · [`service`].

pub mod admission;
pub mod asking;
pub mod balance;
pub mod conversation;
pub mod enrol;
pub mod fellows;
pub mod first_view;
pub mod follow;
pub mod goodbye;
pub mod gossip;
pub mod heartbeat;
pub mod hello;
pub mod hub;
pub mod lag;
pub mod leave;
pub mod limits;
pub mod listening;
pub mod node;
pub mod nodes;
pub mod opening;
pub mod outbox;
pub mod pace;
pub mod probing;
pub mod service;
pub mod session;
pub mod sighting;
pub mod standing;
pub mod tell;

use crate::grpc::follow::follow;
use crate::grpc::gossip::{gossip, tell};
use crate::grpc::limits::MESSAGE_BYTES_MAX;
use crate::grpc::node::{RackNode, Shared};
use crate::grpc::service::RackService;
use crate::rack_board::RackBoard;
use crate::rack_board::own::Intake;
use regent_proto::rack::rack_server::RackServer;
use regent_raft::region::handle::Region;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// A node's side of all rack sessions.
pub struct Racks {
    node: RackNode,
    /// What goes on beside the sessions.
    beside: TaskTracker,
    /// Ends that.
    closing: CancellationToken,
    /// Once something of it has ended that should go on.
    failed: CancellationToken,
}

impl Racks {
    /// Begins to take sessions. How racks are is written on the board.
    #[must_use]
    pub fn start(region: Region, board: Arc<RackBoard>) -> Self {
        let node = RackNode::new(region, board);
        let (beside, closing) = (TaskTracker::new(), CancellationToken::new());
        let racks = Self { node, beside, closing, failed: CancellationToken::new() };
        racks.keep_up(follow(racks.node.clone()));
        racks.keep_up(gossip(racks.node.clone()));
        racks
    }

    /// What answers racks, for the port to hand calls to.
    #[must_use]
    pub fn service(&self) -> RackServer<RackService> {
        RackServer::new(RackService(self.node.clone())).max_decoding_message_size(MESSAGE_BYTES_MAX)
    }

    /// What its sessions share, for those who look at them from outside.
    #[must_use]
    pub fn shared(&self) -> &Shared {
        &self.node.shared
    }

    /// Ready when sessions are not told any more what they should be: then the node is of no use to racks.
    pub async fn failed(&self) {
        self.failed.cancelled().await;
    }

    /// Sends all racks elsewhere, once they are answered, and ends.
    pub async fn stop(&self) {
        self.node.shared.stopping.cancel();
        // A node that looks empty would have racks sent to it.
        self.node.shared.board.set_intake(Intake::Closed);
        tell(&self.node);
        self.node.shared.tasks.close();
        self.node.shared.tasks.wait().await;
        self.closing.cancel();
        self.beside.close();
        self.beside.wait().await;
    }

    fn keep_up(&self, work: impl Future<Output = ()> + Send + 'static) {
        let (closing, failed) = (self.closing.clone(), self.failed.clone());
        self.beside.spawn(async move {
            // However it ends, by a panic too.
            let _failed = failed.drop_guard();
            closing.run_until_cancelled(work).await;
        });
    }
}
