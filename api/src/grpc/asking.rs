//! What a rack asks: steps of the lease protocol, proposed in its name and answered.

use crate::grpc::limits::ASK_TIME;
use regent_core::command::Command;
use regent_core::command::rack::{LeaseStep, RackCommand};
use regent_core::id::{NodeId, SystemId};
use regent_core::outcome::{LeaseAnswer, Outcome};
use regent_core::rejection::Rejection;
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
    /// Whether the rack has told all it gave before.
    pub has_told_all: bool,
    /// Whether another session was opened meanwhile.
    pub is_over: bool,
}

/// Whether something in it waits until the rack has told what it gave before (rule R19).
#[must_use]
pub fn asks_for_new(steps: &[LeaseStep]) -> bool {
    steps.iter().any(|step| match step {
        LeaseStep::Commit { .. } | LeaseStep::Delegate { .. } => true,
        LeaseStep::Release { .. }
        | LeaseStep::Decline { .. }
        | LeaseStep::FoundInUse { .. }
        | LeaseStep::Relinquish { .. }
        | LeaseStep::Adopt { .. }
        | LeaseStep::Adopted
        | LeaseStep::Extend { .. }
        | LeaseStep::Return { .. } => false,
    })
}

/// Nothing was done.
#[must_use]
pub fn not_done(id: u64, text: impl Into<String>) -> Asked {
    failed(id, Fate::NotDone, text.into())
}

/// Has the steps applied.
pub async fn ask(region: Region, rack: InSession, id: u64, steps: Vec<LeaseStep>) -> Asked {
    let adopted = steps.iter().position(|step| *step == LeaseStep::Adopted);
    let InSession { rack, system_id, session } = rack;
    let command = Command::Rack(RackCommand::Leases { rack, session, steps });
    let write =
        Write { principal: format!("rack:{system_id}"), key: None, guards: Vec::new(), command };
    match region.propose(write, Instant::now() + ASK_TIME).await {
        Ok(reply) => match reply.result {
            Ok(Outcome::Leases(answers)) => {
                let is_done = |place: usize| answers.get(place) == Some(&LeaseAnswer::Done);
                let has_told_all = adopted.is_some_and(is_done);
                // This node has applied the steps, so its time is no earlier.
                let now = region.published().state.meta().now;
                let answers = Answers { id, result: Ok(Applied { now, answers }) };
                Asked { answers, has_told_all, is_over: false }
            }
            Ok(outcome) => {
                tracing::error!(?outcome, "steps of a rack came to something else");
                failed(id, Fate::Unknown, "the region answered something else".to_owned())
            }
            Err(rejection) => {
                let is_over = matches!(rejection, Rejection::RackSessionOver { .. });
                Asked { is_over, ..not_done(id, rejection.to_string()) }
            }
        },
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

fn failed(id: u64, fate: Fate, text: String) -> Asked {
    let answers = Answers { id, result: Err(Failure { fate, text }) };
    Asked { answers, has_told_all: false, is_over: false }
}
