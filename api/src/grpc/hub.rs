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
use regent_proto::rack::GoodbyeCode;
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
    /// Revision of its first view: nothing earlier is told.
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
    /// Registers a session whose rack is told how everything is in this state. One that it had here before is sent away.
    ///
    /// # Errors
    /// [`Goodbye`] if there are too many, or the rack has a later one.
    pub fn register(
        self: &Arc<Self>,
        rack: NodeId,
        session: u64,
        published: &Published,
    ) -> Result<Registered, Goodbye> {
        let mut sessions = self.lock();
        match sessions.racks.get(&rack) {
            Some(known) if known.session > session => return Err(replaced()),
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
            first: published.state.meta().revision,
            wake: Arc::clone(&wake),
        };
        sessions.racks.insert(rack, entry);
        sessions.tell(rack, vlans_of(&published.state, rack));
        Ok(Registered { hub: Arc::clone(self), rack, session, wake })
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

    /// What there is to do. It counts as done.
    #[must_use]
    pub fn take(&self) -> Task {
        let mut sessions = self.hub.lock();
        let seen = sessions.seen.clone();
        let entry =
            sessions.racks.get_mut(&self.rack).filter(|entry| entry.session == self.session);
        let Some(entry) = entry else { return Task::Leave(replaced()) };
        if let Some(goodbye) = &entry.goodbye {
            return Task::Leave(goodbye.clone());
        }
        if let Some(place) = entry.move_to.take() {
            entry.wake();
            return Task::Move(place);
        }
        let Some(seen) = seen.filter(|seen| seen.state.meta().revision >= entry.first) else {
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

/// Another session of the rack was opened.
#[must_use]
pub fn replaced() -> Goodbye {
    let text = "another process has opened a session as this rack";
    Goodbye::new(GoodbyeCode::GoodbyeReplaced, text)
}
