//! How all racks are, as far as this node knows: written by the sessions of its own racks (`grpc`) and from what other nodes
//! tell each second, read by `http`, which does not know `grpc`.
//!
//! None of it is in the log, and no safety rests on it: it may be seconds old, and a rack may be missing.
//!
//! Floors: [`probe`] (looks for foreign servers), [`link`] (where a rack is connected), [`status`] (a rack), [`own`] (those of
//! this node), [`seen`] (the VLANs they see).

pub mod link;
pub mod own;
pub mod probe;
pub mod seen;
pub mod status;

use crate::rack_board::own::{Ending, Intake, OwnRacks};
use crate::rack_board::probe::{Finding, ProbeKey, Probes, Wish};
use crate::rack_board::status::{RackNote, RackStatus};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::registry::Registry;
use regent_core::id::{NodeId, VlanId};
use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, watch};

/// What another node said may be so old before its racks count as silent, too: what it takes to be told.
const TOLD_AFTER_MAX: Duration = Duration::from_secs(2);
/// After this it counts as silent itself.
const NODE_SILENT_AFTER: Duration = Duration::from_secs(4);

/// The board of a node.
#[derive(Debug, Default)]
pub struct RackBoard {
    own: Mutex<OwnRacks>,
    probes: Mutex<Probes>,
    /// That there is something the others should hear of at once.
    news: Notify,
    refused: Counter,
    everyone: watch::Sender<Arc<Everyone>>,
}

/// All racks and nodes, as they were a moment ago.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Everyone {
    /// Racks, and the region node each was connected to last.
    pub racks: BTreeMap<NodeId, (u64, RackStatus)>,
    /// Racks connected to each region node that is not silent and takes racks.
    pub connected: BTreeMap<u64, u32>,
    /// The addresses of these racks on their VLANs, by what each said last: a rack that ends before its first heartbeat in a
    /// new session is missed where it was before.
    pub addresses: BTreeMap<(NodeId, VlanId), Ipv4Addr>,
    /// Looks for foreign servers that nodes wish of racks.
    pub wishes: Vec<Wish>,
    /// What racks found.
    pub findings: BTreeMap<ProbeKey, Finding>,
}

/// What a node told, and how long ago.
#[derive(Clone, Debug)]
pub struct ToldBy {
    /// The region node.
    pub node: u64,
    /// What it told.
    pub note: RackNote,
    /// How long ago.
    pub age: Duration,
}

impl RackBoard {
    /// A rack with a session here is like this.
    pub fn heard(&self, rack: NodeId, status: RackStatus) {
        self.own().heard(rack, status);
    }

    /// A session here ended.
    pub fn ended(&self, rack: NodeId, session: u64, ending: Ending) {
        self.own().ended(rack, session, ending);
    }

    /// A session, an enrolment or a leave was refused here.
    pub fn refused(&self) {
        self.refused.inc();
    }

    /// Adds what is counted of racks.
    pub fn register(&self, registry: &mut Registry) {
        let help = "Rack sessions, enrolments and leaves that were asked for and refused";
        registry.register("rack_sessions_refused", help, self.refused.clone());
    }

    /// What the others are told.
    #[must_use]
    pub fn note(&self) -> RackNote {
        let (wishes, findings) = self.probes().told();
        RackNote { wishes, findings, ..self.own().note() }
    }

    /// Has a rack look for foreign servers on a VLAN where it has this address, on behalf of this node, `own`. What it finds
    /// is among [`Everyone::findings`] after a while. None if too many looks are under way.
    pub fn look(&self, own: u64, of: (NodeId, VlanId, Ipv4Addr)) -> Option<Look<'_>> {
        let key = self.probes().wish(own, of)?;
        self.news.notify_one();
        Some(Look { board: self, key })
    }

    /// A rack with a session here has looked.
    pub fn found(&self, finding: Finding) {
        self.probes().found(finding);
        self.news.notify_one();
    }

    /// Ready when the others should hear something at once.
    pub async fn has_news(&self) {
        self.news.notified().await;
    }

    /// Whether this node takes racks.
    pub fn set_intake(&self, intake: Intake) {
        self.own().set_intake(intake);
    }

    /// How everyone is.
    #[must_use]
    pub fn everyone(&self) -> Arc<Everyone> {
        self.everyone.borrow().clone()
    }

    /// Follows how everyone is.
    #[must_use]
    pub fn follow(&self) -> watch::Receiver<Arc<Everyone>> {
        self.everyone.subscribe()
    }

    /// Puts together what this node, `own`, knows and what the others told.
    pub fn gather(&self, own: u64, told: impl IntoIterator<Item = ToldBy>) {
        let mut everyone = Everyone::default();
        for said in told {
            everyone.add(said);
        }
        let mut racks = self.own();
        racks.forget(|rack, session| {
            let elsewhere = everyone.racks.get(&rack);
            elsewhere.is_some_and(|(_, status)| status.session > session)
        });
        // All of the own ones, though a note may not have room for them.
        let (connected, own_racks) = (racks.connected(), racks.iter().collect());
        drop(racks);
        let (wishes, findings) = self.probes().told();
        let note = RackNote { connected, racks: own_racks, wishes, findings };
        everyone.add(ToldBy { node: own, note, age: Duration::ZERO });
        everyone.find_addresses(&self.everyone());
        self.everyone.send_replace(Arc::new(everyone));
    }

    fn probes(&self) -> MutexGuard<'_, Probes> {
        self.probes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn own(&self) -> MutexGuard<'_, OwnRacks> {
        // Each change is one call that leaves the racks whole.
        self.own.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A look that somebody waits for, until it is dropped.
