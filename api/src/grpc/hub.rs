//! The sessions of a node: who has one, what of its rack's view is touched, and how it is sent away. One session a rack: a
//! second one ends the first.
//!
//! Nothing is queued here. What is touched is merged until the session tells it, from a state that has all of it and
//! nothing beyond.

use crate::grpc::goodbye::Goodbye;
use crate::grpc::limits::SESSIONS_MAX;
use regent_core::id::{NodeId, VlanId};
use regent_core::rack_view::served::vlans_of;
use regent_core::rack_view::touched::Touched;
use regent_core::revision::Revision;
use regent_proto::rack;
use regent_raft::state_machine::published::Published;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;
use tokio::sync::Notify;

/// The sessions of a node.
#[derive(Debug, Default)]
pub struct Hub(Mutex<Sessions>);

/// The inside of a [`Hub`], while it is locked.
#[derive(Debug, Default)]
pub struct Sessions {
    /// The state up to which it is known what is touched. None before the first look.
    seen: Option<Arc<Published>>,
    racks: BTreeMap<NodeId, Entry>,
    /// Who was told of each VLAN.
    told: BTreeMap<VlanId, BTreeSet<NodeId>>,
}

/// A session.
#[derive(Debug)]
pub struct Entry {
    /// Its number.
    pub session: u64,
    /// A last word to its rack.
    pub goodbye: Option<Goodbye>,
    /// Where its rack is asked to go.
    pub move_to: Option<rack::Move>,
    /// When it was opened, or its rack was last asked to move.
    pub since: Instant,
    /// What of the rack's view is touched and was not told.
    touched: Touched,
    /// The VLANs the rack was told of.
    told: BTreeSet<VlanId>,
    /// Revision of its first view, which has all that is touched up to there.
    first: Revision,
    wake: Arc<Notify>,
}

/// What a session has to do.
#[derive(Debug)]
pub enum Task {
    /// Say this, and no more.
    Leave(Goodbye),
    /// Ask the rack to move.
    Move(rack::Move),
    /// Tell what is touched to a rack that was told of these VLANs, as it is in this state.
    Tell(Touched, BTreeSet<VlanId>, Arc<Published>),
    /// Nothing for now.
    Wait,
}

/// A session's place in the hub, until it is dropped.
#[derive(Debug)]
pub struct Registered {
    hub: Arc<Hub>,
    rack: NodeId,
    session: u64,
    wake: Arc<Notify>,
}

impl Hub {
    /// Registers a session; one that the rack had here before is sent away. The rack is to be told first how everything is
    /// in the state that comes back: this one, or the later one up to which it is known what is touched, since what was
    /// touched in between is not marked for this session.
    ///
    /// # Errors
    /// [`Goodbye`] if there are too many, or the rack has a later one.
    pub fn register(
        self: &Arc<Self>,
        rack: NodeId,
        session: u64,
        published: Arc<Published>,
    ) -> Result<(Registered, Arc<Published>), Goodbye> {
        let mut sessions = self.lock();
        let revision = |published: &Published| published.state.meta().revision;
        let later = |seen: &Arc<Published>| revision(seen) > revision(&published);
        let published = sessions.seen.clone().filter(later).unwrap_or(published);
        match sessions.racks.get(&rack) {
            Some(known) if known.session > session => return Err(Goodbye::replaced()),
            None if sessions.racks.len() >= SESSIONS_MAX => {
                return Err(Goodbye::elsewhere("as many racks as may are connected to this node"));
            }
            Some(_) | None => sessions.remove(rack),
        }
        let wake = Arc::new(Notify::new());
        let entry = Entry {
            session,
            goodbye: None,
            move_to: None,
            since: Instant::now(),
            touched: Touched::default(),
            told: BTreeSet::new(),
            first: revision(&published),
            wake: Arc::clone(&wake),
        };
        sessions.racks.insert(rack, entry);
        sessions.tell(rack, vlans_of(&published.state, rack));
        Ok((Registered { hub: Arc::clone(self), rack, session, wake }, published))
    }

    /// All sessions, to be looked at and changed at once.
    pub fn lock(&self) -> MutexGuard<'_, Sessions> {
        // Were a change of it left half done by a panic, so would be the task that makes it, and with it the node.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sessions {
    /// This is touched between the state that was seen before and this one.
    pub fn touch(&mut self, touched: &Touched, seen: Arc<Published>) {
        self.seen = Some(seen);
        let for_all = Touched { all: touched.all, ..Touched::default() };
        if !for_all.is_nothing() {
            self.racks.values_mut().for_each(|entry| entry.touched.merge(for_all.clone()));
        }
        for (vlan, of_vlan) in &touched.vlans {
            let of_vlan = Touched { all: None, vlans: [(*vlan, of_vlan.clone())].into() };
            // Whom else it is news for: one whose VLAN it is from now on.
            if of_vlan.vlans.values().any(|of_vlan| of_vlan.extent.is_some()) {
                self.racks.values_mut().for_each(|entry| entry.touched.merge(of_vlan.clone()));
                continue;
            }
            for rack in self.told.get(vlan).into_iter().flatten() {
                if let Some(entry) = self.racks.get_mut(rack) {
                    entry.touched.merge(of_vlan.clone());
                }
            }
        }
        // A session that could not tell what is touched, for want of this state, can now.
        let waiting = self.racks.values().filter(|entry| !entry.touched.is_nothing());
        waiting.for_each(Entry::wake);
    }

