//! Whether a session is still its rack's, by the state: another node may have opened the next one.

use crate::grpc::goodbye::Goodbye;
use regent_core::id::NodeId;
use regent_core::model::rack_life::RackLife;
use regent_core::state::State;
use regent_proto::rack::GoodbyeCode;

/// What the rack of a session that is over is told; none if the session goes on.
#[must_use]
pub fn over(state: &State, rack: NodeId, session: u64) -> Option<Goodbye> {
    let lives = state.indexes().rack_lives_by_rack.under(&rack);
    let mut lives = lives.filter_map(|life| state.get::<RackLife>(life)).map(|row| &row.value);
    let Some(life) = lives.find(|life| life.over.is_none()) else {
        return Some(Goodbye::new(GoodbyeCode::GoodbyeLifeOver, "the rack's life is over"));
    };
    match life.session {
        Some(present) if present == session => None,
        Some(_another) => Some(Goodbye::replaced()),
        None => Some(Goodbye::elsewhere("the site was replaced: the rack begins another session")),
    }
}
