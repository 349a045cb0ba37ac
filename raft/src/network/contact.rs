//! When each peer was last heard, how far it is away, and what it last refused. Written by client and server,
//! read by whoever tells an operator or a client how fresh this node is.

use crate::network::freshness::Freshness;
use crate::network::moment::OwnClock;
use crate::network::refusal::Refusal;
use crate::runtime::elapsed;
use crate::type_config::NodeId;
use regent_proto::peer::{Moment, Told};
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
    /// When it last asked this node for its vote, or whether it would get it.
    pub(crate) candidate: Option<Instant>,
    /// The last moment of its clock that it told this node, and when it did.
    pub(crate) moment: Option<(Moment, Instant)>,
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
    clock: Arc<OwnClock>,
    refusals: watch::Sender<Option<RefusedBy>>,
}

impl Default for Contacts {
    fn default() -> Self {
        let refusals = watch::Sender::new(None);
        let (peers, freshness, clock) = (Arc::default(), Arc::default(), Arc::default());
        Self { peers, freshness, clock, refusals }
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

    /// Notes what who leads this node told of a moment that was `age` ago when it spoke. This node has applied all up to
    /// `applied`.
    pub(crate) fn note_told(&self, told: &Told, age: Duration, applied: u64) {
        // It spoke after it had heard this node: when its word arrives says nothing, for that may have been long under way.
        let spoke = told.heard.and_then(|moment| self.clock.instant(moment));
        let spoke = spoke.and_then(|heard| heard.checked_add(Duration::from_micros(told.heard_us)));
        let spoke = spoke.map(|spoke| spoke.min(elapsed::now()));
        if let Some(at) = spoke.and_then(|spoke| spoke.checked_sub(age)) {
            self.freshness().told(told.applied, at, applied);
        }
    }

    pub(crate) fn note_candidate(&self, node: NodeId) {
        self.change(node, |contact| contact.candidate = Some(elapsed::now()));
    }

    /// How long ago `node` last asked for this node's vote; `None` if never.
    pub(crate) fn candidate_age(&self, node: NodeId) -> Option<Duration> {
        self.of(node).candidate.map(elapsed::since)
    }

    /// Now, by the clock that this node gives others to send back.
    pub(crate) fn moment(&self) -> Moment {
        self.clock.moment()
    }

    /// Notes a moment of the clock of `node`, for it to be sent back.
    pub(crate) fn note_moment(&self, node: NodeId, moment: Moment) {
        self.change(node, |contact| contact.moment = Some((moment, elapsed::now())));
    }

    /// The last moment `node` told, and how long ago it did.
    pub(crate) fn moment_of(&self, node: NodeId) -> Option<(Moment, Duration)> {
        self.of(node).moment.map(|(moment, heard)| (moment, elapsed::since(heard)))
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
    use regent_proto::peer::Told;
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
    fn word_of_a_leader_is_as_old_as_what_it_had_heard_before_it_spoke() {
        let ms = Duration::from_millis;
        let contacts = Contacts::default();
        let heard = contacts.moment();
        let asked = contacts.clock.instant(heard).unwrap();
        let arrived = asked + ms(1);
        while std::time::Instant::now() < arrived {
            std::hint::spin_loop();
        }
        contacts.note_told(&Told { applied: 5, heard: Some(heard), heard_us: 300 }, ms(20), 5);
        let since = contacts.freshness().since(5);
        assert_eq!(since, (asked + Duration::from_micros(300)).checked_sub(ms(20)));
    }

    #[test]
    fn leader_that_has_not_heard_this_process_tells_it_nothing() {
        let contacts = Contacts::default();
        let of_another = Some(Contacts::default().moment());
        for heard in [None, of_another] {
            contacts.note_told(&Told { applied: 5, heard, heard_us: 0 }, Duration::ZERO, 5);
            assert_eq!(contacts.fresh_age(5), None);
        }
    }

    #[test]
    fn leader_cannot_speak_in_the_future() {
        let contacts = Contacts::default();
        let told = Told { applied: 5, heard: Some(contacts.moment()), heard_us: 3_600_000_000 };
        contacts.note_told(&told, Duration::from_secs(1), 5);
        assert!(contacts.fresh_age(5).is_some_and(|age| age >= Duration::from_secs(1)));
        let told = Told { heard_us: u64::MAX, ..told };
        contacts.note_told(&told, Duration::MAX, 5);
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