    /// Every session, by its rack.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (NodeId, &mut Entry)> {
        self.racks.iter_mut().map(|(rack, entry)| (*rack, entry))
    }

    /// What the rack of a session is to be told last, if that is over.
    fn last_word(&self, rack: NodeId, session: u64) -> Option<Goodbye> {
        let entry = self.racks.get(&rack).filter(|entry| entry.session == session);
        entry.map_or_else(|| Some(Goodbye::replaced()), |entry| entry.goodbye.clone())
    }

    fn tell(&mut self, rack: NodeId, vlans: BTreeSet<VlanId>) {
        let Some(entry) = self.racks.get_mut(&rack) else { return };
        for vlan in entry.told.difference(&vlans) {
            let left = self.told.get_mut(vlan).is_some_and(|racks| {
                racks.remove(&rack);
                racks.is_empty()
            });
            if left {
                self.told.remove(vlan);
            }
        }
        for vlan in vlans.difference(&entry.told) {
            self.told.entry(*vlan).or_default().insert(rack);
        }
        entry.told = vlans;
    }

    fn remove(&mut self, rack: NodeId) {
        self.tell(rack, BTreeSet::new());
        if let Some(entry) = self.racks.remove(&rack) {
            entry.wake();
        }
    }
}

impl Entry {
    /// Has it look what it has to do.
    pub fn wake(&self) {
        self.wake.notify_one();
    }

    /// Sends its rack away.
    pub fn send_away(&mut self, goodbye: Goodbye) {
        self.goodbye.get_or_insert(goodbye);
        self.wake();
    }
}

impl Registered {
    /// Ready when there may be something to do.
    pub async fn woken(&self) {
        self.wake.notified().await;
    }

    /// Ready when its rack is to be sent away, with the last word. Whatever else there is to do is left, and found by
    /// [`Self::look_again`].
    pub async fn sent_away(&self) -> Goodbye {
        loop {
            let last_word = self.hub.lock().last_word(self.rack, self.session);
            match last_word {
                Some(goodbye) => return goodbye,
                None => self.woken().await,
            }
        }
    }

    /// Has it look what it has to do.
    pub fn look_again(&self) {
        self.wake.notify_one();
    }

    /// What there is to do. It counts as done.
    #[must_use]
    pub fn take(&self) -> Task {
        let mut sessions = self.hub.lock();
        let seen = sessions.seen.clone();
        if let Some(goodbye) = sessions.last_word(self.rack, self.session) {
            return Task::Leave(goodbye);
        }
        let entry = sessions.racks.get_mut(&self.rack).expect("a session without an entry is over");
        if let Some(place) = entry.move_to.take() {
            entry.wake();
            return Task::Move(place);
        }
        let Some(seen) = seen.filter(|seen| seen.state.meta().revision > entry.first) else {
            return Task::Wait;
        };
        if entry.touched.is_nothing() {
            return Task::Wait;
        }
        let (touched, told) = (std::mem::take(&mut entry.touched), entry.told.clone());
        sessions.tell(self.rack, vlans_of(&seen.state, self.rack));
        Task::Tell(touched, told, seen)
    }

    /// The VLANs its rack was told of.
    #[must_use]
    pub fn told(&self) -> BTreeSet<VlanId> {
        let sessions = self.hub.lock();
        sessions.racks.get(&self.rack).map(|entry| entry.told.clone()).unwrap_or_default()
    }
}

