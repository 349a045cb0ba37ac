//! The calls of racks as they come in from the wire.

use crate::grpc::conversation::converse;
use crate::grpc::enrol::{check_token, enrol};
use crate::grpc::leave::leave;
use crate::grpc::node::RackNode;
use crate::grpc::outbox::{Outbox, Outgoing};
use crate::rack_door::RackDoor;
use regent_proto::rack::rack_server::Rack;
use regent_proto::rack::{
    CheckTokenReply, CheckTokenRequest, EnrolReply, EnrolRequest, FromRack, LeaveReply,
    LeaveRequest,
};
use tonic::{Request, Response, Status, Streaming};

/// A node's answers to racks.
pub struct RackService(pub RackNode);

#[tonic::async_trait]
impl Rack for RackService {
    type SessionStream = Outgoing;

    async fn enrol(&self, request: Request<EnrolRequest>) -> Result<Response<EnrolReply>, Status> {
        let door = door(&request)?;
        enrol(&self.0, &door, request.into_inner()).await.map(Response::new)
    }

    async fn check_token(
        &self,
        request: Request<CheckTokenRequest>,
    ) -> Result<Response<CheckTokenReply>, Status> {
        let door = door(&request)?;
        check_token(&self.0, &door, request.into_inner()).await.map(Response::new)
    }

    async fn leave(&self, request: Request<LeaveRequest>) -> Result<Response<LeaveReply>, Status> {
        let door = door(&request)?;
        leave(&self.0, &door, request.into_inner()).await.map(Response::new)
    }

    async fn session(
        &self,
        request: Request<Streaming<FromRack>>,
    ) -> Result<Response<Outgoing>, Status> {
        let door = door(&request)?;
        let (outbox, outgoing) = Outbox::new();
        let conversation = converse(self.0.clone(), door, request.into_inner(), outbox);
        self.0.shared.tasks.spawn(conversation);
        Ok(Response::new(outgoing))
    }
}

/// The door of the connection through which it came.
fn door<T>(request: &Request<T>) -> Result<RackDoor, Status> {
    let door = request.extensions().get::<RackDoor>().cloned();
    door.ok_or_else(|| Status::internal("the port has no door for racks"))
}
