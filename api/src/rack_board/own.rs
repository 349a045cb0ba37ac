//! The racks of this node: written by their sessions.

use crate::rack_board::status::{HEARTBEAT, RackNote, RackStatus};
use regent_core::codec;
use regent_core::id::NodeId;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// What a note may have, in bytes: less than nodes take from each other.
const NOTE_BYTES_MAX: usize = 900 << 10;
/// How long a rack whose session ended is remembered, so that others know that it is silent.
const REMEMBERED: Duration = Duration::from_secs(3600);
/// Racks that are remembered: those of all sessions there may be and as many again.
const RACKS_MAX: usize = 8192;
/// What a rack counts as having missed whose connection broke off: nobody expects the next one.
const MISSED_WHEN_BROKEN: u32 = 5;

/// How a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// One side said goodbye: the rack is about to come back, here or elsewhere.
    Told,
    /// The connection broke off.
    Broken,
}

/// The racks of a node.
#[derive(Debug, Default)]
pub struct OwnRacks(BTreeMap<NodeId, OwnRack>);

#[derive(Debug)]
struct OwnRack {
    status: RackStatus,
    /// When it last said how it is.
    heard: Instant,
}

impl OwnRacks {
    /// A rack has a session here and says this of itself.
    pub fn heard(&mut self, rack: NodeId, status: RackStatus) {
        let is_later = |known: &OwnRack| known.status.session <= status.session;
        if self.0.get(&rack).is_none_or(is_later) {
            self.make_room();
            self.0.insert(rack, OwnRack { status, heard: Instant::now() });
        }
    }

    /// Its session ended.
    pub fn ended(&mut self, rack: NodeId, session: u64, ending: Ending) {
        let known = self.0.get_mut(&rack).filter(|known| known.status.session == session);
        let Some(known) = known else { return };
        known.status.connected = false;
        if ending == Ending::Broken {
            let silent = HEARTBEAT * MISSED_WHEN_BROKEN;
            known.heard = Instant::now().checked_sub(silent).unwrap_or(known.heard);
        }
    }

    /// How many are connected.
    #[must_use]
    pub fn connected(&self) -> usize {
        self.0.values().filter(|rack| rack.status.connected).count()
    }

    /// Every rack and how it is now.
    pub fn iter(&self) -> impl Iterator<Item = (NodeId, RackStatus)> {
        self.0.iter().map(|(rack, known)| {
            let silent_ms = u64::try_from(known.heard.elapsed().as_millis()).unwrap_or(u64::MAX);
            (*rack, RackStatus { silent_ms, ..known.status.clone() })
        })
    }

    /// What the other nodes are told. Where it would be too long, some racks are left out.
    #[must_use]
    pub fn note(&self) -> RackNote {
        let mut bytes = 0;
        let fits = |(_, status): &(NodeId, RackStatus)| {
            bytes += codec::to_bare(status).len() + size_of::<NodeId>();
            bytes <= NOTE_BYTES_MAX
        };
        let connected = u32::try_from(self.connected()).unwrap_or(u32::MAX);
        RackNote { connected, racks: self.iter().take_while(fits).collect() }
    }

    /// Forgets racks that are connected elsewhere by now, and those that have been away for long.
    pub fn forget(&mut self, is_elsewhere: impl Fn(NodeId, u64) -> bool) {
        self.0.retain(|rack, known| {
            let is_remembered =
                known.heard.elapsed() < REMEMBERED && !is_elsewhere(*rack, known.status.session);
            known.status.connected || is_remembered
        });
    }

    fn make_room(&mut self) {
        if self.0.len() < RACKS_MAX {
            return;
        }
        let away = self.0.iter().filter(|(_, known)| !known.status.connected);
        let longest = away.min_by_key(|(_, known)| known.heard).map(|(rack, _)| *rack);
        longest.map(|rack| self.0.remove(&rack));
    }
}

#[cfg(test)]
mod tests {
    use super::{Ending, MISSED_WHEN_BROKEN, OwnRacks, RACKS_MAX};
    use crate::rack_board::status::{RackStatus, VlanStatus};
    use regent_core::codec;
    use regent_core::id::{NodeId, VlanId};

    fn status(session: u64) -> RackStatus {
        let (version, vlans) = ("1".to_owned(), Vec::new());
        RackStatus {
            session,
            connected: true,
            version,
            told_revision: 7,
            applied_revision: 7,
            backlog: 0,
            silent_ms: 0,
            vlans,
        }
    }

    #[test]
    fn rack_whose_connection_broke_is_missing_at_once_and_one_that_said_goodbye_only_if_it_stays_away()
     {
        let mut racks = OwnRacks::default();
        for (rack, ending) in [(1, Ending::Broken), (2, Ending::Told)] {
            racks.heard(NodeId(rack), status(5));
            racks.ended(NodeId(rack), 5, ending);
        }
        let missed: Vec<u32> = racks.iter().map(|(_, status)| status.missed_heartbeats()).collect();
        assert_eq!(missed, [MISSED_WHEN_BROKEN, 0]);
        assert_eq!(racks.connected(), 0);
    }

    #[test]
    fn session_that_was_replaced_has_no_say_any_more() {
        let mut racks = OwnRacks::default();
        racks.heard(NodeId(1), status(9));
        racks.heard(NodeId(1), status(5));
        racks.ended(NodeId(1), 5, Ending::Broken);
        let (_, known) = racks.iter().next().unwrap();
        assert_eq!((known.session, known.connected), (9, true));
    }

    #[test]
    fn racks_that_went_elsewhere_are_forgotten_and_those_that_are_here_never() {
        let mut racks = OwnRacks::default();
        racks.heard(NodeId(1), status(5));
        racks.heard(NodeId(2), status(6));
        racks.ended(NodeId(1), 5, Ending::Told);
        racks.forget(|_, _| false);
        assert_eq!(racks.iter().count(), 2);
        racks.forget(|_, _| true);
        assert!(racks.iter().map(|(rack, _)| rack).eq([NodeId(2)]));
    }

    #[test]
    fn note_is_never_longer_than_nodes_take_and_counts_all_racks() {
        let mut racks = OwnRacks::default();
        let vlan = |vlan| VlanStatus {
            vlan: VlanId(vlan),
            server_id: None,
            trouble: Some("x".repeat(120)),
        };
        for rack in 0..100 {
            let vlans = (0..1024).map(vlan).collect();
            racks.heard(NodeId(rack), RackStatus { vlans, ..status(1) });
        }
        let note = racks.note();
        assert_eq!(note.connected, 100);
        assert!(!note.racks.is_empty() && note.racks.len() < 100);
        assert!(codec::seal(&note).len() < 1 << 20);
    }

    #[test]
    fn there_are_never_more_than_so_many() {
        let mut racks = OwnRacks::default();
        for rack in 0..u32::try_from(RACKS_MAX).unwrap() + 10 {
            racks.heard(NodeId(rack), status(1));
            racks.ended(NodeId(rack), 1, Ending::Told);
        }
        assert_eq!(racks.iter().count(), RACKS_MAX);
    }
}
