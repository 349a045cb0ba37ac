//! A rack that leaves for another region, known by its key, is removed. It has told what it gave before, in its last session.

use crate::grpc::goodbye::Goodbye;
use crate::grpc::hello;
use crate::grpc::limits::OPEN_TIME;
use crate::grpc::node::RackNode;
use crate::grpc::opening::recognise;
use crate::rack_door::RackDoor;
use regent_core::command::Command;
use regent_core::command::rack::RackCommand;
use regent_core::outcome::Outcome;
use regent_core::rejection::Rejection;
use regent_proto::rack;
use regent_proto::rack::{GoodbyeCode, LeaveReply, LeaveRequest};
use regent_raft::region::propose::Write;
use std::time::Instant;
use tonic::Status;

/// Removes a rack. Strangers are counted at their door, as those are who ask for a session.
///
/// # Errors
/// [`Status`], with a word for people: `NOT_FOUND` where there is no such rack, or this is not its key: it has left before,
/// or another machine is that rack now. `FAILED_PRECONDITION` for one that is not let go, or is of another cluster,
/// `INVALID_ARGUMENT` for what makes no sense, `UNAVAILABLE` if another attempt may fare better: it may be made in any
/// case, since a rack leaves once.
pub async fn leave(
    node: &RackNode,
    door: &RackDoor,
    request: LeaveRequest,
) -> Result<LeaveReply, Status> {
    let status = |goodbye: Goodbye| {
        node.shared.board.refused();
        if goodbye.is_to_a_stranger() {
            door.refuse();
        }
        status(goodbye)
    };
    let LeaveRequest { cluster_id, system_id, key } = request;
    let hello = rack::Hello { cluster_id, system_id, key, ..rack::Hello::default() };
    let hello = hello::read(hello).map_err(status)?;
    hello.check_cluster(&node.region.identity().cluster_id).map_err(status)?;
    let turn = node.shared.admission.turn().await.map_err(status)?;
    let deadline = Instant::now() + OPEN_TIME;
    let rack = recognise(node, &hello, deadline).await.map_err(status)?;
    let write = Write {
        principal: format!("rack:{}", hello.system_id),
        key: None,
        guards: Vec::new(),
        command: Command::Rack(RackCommand::Leave { rack, key: hello.key }),
    };
    let reply = node.region.propose(write, deadline).await;
    drop(turn);
    let reply = reply.map_err(|error| Status::unavailable(error.to_string()))?;
    match reply.result {
        Ok(Outcome::Deleted(_)) => Ok(LeaveReply {}),
        Ok(outcome) => {
            tracing::error!(?outcome, "a rack that leaves came to something else");
            Err(Status::internal("the region answered something else"))
        }
        // An admin may forbid it: a locked node stays.
        Err(rejection @ Rejection::StateForbids { .. }) => {
            Err(Status::failed_precondition(rejection.to_string()))
        }
        Err(rejection) => Err(status(Goodbye::refused(&rejection))),
    }
}

fn status(goodbye: Goodbye) -> Status {
    match goodbye.code {
        GoodbyeCode::GoodbyeUnknownRack => Status::not_found(goodbye.text),
        GoodbyeCode::GoodbyeOtherCluster => Status::failed_precondition(goodbye.text),
        GoodbyeCode::GoodbyeMalformed => Status::invalid_argument(goodbye.text),
        GoodbyeCode::GoodbyeUnspecified
        | GoodbyeCode::GoodbyeElsewhere
        | GoodbyeCode::GoodbyeReplaced
        | GoodbyeCode::GoodbyeLifeOver
        | GoodbyeCode::GoodbyeSlow
        | GoodbyeCode::GoodbyeNoQuorum => Status::unavailable(goodbye.text),
    }
}
