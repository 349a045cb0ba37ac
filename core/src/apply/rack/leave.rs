//! A rack leaves of its own accord, for another region: what it might have done alone it has given up before, and told.

use crate::apply::draft::Draft;
use crate::apply::noun;
use crate::apply::rack::session;
use crate::apply::rack_event::{LEVEL_INFO, Told, note};
use crate::id::NodeId;
use crate::model::node::Node;
use crate::model::secret_digest::SecretDigest;
use crate::outcome::Outcome;
use crate::rejection::Rejection;
use crate::state::tables::Stored as _;

/// Removes the rack, as an admin would: other racks go on serving its VLANs. Leases stay and run out, or are renewed by those.
pub(in crate::apply::rack) fn run(
    draft: &mut Draft,
    rack: NodeId,
    key: SecretDigest,
) -> Result<Outcome, Rejection> {
    let rack = draft.existing::<Node>("rack", rack)?;
    session::check_key(draft.state(), rack, key)?;
    let system_id = draft.row::<Node>(&rack)?.value.system_id;
    let description = format!("rack {system_id} leaves, and has given up whatever it held");
    let event_type = "RACK_LEFT";
    note(draft, rack, Told { event_type, level: LEVEL_INFO, ip_address: None, description });
    noun::delete::<Node>(draft, rack)?;
    Ok(Outcome::Deleted(Node::object(&rack)))
}
