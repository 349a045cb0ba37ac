//! A rack's disk: writes become durable one after the other; what was not synced may be lost from any of them on.

use regent_rack_agent::duty::event::WriteId;
use regent_rack_agent::remembered::{Remembered, Write};
use std::collections::VecDeque;

/// What is durable, and what is not yet.
#[derive(Clone, Debug, Default)]
pub struct RackDisk {
    durable: Remembered,
    unsynced: VecDeque<(WriteId, Vec<Write>)>,
}

impl RackDisk {
    /// Something is written.
    pub fn write(&mut self, id: WriteId, writes: Vec<Write>) {
        self.unsynced.push_back((id, writes));
    }

    /// Everything up to this write is durable.
    pub fn sync(&mut self, until: WriteId) {
        while let Some((_, writes)) = self.unsynced.pop_front_if(|(id, _)| *id <= until) {
            writes.into_iter().for_each(|write| self.durable.put(write));
        }
    }

    /// Writes that are not durable.
    #[must_use]
    pub fn unsynced(&self) -> usize {
        self.unsynced.len()
    }

    /// Nobody writes any more; of the writes that were not durable, so many are all the same. What is found then.
    pub fn end(&mut self, kept: usize) -> Remembered {
        if let Some((last, _)) = kept.checked_sub(1).and_then(|last| self.unsynced.get(last)) {
            self.sync(*last);
        }
        self.unsynced.clear();
        self.durable.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::RackDisk;
    use regent_rack_agent::duty::event::WriteId;
    use regent_rack_agent::remembered::Write;

    #[test]
    fn what_was_not_synced_is_lost_from_any_write_on() {
        let written = || {
            let mut disk = RackDisk::default();
            (1..=3).for_each(|id| disk.write(WriteId(id), vec![Write::NumbersUntil(id)]));
            disk.sync(WriteId(1));
            disk
        };
        for kept in 0..=2 {
            assert_eq!(written().end(kept).numbers_until, 1 + kept as u64);
        }
    }
}
