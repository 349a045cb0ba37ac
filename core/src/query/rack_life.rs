//! The life of a rack that goes on.

use crate::id::NodeId;
use crate::lease::server::Server;
use crate::model::rack_life::RackLife;
use crate::state::State;

/// The rack as the lease protocol knows it now; none before its first session.
#[must_use]
pub fn present_server(state: &State, rack: NodeId) -> Option<Server> {
    let lives = state.indexes().rack_lives_by_rack.under(&rack);
    let mut rows = lives.filter_map(|id| state.get::<RackLife>(id).map(|row| (*id, &row.value)));
    rows.find(|(_, life)| life.over.is_none()).map(|(id, life)| life.server(id))
}
