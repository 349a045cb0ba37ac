//! Whether a session is still its rack's, by the state: another node may have opened the next one.

use crate::grpc::goodbye::Goodbye;
use regent_core::id::NodeId;
use regent_core::model::rack_life::RackLife;
use regent_core::query::rack_life::present_life;
use regent_core::state::State;
use regent_proto::rack::GoodbyeCode;

/// What the rack of a session that is over is told; none if the session goes on. A state from before it was opened cannot say:
/// its node lags behind, and another one serves the rack better.
#[must_use]
pub fn over(state: &State, rack: NodeId, session: u64) -> Option<Goodbye> {
    if state.meta().revision.0 < session {
        return Some(Goodbye::elsewhere("this node has not applied the opening of the session"));
    }
    let life = present_life(state, rack).and_then(|life| state.get::<RackLife>(&life));
    let Some(life) = life else {
        return Some(Goodbye::new(GoodbyeCode::GoodbyeLifeOver, "the rack's life is over"));
    };
    match life.value.session {
        Some(present) if present == session => None,
        Some(_another) => Some(Goodbye::replaced()),
        None => Some(Goodbye::elsewhere("the site was replaced: the rack begins another session")),
    }
}

#[cfg(test)]
mod tests {
    use super::over;
    use regent_core::id::NodeId;
    use regent_core::revision::Revision;
    use regent_core::state::State;
    use regent_core::state::meta::Meta;
    use regent_proto::rack::GoodbyeCode;

    fn said(revision: u64, session: u64) -> GoodbyeCode {
        let state = State::new(Meta { revision: Revision(revision), ..Meta::default() });
        over(&state, NodeId(3), session).unwrap().code
    }

    #[test]
    fn node_that_lags_behind_sends_a_new_session_elsewhere_and_does_not_call_it_over() {
        assert_eq!(said(7, 8), GoodbyeCode::GoodbyeElsewhere);
        assert_eq!(said(8, 8), GoodbyeCode::GoodbyeLifeOver, "there is no such rack any more");
    }
}
