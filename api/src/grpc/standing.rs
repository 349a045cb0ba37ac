//! Whether a session is still its rack's, by the state: another node may have opened the next one.

use crate::grpc::goodbye::Goodbye;
use regent_core::id::NodeId;
use regent_core::model::rack_life::RackLife;
use regent_core::query::rack_life::present_life;
use regent_core::state::State;
use regent_proto::rack::GoodbyeCode;

/// What the rack of a session that is over is told; none if the session goes on.
#[must_use]
pub fn over(state: &State, rack: NodeId, session: u64) -> Option<Goodbye> {
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
