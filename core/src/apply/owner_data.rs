//! Workload annotations: set and removed by node and name. They are shown as a part of the node, so it changes with them.

use crate::apply::draft::Draft;
use crate::apply::text::{NameRule, check_name, check_text};
use crate::command::owner_data::OwnerDataCommand;
use crate::model::node::Node;
use crate::model::owner_data::{OwnerData, OwnerDataKey};
use crate::outcome::Outcome;
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

fn check_room(draft: &Draft, key: &OwnerDataKey) -> Result<(), Rejection> {
    let table = &draft.state().tables().owner_data;
    let first = OwnerDataKey { node: key.node, key: String::new() };
    let own = table.range(first..).take_while(|(other, _)| other.node == key.node);
    if table.get(key).is_none() && own.take(ANNOTATIONS_MAX).count() == ANNOTATIONS_MAX {
        let what = format!("annotations of {}", Node::object(&key.node));
        return Err(Rejection::Limit { what, max: ANNOTATIONS_MAX as u64 });
    }
    Ok(())
}
