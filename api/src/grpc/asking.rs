//! What a rack asks: steps of the lease protocol, proposed in its name and answered.

use crate::grpc::limits::ASK_TIME;
use regent_core::apply::Reply;
use regent_core::command::Command;
use regent_core::command::rack::{LeaseStep, RackCommand};
use regent_core::id::{NodeId, SystemId};
use regent_core::outcome::Outcome;
use regent_core::rejection::Rejection;
use regent_core::state::State;
use regent_core::state::meta::Meta;
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
    let Meta { revision, now, .. } = *state.meta();
    match reply.result {
        // A time earlier than the steps would have leases end before they do.
        Ok(Outcome::Leases(_)) if revision < reply.revision => {
            failed(id, Fate::Unknown, "this node has not applied the steps yet".to_owned())
        }
        Ok(Outcome::Leases(answers)) => {
            let answers = Answers { id, result: Ok(Applied { now, answers }) };
            Asked { answers, is_over: false }
        }
        Ok(outcome) => {
            tracing::error!(?outcome, "steps of a rack came to something else");
            failed(id, Fate::Unknown, "the region answered something else".to_owned())
        }
        Err(rejection) => {
            let is_over = matches!(rejection, Rejection::RackSessionOver { .. });
            Asked { is_over, ..not_done(id, rejection.to_string()) }
        }
    }
}

fn failed(id: u64, fate: Fate, text: String) -> Asked {
    let answers = Answers { id, result: Err(Failure { fate, text }) };
    Asked { answers, is_over: false }
}

#[cfg(test)]
mod tests {
    use super::{Asked, told};
    use regent_core::apply::Reply;
    use regent_core::outcome::{LeaseAnswer, Outcome};
    use regent_core::revision::Revision;
    use regent_core::state::State;
    use regent_core::state::meta::Meta;
    use regent_core::time::ClusterTime;
    use regent_proto::lease::answers::{Applied, Fate};

    fn state(revision: u64, now: ClusterTime) -> State {
        State::new(Meta { revision: Revision(revision), now, ..Meta::default() })
    }

    fn reply() -> Reply {
        let result = Ok(Outcome::Leases(vec![LeaseAnswer::Done]));
        Reply { revision: Revision(8), result, replayed: false }
    }

    #[test]
    fn answer_has_the_time_of_a_state_that_has_the_steps() {
        let now = ClusterTime(70);
        let Asked { answers, is_over } = told(&state(8, now), 1, reply());
        assert_eq!(answers.result, Ok(Applied { now, answers: vec![LeaseAnswer::Done] }));
        assert!(!is_over);
    }

    #[test]
    fn node_that_has_not_applied_the_steps_knows_no_time_for_the_answer() {
        let Asked { answers, .. } = told(&state(7, ClusterTime(60)), 1, reply());
        assert_eq!(answers.result.unwrap_err().fate, Fate::Unknown);
    }
}
