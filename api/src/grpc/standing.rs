//! Whether a session is still its rack's, by the state: another node may have opened the next one.

use crate::grpc::goodbye::Goodbye;
use regent_core::id::NodeId;
use regent_core::query::rack_session::{self, Over};
use regent_core::state::State;
use regent_proto::rack::GoodbyeCode;

/// What the rack of a session that is over is told; none if the session goes on.
#[must_use]
pub fn over(state: &State, rack: NodeId, session: u64) -> Option<Goodbye> {
    rack_session::over(state, rack, session).map(|over| match over {
        Over::NotApplied => {
            Goodbye::elsewhere("this node has not applied the opening of the session")
        }
        Over::LifeOver => Goodbye::new(GoodbyeCode::GoodbyeLifeOver, "the rack's life is over"),
        Over::Replaced => Goodbye::replaced(),
        Over::Unseated => {
            Goodbye::elsewhere("the site was replaced: the rack begins another session")
        }
    })
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
