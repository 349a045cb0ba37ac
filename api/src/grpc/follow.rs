//! The one task of a node that looks at what is published, for all its sessions: what it touches is found out once.

use crate::grpc::limits::LOOK_PAUSE;
use crate::grpc::node::RackNode;
use crate::grpc::standing::over;
use regent_core::rack_view::follow::followed;
use regent_raft::state_machine::published::Published;
use std::sync::Arc;
use tokio::time::sleep;

/// Goes on as long as the region does.
pub async fn follow(node: RackNode) {
    let mut progress = node.region.progress();
    let mut before = node.region.published();
    loop {
        progress.mark_unchanged();
        let after = node.region.published();
        look(&node, &before, &after);
        before = after;
        // What comes meanwhile is looked at together.
        sleep(LOOK_PAUSE).await;
        if progress.changed().await.is_err() {
            return;
        }
    }
}

fn look(node: &RackNode, before: &Published, after: &Arc<Published>) {
    let touched = followed(&before.state, &after.state);
    let lives = |published: &Published| published.state.tables().rack_lives.clone();
    let has_new_sessions = !lives(before).is_same(&lives(after));
    let mut sessions = node.shared.hub.lock();
    sessions.touch(&touched, Arc::clone(after));
    if !has_new_sessions {
        return;
    }
    let revision = after.state.meta().revision.0;
    // One that this state does not know of yet was opened after it.
    for (rack, entry) in sessions.iter_mut().filter(|(_, entry)| entry.session <= revision) {
        if let Some(goodbye) = over(&after.state, rack, entry.session) {
            entry.send_away(goodbye);
        }
    }
}