#[derive(Debug)]
pub struct Look<'a> {
    board: &'a RackBoard,
    /// Which.
    pub key: ProbeKey,
}

impl Drop for Look<'_> {
    fn drop(&mut self) {
        self.board.probes().over(self.key);
    }
}

impl Everyone {
    fn find_addresses(&mut self, before: &Self) {
        let known = before.addresses.iter().filter(|((rack, _), _)| self.racks.contains_key(rack));
        let mut addresses: BTreeMap<_, _> = known.map(|(of, address)| (*of, *address)).collect();
        for (rack, (_, status)) in &self.racks {
            let own = status.vlans.iter().filter_map(|own| Some((own.vlan, own.server_id?)));
            addresses.extend(own.map(|(vlan, address)| ((*rack, vlan), address)));
        }
        self.addresses = addresses;
    }

    fn add(&mut self, ToldBy { node, note, age }: ToldBy) {
        if let Some(connected) = note.connected.filter(|_| age < NODE_SILENT_AFTER) {
            self.connected.insert(node, connected);
        }
        self.wishes.extend(note.wishes);
        self.findings.extend(note.findings.into_iter().map(|found| (found.key, found)));
        let late = age.saturating_sub(TOLD_AFTER_MAX);
        let late_ms = u64::try_from(late.as_millis()).unwrap_or(u64::MAX);
        for (rack, mut status) in note.racks {
            status.silent_ms = status.silent_ms.saturating_add(late_ms);
            let known = self.racks.get(&rack);
            if known.is_none_or(|(_, known)| known.session <= status.session) {
                self.racks.insert(rack, (node, status));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{RackBoard, ToldBy};
    use crate::rack_board::own::{Ending, Intake};
    use crate::rack_board::status::{RackNote, RackStatus, VlanStatus};
    use regent_core::id::{NodeId, VlanId};
    use std::time::Duration;

    const RACK: NodeId = NodeId(3);

    fn status(session: u64) -> RackStatus {
        RackStatus::begun(session, "1".to_owned(), 7, Vec::new())
    }

    fn told(node: u64, session: u64, age_s: u64) -> ToldBy {
        let racks = vec![(RACK, status(session))];
        let note = RackNote { connected: Some(1), racks, ..RackNote::default() };
        ToldBy { node, note, age: Duration::from_secs(age_s) }
    }

    #[test]
    fn later_session_says_where_a_rack_is_whoever_tells_it() {
        let board = RackBoard::default();
        board.heard(RACK, status(10));
        board.gather(1, [told(2, 9, 0)]);
        assert_eq!(board.everyone().racks[&RACK].0, 1);
        board.gather(1, [told(2, 11, 0), told(3, 8, 0)]);
        assert_eq!(board.everyone().racks[&RACK].0, 2);
    }

    #[test]
    fn rack_in_a_new_session_is_known_by_the_address_it_had_in_the_last() {
        let board = RackBoard::default();
        let (vlan, address) = (VlanId(5001), [10, 0, 0, 2].into());
        let serves = VlanStatus { vlan, server_id: Some(address), trouble: None };
        board.heard(RACK, RackStatus { vlans: vec![serves], ..status(10) });
        board.gather(1, []);
        board.gather(1, [told(2, 11, 0)]);
        assert_eq!(board.everyone().racks[&RACK].1.session, 11);
        assert_eq!(board.everyone().addresses.get(&(RACK, vlan)), Some(&address));
    }

    #[test]
    fn rack_that_left_for_another_node_is_told_no_more() {
        let board = RackBoard::default();
        board.heard(RACK, status(10));
        board.ended(RACK, 10, Ending::Told);
        board.gather(1, [told(2, 11, 0)]);
        assert_eq!(board.note(), RackNote { connected: Some(0), ..RackNote::default() });
    }

    #[test]
    fn node_that_takes_no_racks_does_not_look_like_an_empty_one() {
        let (closing, other) = (RackBoard::default(), RackBoard::default());
        closing.heard(RACK, status(10));
        closing.set_intake(Intake::Closed);
        let told = ToldBy { node: 1, note: closing.note(), age: Duration::ZERO };
        other.gather(2, [told]);
        closing.gather(1, []);
        let everyone = other.everyone();
        assert_eq!((everyone.connected.get(&1), everyone.connected.get(&2)), (None, Some(&0)));
        assert!(everyone.racks.contains_key(&RACK), "its racks are known all the same");
        assert!(closing.everyone().connected.is_empty());
    }

    #[test]
    fn node_that_is_silent_takes_its_racks_with_it_but_not_at_once() {
        let board = RackBoard::default();
        for (age_s, missed, nodes) in [(1, 0, 2), (3, 1, 2), (30, 28, 1)] {
            board.gather(1, [told(2, 9, age_s)]);
            let everyone = board.everyone();
            assert_eq!(everyone.racks[&RACK].1.missed_heartbeats(), missed);
            assert_eq!(everyone.connected.len(), nodes);
        }
    }
}
