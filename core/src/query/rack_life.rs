//! The life of a rack that goes on.

use crate::id::{NodeId, RackLifeId};
use crate::lease::server::Server;
use crate::model::rack_life::RackLife;
use crate::state::State;

/// The life of a rack that goes on; none before its first session.
#[must_use]
pub fn present_life(state: &State, rack: NodeId) -> Option<RackLifeId> {
    let mut lives = state.indexes().rack_lives_by_rack.under(&rack);
    let goes_on =
        |id: &&RackLifeId| state.get::<RackLife>(id).is_some_and(|row| row.value.over.is_none());
    lives.find(goes_on).copied()
}

/// The rack as the lease protocol knows it in that life.
#[must_use]
pub fn present_server(state: &State, rack: NodeId) -> Option<Server> {
    let life = present_life(state, rack)?;
    state.get::<RackLife>(&life).map(|row| row.value.server(life))
}
