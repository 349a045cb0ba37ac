//! What there was to see: the committed log as it lies on a disk, applied again from its first entry.

use crate::watcher::Changes;
use regent_core::apply;
use regent_core::change::{self, Operation};
use regent_core::codec;
use regent_core::command::{Proposal, Request};
use regent_core::object::Key;
use regent_core::state::State;
use regent_core::state::meta::Meta;
use regent_raft::offline_log::OfflineLog;

/// The state that a log makes, and every change on the way there.
pub(crate) fn replay(log: &OfflineLog) -> (State, Changes) {
    assert_eq!(log.purged, None, "the log is whole");
    let cluster_id = log.identity.cluster_id.clone();
    let mut state = State::new(Meta { cluster_id, ..Meta::default() });
    let mut all = Changes::new();
    for entry in &log.entries {
        let Some(stamped) = &entry.stamped else {
            state = apply::blank(&state, entry.index);
            continue;
        };
        let request: Request = codec::open(&stamped.request).unwrap();
        let proposal = Proposal { at: stamped.at, wall: stamped.wall, request };
        let applied = apply::apply(&state, entry.index, &proposal);
        state = applied.state;
        let changes: Vec<_> = applied.changes.iter().map(reference).collect();
        if !changes.is_empty() {
            all.push((state.meta().revision.0, changes));
        }
    }
    (state, all)
}

fn reference(change: &change::Change) -> (String, u64) {
    let operation = match change.operation {
        Operation::Create => "create",
        Operation::Update => "update",
        Operation::Delete => "delete",
    };
    let number = match change.object.key {
        Key::Number(number) => number,
        Key::Address(_) | Key::Name(_) => 0,
    };
    (operation.to_owned(), number)
}