impl Drop for Registered {
    fn drop(&mut self) {
        let mut sessions = self.hub.lock();
        if sessions.racks.get(&self.rack).is_some_and(|entry| entry.session == self.session) {
            sessions.remove(self.rack);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Hub, Registered, Task};
    use crate::grpc::goodbye::Goodbye;
    use futures::FutureExt as _;
    use regent_core::id::{NodeId, VlanId};
    use regent_core::rack_view::touched::{Extent, Touched};
    use regent_core::revision::Revision;
    use regent_core::state::State;
    use regent_core::state::meta::Meta;
    use regent_proto::rack;
    use regent_proto::rack::GoodbyeCode;
    use regent_raft::state_machine::published::Published;
    use regent_raft::type_config::StoredMembership;
    use std::sync::Arc;
    use std::time::Duration;

    const RACK: NodeId = NodeId(3);

    fn at(revision: u64) -> Arc<Published> {
        let state = State::new(Meta { revision: Revision(revision), ..Meta::default() });
        let (membership, since_boot) = (StoredMembership::default(), Duration::ZERO);
        Arc::new(Published { applied: None, membership, state, since_boot })
    }

    fn touched(vlan: u32) -> Touched {
        Touched::vlans([VlanId(vlan)], Extent::Configuration)
    }

    fn registered(hub: &Arc<Hub>, session: u64, published: Arc<Published>) -> Registered {
        hub.register(RACK, session, published).unwrap().0
    }

    /// What is told next: what is touched, and the revision of the state it is told from.
    fn told(session: &Registered) -> Option<(Touched, u64)> {
        match session.take() {
            Task::Tell(touched, _, seen) => Some((touched, seen.state.meta().revision.0)),
            Task::Wait => None,
            task @ (Task::Leave(_) | Task::Move(_)) => panic!("{task:?}"),
        }
    }

    #[test]
    fn what_is_touched_meanwhile_is_merged_and_told_once_from_the_last_state() {
        let hub = Arc::new(Hub::default());
        let session = registered(&hub, 1, at(5));
        hub.lock().touch(&touched(1), at(6));
        hub.lock().touch(&touched(2), at(7));
        let mut both = touched(1);
        both.merge(touched(2));
        assert_eq!(told(&session), Some((both, 7)));
        assert_eq!(told(&session), None);
    }

    #[test]
    fn what_is_in_the_first_view_is_not_told_again_from_the_same_state() {
        let hub = Arc::new(Hub::default());
        let session = registered(&hub, 1, at(5));
        hub.lock().touch(&touched(1), at(5));
        assert_eq!(told(&session), None);
        hub.lock().touch(&touched(2), at(6));
        assert!(told(&session).is_some_and(|(_, revision)| revision == 6));
    }

    #[test]
    fn session_registered_after_a_look_is_first_told_of_the_state_that_was_looked_at() {
        let hub = Arc::new(Hub::default());
        hub.lock().touch(&touched(1), at(9));
        let (_session, first) = hub.register(RACK, 1, at(7)).unwrap();
        assert_eq!(
            first.state.meta().revision.0,
            9,
            "what came between 7 and 9 is marked for nobody"
        );
        let (_session, first) = hub.register(RACK, 2, at(11)).unwrap();
        assert_eq!(first.state.meta().revision.0, 11);
    }

    #[test]
    fn nothing_is_told_from_a_state_before_that_of_the_first_view() {
        let hub = Arc::new(Hub::default());
        let session = registered(&hub, 1, at(9));
        hub.lock().touch(&touched(1), at(8));
        assert_eq!(told(&session), None);
        hub.lock().touch(&touched(2), at(10));
        let mut both = touched(1);
        both.merge(touched(2));
        assert_eq!(told(&session), Some((both, 10)));
    }

    #[test]
    fn later_session_of_a_rack_replaces_the_one_before_it_and_an_earlier_one_is_refused() {
        let hub = Arc::new(Hub::default());
        let first = registered(&hub, 5, at(5));
        let second = registered(&hub, 6, at(6));
        let Task::Leave(goodbye) = first.take() else { panic!("it goes on") };
        assert_eq!(goodbye.code, GoodbyeCode::GoodbyeReplaced);
        drop(first);
        assert!(
            matches!(second.take(), Task::Wait),
            "the end of the first does not end the second"
        );
        let refused = hub.register(RACK, 4, at(7)).unwrap_err();
        assert_eq!(refused.code, GoodbyeCode::GoodbyeReplaced);
    }

    #[test]
    fn session_that_only_waits_for_its_end_misses_nothing_it_has_to_do() {
        let hub = Arc::new(Hub::default());
        let session = registered(&hub, 1, at(5));
        let mut end = Box::pin(session.sent_away());
        hub.lock().touch(&touched(1), at(6));
        assert!((&mut end).now_or_never().is_none());
        hub.lock().iter_mut().for_each(|(_, entry)| entry.send_away(Goodbye::no_quorum("")));
        assert_eq!(
            end.now_or_never().map(|goodbye| goodbye.code),
            Some(GoodbyeCode::GoodbyeNoQuorum)
        );
        let session = registered(&hub, 2, at(7));
        hub.lock().touch(&touched(1), at(8));
        assert!(session.sent_away().now_or_never().is_none());
        session.look_again();
        assert!(session.woken().now_or_never().is_some());
        assert_eq!(told(&session), Some((touched(1), 8)));
    }

    #[test]
    fn rack_is_asked_once_to_move_and_told_what_is_touched_all_the_same() {
        let hub = Arc::new(Hub::default());
        let session = registered(&hub, 1, at(5));
        let place = rack::Move { node: 2, api: "r2:7440".to_owned() };
        for (_, entry) in hub.lock().iter_mut() {
            entry.move_to = Some(place.clone());
        }
        hub.lock().touch(&touched(1), at(6));
        let Task::Move(to) = session.take() else { panic!("it is not asked") };
        assert_eq!(to, place);
        assert_eq!(told(&session), Some((touched(1), 6)));
    }
}
