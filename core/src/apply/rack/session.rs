//! Sessions of racks: one at a time, in a life that goes on (rule R9).

use crate::apply::cut_over;
use crate::apply::draft::Draft;
use crate::id::{NodeId, RackLifeId};
use crate::lease::server::{Incarnation, Server};
use crate::model::node::Node;
use crate::model::rack_key::RackKey;
use crate::model::rack_life::{LIVES_PER_RACK_MAX, RackLife, RackSession};
use crate::model::secret_digest::SecretDigest;
use crate::query::rack_life::present_life;
use crate::query::terms::longest_terms_of;
use crate::rejection::Rejection;
use crate::state::State;
use crate::state::tables::Stored;
use std::collections::BTreeMap;

/// Opens a session; the one before it is over. A rack without records begins its next life.
pub(in crate::apply::rack) fn open(
    draft: &mut Draft,
    rack: NodeId,
    life: Option<Incarnation>,
    key: SecretDigest,
) -> Result<RackSession, Rejection> {
    let rack = draft.existing::<Node>("rack", rack)?;
    if !draft.row::<Node>(&rack)?.value.node_type.is_rack() {
        return Err(Rejection::invalid("rack", format!("node {rack} is no rack controller")));
    }
    check_key(draft.state(), rack, key)?;
    let present = present_life(draft.state(), rack);
    let id = match life {
        None => {
            end(draft, present);
            begin(draft, rack)?
        }
        Some(life) if present == Some(RackLifeId(life.0)) => RackLifeId(life.0),
        Some(life) => return Err(over(draft, rack, life)),
    };
    let session = draft.revision().0;
    draft.modify::<RackLife>(&id, |life| life.session = Some(session))?;
    cut_over::follow_rack(draft, rack);
    Ok(RackSession { life: Incarnation(id.0), session })
}

/// Whether the key is the rack's. Digests of secrets are no secrets: how long comparing takes tells nothing.
///
/// # Errors
/// It is not, or the rack has none.
pub(in crate::apply::rack) fn check_key(
    state: &State,
    rack: NodeId,
    key: SecretDigest,
) -> Result<(), Rejection> {
    let row = state.get::<RackKey>(&rack);
    let row = row.ok_or_else(|| Rejection::RackNotEnrolled(Node::object(&rack)))?;
    if row.value.digest == key { Ok(()) } else { Err(Rejection::RackKeyWrong(Node::object(&rack))) }
}

/// The rack, if this is its present session.
pub(in crate::apply::rack) fn present(
    draft: &Draft,
    rack: NodeId,
    session: u64,
) -> Result<Server, Rejection> {
    let life = present_life(draft.state(), rack);
    let row = life.and_then(|id| Some((id, draft.state().get::<RackLife>(&id)?)));
    match row.filter(|(_, row)| row.value.session == Some(session)) {
        Some((id, row)) => Ok(row.value.server(id)),
        None => Err(Rejection::RackSessionOver { rack: Node::object(&rack), session }),
    }
}

fn begin(draft: &mut Draft, rack: NodeId) -> Result<RackLifeId, Rejection> {
    if draft.state().indexes().rack_lives_by_rack.under(&rack).count() >= LIVES_PER_RACK_MAX {
        let what = format!("lives of rack {rack}");
        return Err(Rejection::Limit { what, max: LIVES_PER_RACK_MAX as u64 });
    }
    let system_id = draft.row::<Node>(&rack)?.value.system_id;
    let faults = BTreeMap::new();
    draft.create(RackLife { rack, system_id, session: None, over: None, faults })
}

/// Ends a life. It is remembered as long as something it gave may run.
pub(in crate::apply) fn end(draft: &mut Draft, life: Option<RackLifeId>) {
    let over = longest_terms_of(draft.state()).everything_over(draft.now());
    let Some(id) = life else { return };
    let Some(row) = draft.state().get::<RackLife>(&id).cloned() else { return };
    if row.value.over.is_none() {
        let ended = RackLife { session: None, over: Some(over), ..row.value.clone() };
        draft.replace(&id, &row, ended);
    }
}

fn over(draft: &Draft, rack: NodeId, life: Incarnation) -> Rejection {
    let name = draft.row::<Node>(&rack).map(|row| row.value.hostname.to_string());
    Rejection::StateForbids {
        object: Node::object(&rack),
        state: name.unwrap_or_default(),
        reason: format!("the records it has are of its life {}, which is over", life.0),
    }
}
