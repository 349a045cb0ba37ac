//! Keeps the changes of an entry in the ring, and the ring within its bounds.

use crate::apply::draft::Draft;
use crate::change::Change;
use crate::codec;
use crate::state::ring::{RING_BYTES_MAX, RING_CHANGES_MAX, RevisionChanges};

/// Adds the changes of the draft's revision and lets the oldest go.
pub(in crate::apply) fn push(draft: &mut Draft, changes: &[Change]) {
    if changes.is_empty() {
        return;
    }
    let revision = draft.revision();
    let bytes = codec::to_bare(&changes).len() as u64;
    let meta = draft.state_mut().meta_mut();
    meta.changed_revision = revision;
    meta.ring_changes += changes.len() as u64;
    meta.ring_bytes += bytes;
    draft.insert(revision, RevisionChanges { changes: changes.to_vec(), bytes });
    while over_bounds(draft) {
        drop_oldest(draft);
    }
}

/// Empties the ring: whoever has not seen the draft's revision starts from a list.
pub(in crate::apply) fn forget_all(draft: &mut Draft) {
    while !draft.state().tables().changes.is_empty() {
        drop_oldest(draft);
    }
    let revision = draft.revision();
    let meta = draft.state_mut().meta_mut();
    meta.changed_revision = revision;
    meta.ring_floor = revision;
}

fn over_bounds(draft: &Draft) -> bool {
    let meta = draft.state().meta();
    meta.ring_changes > RING_CHANGES_MAX || meta.ring_bytes > RING_BYTES_MAX
}

fn drop_oldest(draft: &mut Draft) {
    let Some(oldest) = draft.state().tables().changes.iter().next().map(|(revision, _)| *revision)
    else {
        return;
    };
    let state = draft.state_mut();
    if let Some(row) = state.take::<RevisionChanges>(&oldest) {
        let meta = state.meta_mut();
        meta.ring_changes -= row.value.changes.len() as u64;
        meta.ring_bytes -= row.value.bytes;
        meta.ring_floor = oldest;
    }
}
