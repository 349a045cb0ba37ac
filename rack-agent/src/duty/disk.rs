//! What waits for the disk: nothing that rests on a write is done before it is durable.

use crate::dhcp::action::Kept;
use crate::duty::effect::Effect;
use crate::duty::errand::Errand;
use crate::duty::event::{WireId, WriteId};
use crate::remembered::Write;
use std::collections::VecDeque;

/// So many writes may be on their way. A disk that is further behind is waited for: no packet is answered meanwhile and
/// nothing is asked.
pub const WRITES_WAITING_MAX: usize = 4_096;

/// What to do once a write is durable.
#[derive(Clone, Debug)]
pub enum After {
    /// Numbers below this may be used.
    Numbers(u64),
    /// The client may hear of its lease.
    Kept {
        /// Where.
        wire: WireId,
        /// The lease.
        kept: Box<Kept>,
    },
    /// The region may hear of this.
    Send(Errand),
}

/// Writes in their order.
#[derive(Clone, Debug, Default)]
pub struct Disk {
    last: WriteId,
    durable: WriteId,
    barrier: WriteId,
    next: Vec<Write>,
    after_next: Vec<After>,
    waiting: VecDeque<(WriteId, Vec<After>)>,
}

impl Disk {
    /// Adds to the next write.
    pub fn put(&mut self, write: Write) {
        self.next.push(write);
    }

    /// Does something once the next write is durable.
    pub fn then(&mut self, after: After) {
        self.after_next.push(after);
    }

    /// Asks the region nothing before what is in the next write is durable.
    pub fn hold_back(&mut self) {
        self.barrier = WriteId(self.last.0 + 1);
    }

    /// The next write, if there is anything in it.
    pub fn flush(&mut self) -> Option<Effect> {
        if self.next.is_empty() {
            return None;
        }
        self.last = WriteId(self.last.0 + 1);
        self.waiting.push_back((self.last, std::mem::take(&mut self.after_next)));
        Some(Effect::Write { id: self.last, writes: std::mem::take(&mut self.next) })
    }

    /// All writes up to this one are durable. Returns what to do now.
    pub fn durable(&mut self, id: WriteId) -> Vec<After> {
        self.durable = self.durable.max(id.min(self.last));
        let is_over = |(id, _): &(WriteId, Vec<After>)| *id <= self.durable;
        let over = self.waiting.iter().take_while(|waiting| is_over(waiting)).count();
        self.waiting.drain(..over).flat_map(|(_, after)| after).collect()
    }

    /// Whether more is on its way to the disk than may be.
    #[must_use]
    pub fn is_behind(&self) -> bool {
        self.waiting.len() >= WRITES_WAITING_MAX
    }

    /// Whether the region may be asked, as far as the disk goes.
    #[must_use]
    pub fn may_ask(&self) -> bool {
        self.barrier <= self.durable && !self.is_behind()
    }
}
