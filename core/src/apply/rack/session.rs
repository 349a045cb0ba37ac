//! Sessions of racks: one at a time, and in the rack's present life (rule R9).

use crate::apply::draft::Draft;
use crate::id::NodeId;
use crate::lease::server::{Incarnation, Server};
use crate::model::node::Node;
use crate::model::rack_session::RackSession;
use crate::rejection::Rejection;
use crate::state::tables::Stored;

/// Opens a session; the one before it is over. A rack without records begins its next life.
pub(in crate::apply::rack) fn open(
    draft: &mut Draft,
    rack: NodeId,
    incarnation: Option<Incarnation>,
) -> Result<RackSession, Rejection> {
    let rack = draft.existing::<Node>("rack", rack)?;
    if !draft.row::<Node>(&rack)?.value.node_type.is_rack() {
        return Err(Rejection::invalid("rack", format!("node {rack} is no rack controller")));
    }
    let last = draft.state().get::<RackSession>(&rack).map(|row| row.value);
    let opened = RackSession {
        incarnation: life(draft, rack, last, incarnation)?,
        session: last.map_or(0, |last| last.session) + 1,
    };
    draft.put(rack, opened);
    Ok(opened)
}

fn life(
    draft: &Draft,
    rack: NodeId,
    last: Option<RackSession>,
    claimed: Option<Incarnation>,
) -> Result<Incarnation, Rejection> {
    let present = last.map(|last| last.incarnation);
    match claimed {
        None => Ok(Incarnation(present.map_or(0, |present| present.0) + 1)),
        Some(claimed) if Some(claimed) == present => Ok(claimed),
        Some(claimed) => Err(Rejection::StateForbids {
            object: Node::object(&rack),
            state: draft.row::<Node>(&rack)?.value.hostname.to_string(),
            reason: format!(
                "the records it has are of its life {}, which is over: they count no more",
                claimed.0
            ),
        }),
    }
}

/// The rack, if this is its present session.
pub(in crate::apply::rack) fn present(
    draft: &Draft,
    rack: NodeId,
    session: u64,
) -> Result<Server, Rejection> {
    let present = draft.state().get::<RackSession>(&rack).map(|row| row.value);
    match present.filter(|present| present.session == session) {
        Some(present) => Ok(Server { rack, incarnation: present.incarnation }),
        None => Err(Rejection::RackSessionOver { rack: Node::object(&rack), session }),
    }
}
