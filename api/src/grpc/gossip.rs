//! What nodes tell each other of their racks, each second: said, heard, and acted upon where racks are spread unevenly, or
//! where nobody is heard any more.

use crate::grpc::balance::{Surplus, surplus};
use crate::grpc::goodbye::Goodbye;
use crate::grpc::limits::NO_QUORUM_AFTER;
use crate::grpc::listening::Listening;
use crate::grpc::node::RackNode;
use crate::rack_board::ToldBy;
use crate::rack_board::own::Intake;
use crate::rack_board::status::RackNote;
use bytes::Bytes;
use regent_core::codec;
use regent_proto::rack;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use tokio::time::{MissedTickBehavior, interval};

/// How often.
const EVERY: Duration = Duration::from_secs(1);
/// A majority that was heard so recently is there; a leader speaks many times in it.
const HEARD_MAX: Duration = Duration::from_secs(1);
/// A rack that was asked to move is left in peace for so long, and so are new ones.
const SETTLED_AFTER: Duration = Duration::from_secs(30);

/// Goes on for ever.
pub async fn gossip(node: RackNode) {
    let mut next = interval(EVERY);
    next.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut heard, mut cut_off) = (Heard::default(), CutOff::default());
    let mut listening = Listening::default();
    loop {
        tokio::select! {
            _ = next.tick() => {}
            () = node.shared.board.has_news() => {}
        }
        cut_off.look(&node);
        let board = &node.shared.board;
        tell(&node);
        board.gather(node.region.identity().node_id, heard.read(&node));
        spread(&node);
        listening.go_round(&node);
    }
}

/// Tells the other nodes of the racks of this one.
pub fn tell(node: &RackNode) {
    let note = node.shared.board.note();
    if let Err(error) = node.region.tell(Bytes::from(codec::seal(&note))) {
        tracing::warn!(%error, "the other nodes are not told of the racks of this one");
    }
}

/// Since when this node has not heard of a majority.
#[derive(Default)]
struct CutOff(Option<Instant>);

impl CutOff {
    /// Sends all racks elsewhere once that was long ago, and has no others come: another node may be on the majority's side.
    fn look(&mut self, node: &RackNode) {
        let is_fresh = |age: Duration| age < HEARD_MAX;
        if node.region.last_contact().is_some_and(is_fresh) {
            self.0 = None;
        } else {
            self.0.get_or_insert_with(Instant::now);
        }
        let is_cut_off = self.0.is_some_and(|since| since.elapsed() >= NO_QUORUM_AFTER);
        let is_stopping = node.shared.stopping.is_cancelled();
        let intake = if is_cut_off || is_stopping { Intake::Closed } else { Intake::Open };
        node.shared.board.set_intake(intake);
        if is_cut_off {
            for (_, entry) in node.shared.hub.lock().iter_mut() {
                entry.send_away(Goodbye::no_quorum("this node has heard of no majority for long"));
            }
        }
    }
}

/// What other nodes said, read once.
#[derive(Default)]
struct Heard(BTreeMap<u64, (Bytes, RackNote)>);

impl Heard {
    fn read(&mut self, node: &RackNode) -> Vec<ToldBy> {
        let notes = node.region.notes();
        self.0.retain(|from, _| notes.contains_key(from));
        let mut told = Vec::with_capacity(notes.len());
        for (from, said) in notes {
            let is_known = |(bytes, _): &&(Bytes, RackNote)| *bytes == said.bytes;
            let known = self.0.get(&from).filter(is_known).map(|(_, note)| note.clone());
            let note = known.or_else(|| codec::open::<RackNote>(&said.bytes).ok());
            // A node that has nothing to say yet, or runs another version.
            let Some(note) = note else { continue };
            self.0.insert(from, (said.bytes, note.clone()));
            told.push(ToldBy { node: from, note, age: said.age });
        }
        told
    }
}

/// Asks some racks to move if this node has more than its share.
fn spread(node: &RackNode) {
    let own = node.region.identity().node_id;
    let everyone = node.shared.board.everyone();
    let Some(Surplus { count, to }) = surplus(own, &everyone.connected) else { return };
    let published = node.region.published();
    let Some(member) = published.membership.membership().get_node(&to) else { return };
    let place = rack::Move { node: to, api: member.api.clone() };
    let mut sessions = node.shared.hub.lock();
    let now = Instant::now();
    let is_settled = |since: Instant| now.duration_since(since) >= SETTLED_AFTER;
    let settled = sessions.iter_mut().filter(|(_, entry)| is_settled(entry.since));
    let mut moved = 0;
    for (_, entry) in settled.take(count) {
        entry.since = now;
        entry.move_to = Some(place.clone());
        entry.wake();
        moved += 1;
    }
    if moved > 0 {
        tracing::debug!(moved, to, "asked racks to move to a node that has fewer");
    }
}
