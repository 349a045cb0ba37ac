//! What a rack asks: steps of the lease protocol, proposed in its name and answered.

use crate::grpc::limits::ASK_TIME;
use regent_core::apply::Reply;
use regent_core::command::Command;
use regent_core::command::rack::{LeaseStep, RackCommand};
use regent_core::id::{NodeId, SystemId};
use regent_core::query::rack_session::{Answered, answered};
use regent_core::rejection::Rejection;
use regent_core::state::State;
use regent_proto::lease::answers::{Answers, Applied, Failure, Fate};
use regent_raft::error::ProposeError;
use regent_raft::region::handle::Region;
use regent_raft::region::propose::Write;
use std::time::Instant;

/// A rack in one of its sessions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InSession {
    /// The rack.
    pub rack: NodeId,
    /// How people call it.
    pub system_id: SystemId,
    /// The session.
    pub session: u64,
}

/// What came of an `Ask`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The answer.
    pub answers: Answers,
    /// Whether another session was opened meanwhile.
    pub is_over: bool,
}

/// Nothing was done.
fn not_done(id: u64, text: impl Into<String>) -> Asked {
    failed(id, Fate::NotDone, text.into())
}

/// Has the steps applied.
pub async fn ask(region: Region, rack: InSession, id: u64, steps: Vec<LeaseStep>) -> Asked {
    let InSession { rack, system_id, session } = rack;
    let command = Command::Rack(RackCommand::Leases { rack, session, steps });
    let write =
        Write { principal: format!("rack:{system_id}"), key: None, guards: Vec::new(), command };
    match region.propose(write, Instant::now() + ASK_TIME).await {
        Ok(reply) => told(&region.published().state, id, reply),
        Err(ProposeError::OutcomeUnknown) => {
            failed(id, Fate::Unknown, ProposeError::OutcomeUnknown.to_string())
        }
        Err(
            error @ (ProposeError::NoLeader
            | ProposeError::Overloaded { .. }
            | ProposeError::TooLarge { .. }
            | ProposeError::Stopping
            | ProposeError::NotUnderstood
            | ProposeError::DiskFull
            | ProposeError::Contested),
        ) => not_done(id, error.to_string()),
    }
}

/// What the rack is told, at a node with this state.
fn told(state: &State, id: u64, reply: Reply) -> Asked {
    match answered(state, reply.revision, reply.result) {
        Answered::Applied(now, answers) => {
            let answers = Answers { id, result: Ok(Applied { now, answers }) };
            Asked { answers, is_over: false }
        }
        Answered::NotApplied => {
            failed(id, Fate::Unknown, "this node has not applied the steps yet".to_owned())
        }
        Answered::Foreign(outcome) => {
            tracing::error!(?outcome, "steps of a rack came to something else");
            failed(id, Fate::Unknown, "the region answered something else".to_owned())
        }
        Answered::Refused(rejection) => {
            let is_over = matches!(rejection, Rejection::RackSessionOver { .. });
            Asked { is_over, ..not_done(id, rejection.to_string()) }
        }
    }
}

fn failed(id: u64, fate: Fate, text: String) -> Asked {
    let answers = Answers { id, result: Err(Failure { fate, text }) };
    Asked { answers, is_over: false }
}
