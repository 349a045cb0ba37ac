//! The racks of this node: written by their sessions.

use crate::rack_board::status::{HEARTBEAT, RackNote, RackStatus, VlanStatus};
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

/// Whether a node takes racks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Intake {
    /// It does.
    #[default]
    Open,
    /// It stops, or is cut off from the majority.
    Closed,
}

/// The racks of a node.
#[derive(Debug, Default)]
pub struct OwnRacks {
    racks: BTreeMap<NodeId, OwnRack>,
    intake: Intake,
}

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
        if self.racks.get(&rack).is_none_or(is_later) {
            self.make_room();
            self.racks.insert(rack, OwnRack { status, heard: Instant::now() });
        }
    }

    /// Its session ended.
    pub fn ended(&mut self, rack: NodeId, session: u64, ending: Ending) {
        let known = self.racks.get_mut(&rack).filter(|known| known.status.session == session);
        let Some(known) = known else { return };
        known.status.connected = false;
        if ending == Ending::Broken {
            let silent = HEARTBEAT * MISSED_WHEN_BROKEN;
            known.heard = Instant::now().checked_sub(silent).unwrap_or(known.heard);
        }
    }

    /// Whether the node takes racks.
    pub fn set_intake(&mut self, intake: Intake) {
        self.intake = intake;
    }

    /// How many are connected; none if the node takes no racks.
    #[must_use]
    pub fn connected(&self) -> Option<u32> {
        let connected = self.racks.values().filter(|rack| rack.status.connected).count();
        match self.intake {
            Intake::Open => Some(u32::try_from(connected).unwrap_or(u32::MAX)),
            Intake::Closed => None,
        }
    }

    /// Every rack and how it is now.
    pub fn iter(&self) -> impl Iterator<Item = (NodeId, RackStatus)> {
        self.racks.iter().map(|(rack, known)| {
            let silent_ms = u64::try_from(known.heard.elapsed().as_millis()).unwrap_or(u64::MAX);
            (*rack, RackStatus { silent_ms, ..known.status.clone() })
        })
    }

    /// What the other nodes are told. Where it would be too long, racks that take more than their share of it are told with as
    /// many VLANs as fit into that, so that none pushes another out.
    #[must_use]
    pub fn note(&self) -> RackNote {
        let mut racks: Vec<_> = self.iter().collect();
        let bytes: usize = racks.iter().map(|(_, status)| note_bytes(status)).sum();
        if bytes > NOTE_BYTES_MAX {
            let share = NOTE_BYTES_MAX / racks.len();
            racks.iter_mut().for_each(|(_, status)| shorten(status, share));
            // Those that do not fit without any VLAN.
            let mut room = NOTE_BYTES_MAX;
            racks.retain(|(_, status)| take(&mut room, note_bytes(status)));
        }
        RackNote { connected: self.connected(), racks, ..RackNote::default() }
    }

    /// Forgets racks that are connected elsewhere by now, and those that have been away for long.
    pub fn forget(&mut self, is_elsewhere: impl Fn(NodeId, u64) -> bool) {
        self.racks.retain(|rack, known| {
            let is_remembered =
                known.heard.elapsed() < REMEMBERED && !is_elsewhere(*rack, known.status.session);
            known.status.connected || is_remembered
        });
    }

    fn make_room(&mut self) {
        if self.racks.len() < RACKS_MAX {
            return;
        }
        let away = self.racks.iter().filter(|(_, known)| !known.status.connected);
        let longest = away.min_by_key(|(_, known)| known.heard).map(|(rack, _)| *rack);
        longest.map(|rack| self.racks.remove(&rack));
    }
}

/// What a rack takes of a note, in bytes.
fn note_bytes(status: &RackStatus) -> usize {
    codec::to_bare(status).len() + size_of::<NodeId>()
}

/// Leaves out addresses, and then VLANs, beyond so many bytes.
fn shorten(status: &mut RackStatus, bytes_max: usize) {
    if note_bytes(status) <= bytes_max {
        return;
    }
    status.links.clear();
    let vlans = std::mem::take(&mut status.vlans);
    // The length of the list may take more bytes than that of an empty one.
    let mut room = bytes_max.saturating_sub(note_bytes(status) + size_of::<u64>());
    let fits = |vlan: &VlanStatus| take(&mut room, codec::to_bare(vlan).len());
    status.vlans = vlans.into_iter().take_while(fits).collect();
}

/// Takes so many bytes of the room, if they fit.
fn take(room: &mut usize, bytes: usize) -> bool {
    let left = room.checked_sub(bytes);
    *room = left.unwrap_or(*room);
    left.is_some()
}

#[cfg(test)]
mod tests {
    use super::{Ending, MISSED_WHEN_BROKEN, OwnRacks, RACKS_MAX};
    use crate::rack_board::status::{RackStatus, VlanStatus};
    use regent_core::codec;
    use regent_core::id::{NodeId, VlanId};

    fn status(session: u64) -> RackStatus {
        RackStatus::begun(session, "1".to_owned(), 7, Vec::new())
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
        assert_eq!(racks.connected(), Some(0));
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

    /// With so many VLANs, none of which it answers.
    fn troubled(vlans: u32) -> RackStatus {
        let vlan = |vlan| VlanStatus {
            vlan: VlanId(vlan),
            server_id: None,
            trouble: Some("x".repeat(120)),
        };
        RackStatus { vlans: (0..vlans).map(vlan).collect(), ..status(1) }
    }

    #[test]
    fn note_is_never_longer_than_nodes_take_and_has_all_racks() {
        let mut racks = OwnRacks::default();
        for rack in 0..100 {
            racks.heard(NodeId(rack), troubled(1024));
        }
        let note = racks.note();
        assert_eq!((note.connected, note.racks.len()), (Some(100), 100));
        assert!(note.racks.iter().all(|(_, status)| !status.vlans.is_empty()));
        assert!(codec::seal(&note).len() < 1 << 20);
    }

    #[test]
    fn racks_with_much_to_tell_push_no_word_of_others_out_of_the_note() {
        let mut racks = OwnRacks::default();
        for rack in 0..50 {
            racks.heard(NodeId(rack), troubled(if rack < 10 { 1024 } else { 3 }));
        }
        let note = racks.note();
        let vlans: Vec<usize> = note.racks.iter().map(|(_, status)| status.vlans.len()).collect();
        assert_eq!(vlans.len(), 50);
        assert!(vlans[..10].iter().all(|vlans| (1..1024).contains(vlans)));
        assert!(vlans[10..].iter().all(|vlans| *vlans == 3));
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
