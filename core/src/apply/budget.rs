//! What one request may do, all its steps together. Until an entry is applied nothing else is written, on any node.
//!
//! What the region does by itself (what falls due, an import) is bounded where it is done.

use crate::rejection::Rejection;

/// Objects one request creates, changes and deletes.
pub const REQUEST_OBJECTS_MAX: usize = 10_000;
/// Times one request stores, changes or deletes an object, or finds it as it should be: the same objects may come up
/// again with every step of a batch.
pub const REQUEST_TOUCHES_MAX: usize = 4 * REQUEST_OBJECTS_MAX;

/// What a request did so far, or tried to.
pub(in crate::apply) struct Budget {
    noted_before: usize,
    touches: usize,
}

impl Budget {
    /// That of a request that begins when so many objects were noted.
    pub(in crate::apply) const fn new(noted_before: usize) -> Self {
        Self { noted_before, touches: 0 }
    }

    /// Counts that an object came up.
    pub(in crate::apply) const fn touch(&mut self) {
        self.touches += 1;
    }

    /// Refuses what is too much, with so many objects noted now.
    pub(in crate::apply) fn check(&self, noted: usize) -> Result<(), Rejection> {
        let limit = |what: &str, max: usize| {
            Err(Rejection::Limit { what: format!("{what} by one request"), max: max as u64 })
        };
        if noted.saturating_sub(self.noted_before) > REQUEST_OBJECTS_MAX {
            return limit("objects changed", REQUEST_OBJECTS_MAX);
        }
        if self.touches > REQUEST_TOUCHES_MAX {
            return limit("changes made", REQUEST_TOUCHES_MAX);
        }
        Ok(())
    }
}
