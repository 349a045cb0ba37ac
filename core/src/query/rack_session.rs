//! The session of a rack, by what a node's state says of it. Whoever serves racks does it by these rules; how a session
//! travels is not here.

use crate::id::NodeId;
use crate::model::rack_life::RackLife;
use crate::outcome::{LeaseAnswer, Outcome};
use crate::query::rack_life::present_life;
use crate::rejection::Rejection;
use crate::revision::Revision;
use crate::state::State;
use crate::time::ClusterTime;

/// Why a session does not go on at a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over {
    /// The node has not applied the opening of the session: another one serves the rack better.
    NotApplied,
    /// The rack's life is over.
    LifeOver,
    /// The rack has another session.
    Replaced,
    /// The site was replaced, and sessions with it.
    Unseated,
}

/// Whether a session that was opened at this revision is over, at a node with this state; none if it goes on.
#[must_use]
pub fn over(state: &State, rack: NodeId, session: u64) -> Option<Over> {
    if state.meta().revision.0 < session {
        return Some(Over::NotApplied);
    }
    let life = present_life(state, rack).and_then(|life| state.get::<RackLife>(&life));
    let Some(life) = life else { return Some(Over::LifeOver) };
    match life.value.session {
        Some(present) if present == session => None,
        Some(_another) => Some(Over::Replaced),
        None => Some(Over::Unseated),
    }
}

/// What a node may say of steps that a rack asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answered {
    /// They were applied, no later than at this cluster time.
    Applied(ClusterTime, Vec<LeaseAnswer>),
    /// Nothing was done.
    Refused(Rejection),
    /// They were applied at a revision that the node's state does not have.
    NotApplied,
    /// The entry came to something that is no answer to steps.
    Foreign(Outcome),
}

/// What a node with this state says of steps that came to `result` at `revision`.
#[must_use]
pub fn answered(state: &State, revision: Revision, result: Result<Outcome, Rejection>) -> Answered {
    let meta = state.meta();
    match result {
        // A time earlier than the steps would have leases end before they do.
        Ok(Outcome::Leases(_)) if meta.revision < revision => Answered::NotApplied,
        Ok(Outcome::Leases(answers)) => Answered::Applied(meta.now, answers),
        Ok(outcome) => Answered::Foreign(outcome),
        Err(rejection) => Answered::Refused(rejection),
    }
}

#[cfg(test)]
mod tests {
    use super::{Answered, Over, answered, over};
    use crate::id::NodeId;
    use crate::outcome::{LeaseAnswer, Outcome};
    use crate::revision::Revision;
    use crate::state::State;
    use crate::state::meta::Meta;
    use crate::time::ClusterTime;

    fn state(revision: u64, now: ClusterTime) -> State {
        State::new(Meta { revision: Revision(revision), now, ..Meta::default() })
    }

    fn at(revision: u64, now: ClusterTime) -> Answered {
        let result = Ok(Outcome::Leases(vec![LeaseAnswer::Done]));
        answered(&state(revision, now), Revision(8), result)
    }

    #[test]
    fn node_that_lags_behind_does_not_call_a_new_session_over() {
        let over = |revision| over(&state(revision, ClusterTime(1)), NodeId(3), 8);
        assert_eq!(over(7), Some(Over::NotApplied));
        assert_eq!(over(8), Some(Over::LifeOver), "there is no such rack any more");
    }

    #[test]
    fn answer_has_the_time_of_a_state_that_has_the_steps() {
        let now = ClusterTime(70);
        assert_eq!(at(8, now), Answered::Applied(now, vec![LeaseAnswer::Done]));
    }

    #[test]
    fn node_that_has_not_applied_the_steps_knows_no_time_for_the_answer() {
        assert_eq!(at(7, ClusterTime(60)), Answered::NotApplied);
    }
}
