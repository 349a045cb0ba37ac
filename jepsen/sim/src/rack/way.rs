//! One direction of a line between a rack and a node: what is sent comes out in its order, late, and while the way is cut
//! not at all. Who finds nothing more coming knows that the other end is gone.

use crate::network::router::{Router, Way};
use std::fmt::Debug;
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;
use tokio::time::{Instant, sleep_until};

/// Messages on their way at once.
const MESSAGES_MAX: usize = 256;

/// Where messages go in.
#[derive(Debug)]
pub struct Entrance<T> {
    router: Router,
    earliest: Instant,
    sender: mpsc::Sender<(Instant, T)>,
}

/// Where they come out.
#[derive(Debug)]
pub struct Exit<T> {
    router: Router,
    way: Way,
    what: String,
    receiver: mpsc::Receiver<(Instant, T)>,
    /// What comes out next.
    next: Option<(Instant, T)>,
}

/// Nobody takes what was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gone;

/// A line in one direction, for messages that the trace calls so.
#[must_use]
pub fn line<T>(router: &Router, way: Way, what: &str) -> (Entrance<T>, Exit<T>) {
    let (sender, receiver) = mpsc::channel(MESSAGES_MAX);
    let entrance = Entrance { router: router.clone(), earliest: Instant::now(), sender };
    let what = format!("{} to {}: {what}", way.0, way.1);
    (entrance, Exit { router: router.clone(), way, what, receiver, next: None })
}

impl<T> Entrance<T> {
    /// Sends a message.
    ///
    /// # Errors
    /// [`Gone`]: the other end has ended, or takes nothing.
    pub fn send(&mut self, message: T) -> Result<(), Gone> {
        let arrives = self.router.arrival().max(self.earliest);
        self.earliest = arrives;
        let sent = self.sender.try_send((arrives, message));
        sent.map_err(|(TrySendError::Full(_) | TrySendError::Closed(_))| Gone)
    }
}

impl<T: Debug> Exit<T> {
    /// The next message; none if the other end has ended. Nothing is lost if this is given up.
    pub async fn next(&mut self) -> Option<T> {
        if self.next.is_none() {
            self.next = self.receiver.recv().await;
        }
        let (arrives, _) = self.next.as_ref()?;
        sleep_until(*arrives).await;
        self.router.until_open(self.way).await;
        let (_, message) = self.next.take()?;
        self.router.trace.note(&self.what, format!("{message:?}").as_bytes());
        Some(message)
    }
}
