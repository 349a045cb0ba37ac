//! The door through which racks come in: opened for each connection by `http`, which has the port, passed by `grpc`, which
//! learns who the rack is. The two do not know each other.
//!
//! Whoever is let in has shown a rack's key. From then on its connection counts as a rack's and not as a client's, so that
//! any number of racks may come from one address.

use std::sync::{Arc, OnceLock};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

/// The door of one connection, in the extensions of its requests. Clones are the same door.
#[derive(Clone, Debug)]
pub struct RackDoor {
    racks: Arc<Semaphore>,
    /// The connection's place among those of racks, once one has been let in, until the connection ends.
    place: Arc<OnceLock<OwnedSemaphorePermit>>,
    inside: watch::Sender<usize>,
    refused: watch::Sender<usize>,
}

/// A rack that is inside; it leaves when this is dropped.
#[derive(Debug)]
pub struct Inside(watch::Sender<usize>);

impl RackDoor {
    /// The door of another connection; all of them lead to this room.
    #[must_use]
    pub fn to(racks: &Arc<Semaphore>) -> Self {
        let (racks, place) = (Arc::clone(racks), Arc::default());
        let (inside, refused) = (watch::Sender::new(0), watch::Sender::new(0));
        Self { racks, place, inside, refused }
    }

    /// Lets a rack in; nobody if there is no room for another one's connection.
    #[must_use]
    pub fn enter(&self) -> Option<Inside> {
        if self.place.get().is_none() {
            let place = Arc::clone(&self.racks).try_acquire_owned().ok()?;
            // Two at once: one place is enough, the other one goes back.
            drop(self.place.set(place));
        }
        self.inside.send_modify(|inside| *inside += 1);
        Some(Inside(self.inside.clone()))
    }

    /// Counts somebody who came to this door and has no place behind it.
    pub fn refuse(&self) {
        self.refused.send_modify(|refused| *refused += 1);
    }

    /// How many were refused, as that changes.
    #[must_use]
    pub fn refused(&self) -> watch::Receiver<usize> {
        self.refused.subscribe()
    }

    /// How many racks are inside, as that changes.
    #[must_use]
    pub fn inside(&self) -> watch::Receiver<usize> {
        self.inside.subscribe()
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        self.0.send_modify(|inside| *inside -= 1);
    }
}

#[cfg(test)]
mod tests {
    use super::RackDoor;
    use std::sync::Arc;
    use tokio::sync::Semaphore;

    #[test]
    fn connection_has_one_place_whoever_comes_in_and_keeps_it_until_it_ends() {
        let racks = Arc::new(Semaphore::new(1));
        let (door, other) = (RackDoor::to(&racks), RackDoor::to(&racks));
        let first = door.enter().unwrap();
        let second = door.enter().unwrap();
        assert!(other.enter().is_none(), "there is no room");
        assert_eq!(*door.inside().borrow(), 2);
        drop((first, second));
        assert_eq!(*door.inside().borrow(), 0);
        assert!(other.enter().is_none(), "the connection is still there");
        drop(door);
        assert!(other.enter().is_some());
    }
}
