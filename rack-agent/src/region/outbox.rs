//! What the link has to tell, until the agent takes it.

use crate::region::traffic::Event;
use std::collections::VecDeque;
use tokio::sync::mpsc;

/// Events in order. Few: while any waits, nothing more is read from the region.
#[derive(Debug)]
pub struct Outbox {
    taker: mpsc::Sender<Event>,
    waiting: VecDeque<Event>,
}

/// Nobody takes events any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gone;

impl Outbox {
    /// Nothing to tell yet.
    #[must_use]
    pub const fn new(taker: mpsc::Sender<Event>) -> Self {
        Self { taker, waiting: VecDeque::new() }
    }

    /// To be told next.
    pub fn push(&mut self, event: Event) {
        self.waiting.push_back(event);
    }

    /// Whether everything is told.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Tells the first that waits. May be dropped while it waits.
    ///
    /// # Errors
    /// [`Gone`].
    pub async fn tell_one(&mut self) -> Result<(), Gone> {
        let place = self.taker.reserve().await.map_err(|_| Gone)?;
        if let Some(event) = self.waiting.pop_front() {
            place.send(event);
        }
        Ok(())
    }
}
