//! When each peer was last heard, how far it is away, and what it last refused. Written by client and server,
//! read by whoever tells an operator or a client how fresh this node is.

use crate::network::freshness::Freshness;
use crate::network::refusal::Refusal;
use crate::runtime::elapsed;
use crate::type_config::NodeId;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// Peers remembered at most: a cluster has five, and a header can name any number.
const CONTACTS_MAX: usize = 64;

/// What is known of one peer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contact {
    /// When a request from it was last admitted, or one to it last answered. Monotonic. Says that it lives, not more.
    pub heard: Option<Instant>,
    /// When a majority last followed it, as far as an append or a heartbeat with which it led this node said so.
    pub led: Option<Instant>,
    /// When it last followed this node: it answered an append or a heartbeat.
    pub followed: Option<Instant>,
    /// Smoothed round trip of heartbeats and small requests, its Raft included.
    pub round_trip: Option<Duration>,
}

/// A peer's refusal, for whoever has to act on it: a node learns that it was removed from here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedBy {
    /// The peer that refused.
    pub node: NodeId,
    /// What it said.
    pub refusal: Refusal,
}

/// The contacts of one node. Clones share them.
#[derive(Clone, Debug)]
pub struct Contacts {
    peers: Arc<Mutex<BTreeMap<NodeId, Contact>>>,
    freshness: Arc<Mutex<Freshness>>,
    refusals: watch::Sender<Option<RefusedBy>>,
}

impl Default for Contacts {
    fn default() -> Self {
        let refusals = watch::Sender::new(None);
        Self { peers: Arc::default(), freshness: Arc::default(), refusals }
    }
}

impl Contacts {
    /// What is known of `node` now.
    #[must_use]
    pub fn of(&self, node: NodeId) -> Contact {
        self.with(|peers| peers.get(&node).cloned().unwrap_or_default())
    }

    /// How long ago `node` was last heard; `None` if never.
    #[must_use]
    pub fn age(&self, node: NodeId) -> Option<Duration> {
        self.of(node).heard.map(elapsed::since)
    }

    /// How long ago a majority followed `node`, as it said when it last led this one; `None` if it never did.
    #[must_use]
    pub fn led_age(&self, node: NodeId) -> Option<Duration> {
        self.of(node).led.map(elapsed::since)
    }

    /// How long ago a majority followed anybody who led this node.
    #[must_use]
    pub fn led_last(&self) -> Option<Duration> {
        let last = self.with(|peers| peers.values().filter_map(|peer| peer.led).max());
        last.map(elapsed::since)
    }

    /// How long ago all that was committed, as far as leaders told, was in what this node has applied, if that reaches to
    /// entry `applied`; `None` if they never told anything it has come up to.
    #[must_use]
    pub fn fresh_age(&self, applied: u64) -> Option<Duration> {
        self.freshness().since(applied).map(elapsed::since)
    }

    /// How long ago `node` last followed this one; `None` if never.
    #[must_use]
    pub fn followed_age(&self, node: NodeId) -> Option<Duration> {
        self.of(node).followed.map(elapsed::since)
    }

    /// Follows the refusals our requests meet. Only the latest is kept.
    #[must_use]
    pub fn watch_refusals(&self) -> watch::Receiver<Option<RefusedBy>> {
        self.refusals.subscribe()
    }

    /// Drops what is known of nodes outside `members`, so that the table stays as small as the membership.
    pub fn retain(&self, members: impl Fn(NodeId) -> bool) {
        self.with(|peers| peers.retain(|node, _| members(*node)));
    }

    pub(crate) fn note_heard(&self, node: NodeId) {
        self.change(node, |contact| contact.heard = Some(elapsed::now()));
    }

    /// Notes that `node` leads this one and that a majority followed it so long ago. What was so once stays so: a later
    /// word of an earlier moment takes nothing back.
    pub(crate) fn note_led(&self, node: NodeId, age: Duration) {
        let followed = elapsed::now().checked_sub(age);
        self.change(node, |contact| contact.led = contact.led.max(followed));
    }

    /// Notes that so long ago, when a majority followed who leads this node, all up to entry `committed` was committed.
    /// This node has applied all up to `applied`.
    pub(crate) fn note_told(&self, committed: u64, age: Duration, applied: u64) {
        if let Some(at) = elapsed::now().checked_sub(age) {
            self.freshness().told(committed, at, applied);
        }
    }

