//! What peers ask of a node beyond Raft itself, as a seam: the transport carries these requests, the region answers.

use crate::network::refusal::ControlError;
use crate::type_config::NodeId;
use bytes::Bytes;
use std::time::Instant;

/// The region's side of the control requests. Payloads are opaque here. An implementation bounds what it holds and
/// says [`ControlError::Overloaded`] beyond that.
#[tonic::async_trait]
pub trait Control: Send + Sync + 'static {
    /// Proposes a write that arrived at node `from`. The transport gives up at `deadline` with
    /// [`ControlError::OutcomeUnknown`].
    ///
    /// # Errors
    /// Why there is no reply, above all that this node does not lead.
    async fn forward(
        &self,
        from: NodeId,
        request: Bytes,
        deadline: Instant,
    ) -> Result<Bytes, ControlError>;

    /// The log index a linearizable read that begins now must wait for.
    ///
    /// # Errors
    /// That this node does not lead, or has not confirmed by `deadline` that it still does.
    async fn read_index(&self, deadline: Instant) -> Result<u64, ControlError>;

    /// Gives a node that has none a place in the cluster.
    ///
    /// # Errors
    /// Why not, or who could.
    async fn join(&self, request: Bytes) -> Result<Bytes, ControlError>;

    /// Changes the group, for a member that was asked to and does not lead.
    ///
    /// # Errors
    /// Why there is no answer. That the change was refused is one.
    async fn change_group(&self, request: Bytes) -> Result<Bytes, ControlError>;

    /// Answers another node's introduction. `from` is 0 for one without a number.
    ///
    /// # Errors
    /// Why not.
    async fn hello(&self, from: NodeId, hello: Bytes) -> Result<Bytes, ControlError>;

    /// How this node is: applied index, uptime, disk.
    async fn status(&self) -> Bytes;

    /// What this node has to tell every node each second; empty if nothing yet.
    fn note(&self) -> Bytes;
}
