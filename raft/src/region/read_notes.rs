//! Reading every other member's note each second, and what a face tells and is told that way.
//!
//! Notes are read rather than sent: whoever reaches the peer port can leave nothing here.

use crate::network::calls::PeerAddress;
use crate::region::handle::{Region, Shared};
use crate::region::notes::{Note, NoteTooLarge};
use crate::type_config::NodeId;
use bytes::Bytes;
use futures::future::join_all;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};

/// How often each member is asked.
const READ_EVERY: Duration = Duration::from_secs(1);
/// What it gets to answer: less than that, so that one that is silent delays no other's note.
const ANSWER_MAX: Duration = Duration::from_millis(900);

impl Region {
    /// Tells the other nodes this from now on: each hears it within about a second.
    ///
    /// # Errors
    /// [`NoteTooLarge`]; what was told before stays.
    pub fn tell(&self, note: Bytes) -> Result<(), NoteTooLarge> {
        self.shared.notes.tell(note)
    }

    /// What every other member told last and how long ago that was. Those that have not answered yet are not there.
    #[must_use]
    pub fn notes(&self) -> BTreeMap<NodeId, Note> {
        self.shared.notes.others()
    }
}

/// Reads the notes of all members, all the time, and forgets those of nodes that are members no more.
pub(crate) async fn read_notes(shared: Arc<Shared>) {
    let mut next = interval(READ_EVERY);
    next.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        next.tick().await;
        let members = shared.known_nodes();
        shared.notes.retain(|node| members.contains_key(&node));
        let others = members.into_iter().filter(|(node, _)| *node != shared.identity.node_id);
        let asked = others.map(|(node, member)| {
            let peer = PeerAddress { node, address: member.peer };
            shared.read_note_of(peer)
        });
        join_all(asked).await;
    }
}

impl Shared {
    async fn read_note_of(&self, peer: PeerAddress) {
        match self.calls.note(&peer, ANSWER_MAX).await {
            Ok(note) => self.notes.heard(peer.node, note),
            Err(error) => tracing::debug!(%error, node = peer.node, "a node did not tell its note"),
        }
    }
}
