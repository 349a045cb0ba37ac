//! What the comparison of the replicas came to: kept as long as nobody knows which of them is right (DESIGN D21).

use crate::apply::draft::Draft;
use crate::command::digest::DigestCommand;

/// Takes a verdict into the state, so that whoever leads next, or starts from a snapshot, knows of it.
pub(in crate::apply) fn note(draft: &mut Draft, step: &DigestCommand) {
    match step {
        // The revision of the check is all there is to it.
        DigestCommand::Check => {}
        DigestCommand::Verdict { checked, digest } => {
            let contested = digest.is_none().then_some(*checked);
            draft.state_mut().meta_mut().contested = contested;
        }
    }
}