    pub(crate) fn note_followed(&self, node: NodeId) {
        self.change(node, |contact| {
            let now = Some(elapsed::now());
            (contact.heard, contact.followed) = (now, now);
        });
    }

    pub(crate) fn note_answer(&self, node: NodeId, took: Duration) {
        self.change(node, |contact| {
            contact.heard = Some(elapsed::now());
            contact.round_trip = Some(smoothed(contact.round_trip, took));
        });
    }

    pub(crate) fn note_refusal(&self, node: NodeId, refusal: &Refusal) {
        let refused = Some(RefusedBy { node, refusal: refusal.clone() });
        self.refusals.send_if_modified(|last| {
            let new = *last != refused;
            last.clone_from(&refused);
            new
        });
    }

    fn freshness(&self) -> MutexGuard<'_, Freshness> {
        // What a panic elsewhere leaves half done tells of older moments only.
        self.freshness.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, node: NodeId, act: impl FnOnce(&mut Contact)) {
        self.with(|peers| {
            if peers.len() < CONTACTS_MAX || peers.contains_key(&node) {
                act(peers.entry(node).or_default());
            }
        });
    }

    fn with<T>(&self, act: impl FnOnce(&mut BTreeMap<NodeId, Contact>) -> T) -> T {
        // Each change is one assignment, so a panic elsewhere cannot leave the table half written.
        act(&mut self.peers.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// One eighth of the new sample, as TCP does (RFC 6298 section 2).
fn smoothed(so_far: Option<Duration>, sample: Duration) -> Duration {
    so_far.map_or(sample, |old| (old * 7 + sample) / 8)
}

#[cfg(test)]
mod tests {
    use super::{CONTACTS_MAX, Contacts, RefusedBy, smoothed};
    use crate::network::refusal::Refusal;
    use std::time::Duration;

    #[test]
    fn peer_never_heard_has_no_age() {
        let contacts = Contacts::default();
        assert_eq!(contacts.age(2), None);
        contacts.note_heard(2);
        assert!(contacts.age(2).is_some());
        assert_eq!(contacts.of(2).round_trip, None);
    }

    #[test]
    fn state_is_as_old_as_the_last_majority_behind_whoever_leads_with_it() {
        let seconds = Duration::from_secs;
        let contacts = Contacts::default();
        contacts.note_led(2, seconds(3));
        assert!(contacts.led_age(2).is_some_and(|age| age >= seconds(3)));
        contacts.note_led(2, seconds(1));
        contacts.note_led(2, seconds(5));
        let age = contacts.led_age(2);
        assert!(age.is_some_and(|age| (seconds(1)..seconds(3)).contains(&age)), "{age:?}");
    }

    #[test]
    fn round_trip_follows_its_samples_slowly() {
        let ms = Duration::from_millis;
        assert_eq!(smoothed(None, ms(8)), ms(8));
        assert_eq!(smoothed(Some(ms(8)), ms(16)), ms(9));
    }

    #[test]
    fn same_refusal_again_wakes_nobody() {
        let contacts = Contacts::default();
        let mut refusals = contacts.watch_refusals();
        contacts.note_refusal(3, &Refusal::SenderRemoved);
        assert!(refusals.has_changed().unwrap());
        let seen = refusals.borrow_and_update().clone();
        assert_eq!(seen, Some(RefusedBy { node: 3, refusal: Refusal::SenderRemoved }));
        contacts.note_refusal(3, &Refusal::SenderRemoved);
        assert!(!refusals.has_changed().unwrap());
    }

    #[test]
    fn invented_senders_do_not_grow_the_table() {
        let contacts = Contacts::default();
        for node in 0..10 * CONTACTS_MAX as u64 {
            contacts.note_heard(node);
        }
        assert_eq!(contacts.with(|peers| peers.len()), CONTACTS_MAX);
    }

    #[test]
    fn nodes_that_left_are_forgotten() {
        let contacts = Contacts::default();
        contacts.note_heard(1);
        contacts.note_heard(2);
        contacts.retain(|node| node == 1);
        assert!(contacts.age(1).is_some());
        assert_eq!(contacts.age(2), None);
    }
}
