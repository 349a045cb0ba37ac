//! The sessions this node numbers its writes in, so that the same write can be offered to one leader after another
//! and is applied once (DESIGN D5).

use regent_core::command::Origin;
use regent_core::id::SessionId;
use regent_core::state::session::OUTSTANDING_MAX;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard};

/// Sessions one node opens: 16 · 256 writes in flight.
pub const SESSIONS_PER_NODE_MAX: usize = 16;

/// The open sessions of a node.
#[derive(Debug, Default)]
pub struct SessionPool {
    sessions: Mutex<Vec<OpenSession>>,
}

#[derive(Debug)]
struct OpenSession {
    id: SessionId,
    next: u64,
    outstanding: BTreeSet<u64>,
}

/// A numbered write. While it lives its number is not acknowledged.
#[derive(Debug)]
pub struct Ticket {
    /// The write's place in its session.
    pub origin: Origin,
    pool: Arc<SessionPool>,
}

impl SessionPool {
    /// Numbers a write; `None` if every open session has as many outstanding as it may.
    pub fn take(self: &Arc<Self>) -> Option<Ticket> {
        let mut sessions = self.lock();
        let session = sessions.iter_mut().find(|session| session.has_room())?;
        let sequence = session.next;
        session.next += 1;
        session.outstanding.insert(sequence);
        let origin = Origin { session: session.id, sequence, floor: session.floor() };
        Some(Ticket { origin, pool: Arc::clone(self) })
    }

    /// Whether another session may be opened.
    pub fn may_open(&self) -> bool {
        self.lock().len() < SESSIONS_PER_NODE_MAX
    }

    /// Adds a session that was just opened.
    pub fn opened(&self, id: SessionId) {
        self.lock().push(OpenSession { id, next: 1, outstanding: BTreeSet::new() });
    }

    /// Forgets a session the region no longer knows.
    pub fn lost(&self, id: SessionId) {
        self.lock().retain(|session| session.id != id);
    }

    fn done(&self, origin: Origin) {
        if let Some(session) = self.lock().iter_mut().find(|open| open.id == origin.session) {
            session.outstanding.remove(&origin.sequence);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<OpenSession>> {
        self.sessions.lock().expect("no panic happens under this lock")
    }
}

impl OpenSession {
    /// Everything below is answered.
    fn floor(&self) -> u64 {
        self.outstanding.first().copied().unwrap_or(self.next)
    }

    fn has_room(&self) -> bool {
        self.next - self.floor() < OUTSTANDING_MAX
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.pool.done(self.origin);
    }
}

#[cfg(test)]
mod tests {
    use super::SessionPool;
    use regent_core::id::SessionId;
    use regent_core::state::session::OUTSTANDING_MAX;
    use std::sync::Arc;

    #[test]
    fn floor_is_the_oldest_unanswered_write() {
        let pool = Arc::new(SessionPool::default());
        pool.opened(SessionId(7));
        let first = pool.take().unwrap();
        let second = pool.take().unwrap();
        assert_eq!((first.origin.sequence, second.origin.sequence), (1, 2));
        assert_eq!(second.origin.floor, 1);
        drop(second);
        assert_eq!(pool.take().unwrap().origin.floor, 1);
        drop(first);
        assert_eq!(pool.take().unwrap().origin.floor, 4);
    }

    #[test]
    fn session_takes_no_more_than_the_state_machine_keeps() {
        let pool = Arc::new(SessionPool::default());
        assert!(pool.take().is_none());
        pool.opened(SessionId(1));
        let held: Vec<_> = std::iter::from_fn(|| pool.take()).collect();
        assert_eq!(held.len() as u64, OUTSTANDING_MAX);
        pool.opened(SessionId(2));
        assert_eq!(pool.take().unwrap().origin.session, SessionId(2));
    }

    #[test]
    fn lost_session_numbers_nothing_more() {
        let pool = Arc::new(SessionPool::default());
        pool.opened(SessionId(1));
        let ticket = pool.take();
        pool.lost(SessionId(1));
        drop(ticket);
        assert!(pool.take().is_none());
    }
}
