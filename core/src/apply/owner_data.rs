//! Workload annotations: set and removed by node and name. They are shown as a part of the node, so it changes with them.

use crate::apply::draft::CASCADE_MAX;
use crate::apply::draft::Draft;
use crate::apply::text::{NameRule, check_name, check_text};
use crate::command::owner_data::OwnerDataCommand;
use crate::id::NodeId;
use crate::model::node::Node;
use crate::model::owner_data::{OwnerData, OwnerDataKey};
use crate::outcome::Outcome;
use crate::query::owned::annotations_of;
use crate::rejection::Rejection;
use crate::state::tables::Stored;

/// Annotations of one node.
const ANNOTATIONS_MAX: usize = 1024;

pub(in crate::apply) fn run(
    draft: &mut Draft,
    command: &OwnerDataCommand,
) -> Result<Outcome, Rejection> {
    match command {
        OwnerDataCommand::Set { node, key, value } => {
            let node = draft.existing::<Node>("node", *node)?;
            let key = OwnerDataKey { node, key: key.clone() };
            check_name("key", &key.key, NameRule::Key)?;
            check_text("value", value)?;
            check_room(draft, &key)?;
            let object = OwnerData::object(&key);
            if draft.put(key, OwnerData { value: value.clone() }) {
                draft.touch::<Node>(&node)?;
            }
            Ok(Outcome::Updated(object))
        }
        OwnerDataCommand::Remove { node, key } => {
            let node = draft.existing::<Node>("node", *node)?;
            let key = OwnerDataKey { node, key: key.clone() };
            if draft.state().get::<OwnerData>(&key).is_some() {
                draft.delete::<OwnerData>(&key)?;
                draft.touch::<Node>(&node)?;
            }
            Ok(Outcome::Deleted(OwnerData::object(&key)))
        }
    }
}

/// Takes all annotations from a node.
pub(in crate::apply) fn forget_all(draft: &mut Draft, node: NodeId) -> Result<(), Rejection> {
    let keys: Vec<_> = annotations_of(draft.state(), node).take(CASCADE_MAX + 1).cloned().collect();
    if keys.len() > CASCADE_MAX {
        let what = format!("number of annotations removed together from {}", Node::object(&node));
        return Err(Rejection::Limit { what, max: CASCADE_MAX as u64 });
    }
    keys.iter().try_for_each(|key| draft.delete::<OwnerData>(key))
}

fn check_room(draft: &Draft, key: &OwnerDataKey) -> Result<(), Rejection> {
    let table = &draft.state().tables().owner_data;
    let own = annotations_of(draft.state(), key.node);
    if table.get(key).is_none() && own.take(ANNOTATIONS_MAX).count() == ANNOTATIONS_MAX {
        let what = format!("annotations of {}", Node::object(&key.node));
        return Err(Rejection::Limit { what, max: ANNOTATIONS_MAX as u64 });
    }
    Ok(())
}
