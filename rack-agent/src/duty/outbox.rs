//! What waits to be told to the region, in order, and never more than some.

use crate::duty::errand::{BlockErrand, Errand};
use std::collections::VecDeque;

/// Errands that wait at most. Beyond, clients are turned away and ask again.
pub const ERRANDS_WAITING_MAX: usize = 16_384;

/// The queue.
#[derive(Clone, Debug, Default)]
pub struct Outbox(VecDeque<Errand>);

impl Outbox {
    /// Puts an errand at the end.
    ///
    /// # Errors
    /// The errand, if too many wait.
    pub fn push(&mut self, errand: Errand) -> Result<(), Errand> {
        if self.0.len() >= ERRANDS_WAITING_MAX {
            return Err(errand);
        }
        self.0.push_back(errand);
        Ok(())
    }

    /// Puts errands back that were taken and came to nothing, in their order.
    pub fn put_back(&mut self, errands: impl DoubleEndedIterator<Item = Errand>) {
        errands.rev().for_each(|errand| self.0.push_front(errand));
    }

    /// The next errand.
    pub fn pop(&mut self) -> Option<Errand> {
        self.0.pop_front()
    }

    /// Whether the next errand wants a block, of which a question may want one only.
    #[must_use]
    pub fn is_next_a_block(&self) -> bool {
        matches!(self.0.front(), Some(Errand::Block(BlockErrand::Delegate { .. })))
    }

    /// Takes out whatever is to be taken out.
    pub fn take_if(&mut self, is_taken: impl Fn(&Errand) -> bool) -> Vec<Errand> {
        let (taken, left) = self.0.drain(..).partition(is_taken);
        self.0 = left;
        taken.into()
    }

    /// How many wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
