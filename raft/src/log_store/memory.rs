//! A disk in memory that can lose power: synced and un-synced bytes are kept apart, and the last write may be torn.
//!
//! It carries the journal's records and the two slots of the mark, since a power cut hits both. It keeps every call
//! in order, so that a test can ask what the disk would have held at any earlier moment. Not for production: nothing
//! here survives the process.

use crate::log_store::backend::{LogBackend, RecordVisitor, StoredRecord};
use crate::log_store::mark::{MarkError, MarkMedium, SLOT_BYTES};
use std::collections::BTreeMap;
use std::io;
use std::ops::{ControlFlow, RangeInclusive};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

/// One disk; clones are handles to the same one.
#[derive(Clone, Debug, Default)]
pub struct MemoryDisk {
    platters: Arc<Mutex<Platters>>,
}

/// What a power cut leaves of the writes that were not synced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PowerCut {
    /// How many of the un-synced calls on the records survive, in order.
    pub records_kept: usize,
    /// How many bytes survive of the record after those; `None` leaves nothing of it.
    pub record_torn_bytes: Option<usize>,
    /// How many of the un-synced slot writes survive, in order.
    pub slots_kept: usize,
    /// How many bytes survive of the slot write after those.
    pub slot_torn_bytes: Option<usize>,
}

impl PowerCut {
    /// Everything that was not synced is gone.
    pub const CLEAN: Self =
        Self { records_kept: 0, record_torn_bytes: None, slots_kept: 0, slot_torn_bytes: None };
}

#[derive(Debug, Default)]
struct Platters {
    content: Content,
    synced: Content,
    unsynced_records: Vec<RecordChange>,
    unsynced_slots: Vec<SlotWrite>,
    /// Calls until the disk breaks; without a number it never does.
    calls_left: Option<u64>,
    syncs: u64,
    /// What a group takes to become durable, in the time of a simulation.
    group_takes: Duration,
}

#[derive(Clone, Debug, Default)]
struct Content {
    records: BTreeMap<u64, Vec<u8>>,
    slots: BTreeMap<usize, Vec<u8>>,
}

#[derive(Clone, Debug)]
enum RecordChange {
    Put(StoredRecord),
    Remove(u64),
}

#[derive(Clone, Debug)]
struct SlotWrite {
    offset: usize,
    bytes: Vec<u8>,
}

impl MemoryDisk {
    /// The disk as another process would find it after a power cut now. This one goes on untouched.
    #[must_use]
    pub fn after_power_cut(&self, cut: PowerCut) -> Self {
        let platters = self.lock();
        let mut left = platters.synced.clone();
        let (kept, lost) = platters
            .unsynced_records
            .split_at(cut.records_kept.min(platters.unsynced_records.len()));
        kept.iter().for_each(|change| left.change(change.clone()));
        if let (Some(bytes), Some(RecordChange::Put(record))) =
            (cut.record_torn_bytes, lost.first())
        {
            let mut torn = record.clone();
            torn.bytes.truncate(bytes);
            left.change(RecordChange::Put(torn));
        }
        let (kept, lost) =
            platters.unsynced_slots.split_at(cut.slots_kept.min(platters.unsynced_slots.len()));
        kept.iter().for_each(|write| left.write(write, write.bytes.len()));
        if let (Some(bytes), Some(write)) = (cut.slot_torn_bytes, lost.first()) {
            left.write(write, bytes.min(write.bytes.len()));
        }
        Self::holding(left)
    }

    /// A second disk with the same content, un-synced writes included: what a killed process leaves behind.
    #[must_use]
    pub fn after_kill(&self) -> Self {
        Self::holding(self.lock().content.clone())
    }

    /// How many un-synced calls on the records and un-synced slot writes there are.
    #[must_use]
    pub fn unsynced(&self) -> (usize, usize) {
        let platters = self.lock();
        (platters.unsynced_records.len(), platters.unsynced_slots.len())
    }

    /// Every call after this many more fails.
    pub fn break_after(&self, calls: u64) {
        self.lock().calls_left = Some(calls);
    }

    /// Whether it still works.
    #[must_use]
    pub fn is_well(&self) -> bool {
        self.lock().calls_left != Some(0)
    }

    /// How often records were synced.
    #[must_use]
    pub fn syncs(&self) -> u64 {
        self.lock().syncs
    }

    /// Lets each group take so long to become durable, in the time of a simulation: nobody waits for it elsewhere.
    pub fn slow_down(&self, group_takes: Duration) {
        self.lock().group_takes = group_takes;
    }

    /// What a group takes to become durable.
    #[must_use]
    pub fn group_takes(&self) -> Duration {
        self.lock().group_takes
    }

    /// Flips one bit of a record at rest.
    pub fn flip_record_bit(&self, sequence: u64, bit: usize) {
        let mut platters = self.lock();
        for content in platters.both() {
            if let Some(byte) = content.records.get_mut(&sequence).and_then(|r| r.get_mut(bit / 8))
            {
                *byte ^= 1 << (bit % 8);
            }
        }
    }

    /// Takes a record away behind the journal's back.
    pub fn lose_record(&self, sequence: u64) {
        self.lock().both().into_iter().for_each(|content| {
            content.records.remove(&sequence);
        });
    }

    /// The sequences of the records on it.
    #[must_use]
    pub fn sequences(&self) -> Vec<u64> {
        self.lock().content.records.keys().copied().collect()
    }

    /// Writes `bytes` at `offset` of the mark. Not durable yet.
    ///
    /// # Errors
    /// The disk was broken by [`MemoryDisk::break_after`].
    pub fn write_slot(&self, offset: usize, bytes: &[u8]) -> io::Result<()> {
        let mut platters = self.working()?;
        let write = SlotWrite { offset, bytes: bytes.to_vec() };
        platters.content.write(&write, bytes.len());
        platters.unsynced_slots.push(write);
        Ok(())
    }

    /// Makes the slots durable.
    ///
    /// # Errors
    /// The disk was broken by [`MemoryDisk::break_after`].
    pub fn sync_slots(&self) -> io::Result<()> {
        let mut platters = self.working()?;
        platters.unsynced_slots.clear();
        platters.synced.slots = platters.content.slots.clone();
        Ok(())
    }

    /// The bytes at `offset` of the mark, if it was ever written.
    ///
    /// # Errors
    /// The disk was broken by [`MemoryDisk::break_after`].
    pub fn read_slot(&self, offset: usize) -> io::Result<Option<Vec<u8>>> {
        Ok(self.working()?.content.slots.get(&offset).cloned())
    }

    fn holding(content: Content) -> Self {
        let platters = Platters { synced: content.clone(), content, ..Platters::default() };
        Self { platters: Arc::new(Mutex::new(platters)) }
    }

    fn lock(&self) -> MutexGuard<'_, Platters> {
        self.platters.lock().expect("no panic while a disk is locked")
    }

    fn working(&self) -> io::Result<MutexGuard<'_, Platters>> {
        let mut platters = self.lock();
        match &mut platters.calls_left {
            Some(0) => return Err(io::Error::other("the disk broke down")),
            Some(calls) => *calls -= 1,
            None => {}
        }
        Ok(platters)
    }
}

impl Platters {
    fn both(&mut self) -> [&mut Content; 2] {
        [&mut self.content, &mut self.synced]
    }

    fn record(&mut self, change: RecordChange) {
        self.content.change(change.clone());
        self.unsynced_records.push(change);
    }
}

impl Content {
    fn change(&mut self, change: RecordChange) {
        match change {
            RecordChange::Put(record) => self.records.insert(record.sequence, record.bytes),
            RecordChange::Remove(sequence) => self.records.remove(&sequence),
        };
    }

    fn write(&mut self, write: &SlotWrite, bytes: usize) {
        let slot = self.slots.entry(write.offset).or_default();
        slot.resize(slot.len().max(bytes), 0);
        slot[..bytes].copy_from_slice(&write.bytes[..bytes]);
    }
}

impl LogBackend for MemoryDisk {
    fn append(&mut self, records: &[StoredRecord]) -> io::Result<()> {
        let mut platters = self.working()?;
        records.iter().for_each(|record| platters.record(RecordChange::Put(record.clone())));
        Ok(())
    }

    fn remove(&mut self, sequences: RangeInclusive<u64>) -> io::Result<()> {
        let mut platters = self.working()?;
        sequences.for_each(|sequence| platters.record(RecordChange::Remove(sequence)));
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        let mut platters = self.working()?;
        let changes = std::mem::take(&mut platters.unsynced_records);
        changes.into_iter().for_each(|change| platters.synced.change(change));
        platters.syncs += 1;
        Ok(())
    }

    fn scan(&mut self, visit: &mut RecordVisitor<'_>) -> io::Result<()> {
        let records = self.working()?.content.records.clone();
        for (sequence, bytes) in &records {
            if visit(*sequence, bytes) == ControlFlow::Break(()) {
                break;
            }
        }
        Ok(())
    }
}

impl MarkMedium for MemoryDisk {
    fn read(&mut self) -> Result<Vec<u8>, MarkError> {
        let mut bytes = vec![0; SLOT_BYTES * 2];
        let mut missing = true;
        for (slot, room) in bytes.chunks_mut(SLOT_BYTES).enumerate() {
            if let Some(written) = self.read_slot(slot * SLOT_BYTES)? {
                room[..written.len()].copy_from_slice(&written);
                missing = false;
            }
        }
        if missing { Err(MarkError::Missing) } else { Ok(bytes) }
    }

    fn write(&mut self, offset: usize, slot: &[u8]) -> io::Result<()> {
        self.write_slot(offset, slot)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.sync_slots()
    }
}

#[cfg(test)]
mod tests {
    use super::{MemoryDisk, PowerCut};
    use crate::log_store::backend::{LogBackend, StoredRecord};

    fn disk_with_one_of_three_synced() -> MemoryDisk {
        let mut disk = MemoryDisk::default();
        let record = |sequence| StoredRecord { sequence, bytes: vec![9; 40] };
        disk.append(&[record(1)]).unwrap();
        disk.sync().unwrap();
        disk.append(&[record(2), record(3)]).unwrap();
        disk
    }

    #[test]
    fn power_cut_leaves_what_was_synced() {
        let left = disk_with_one_of_three_synced().after_power_cut(PowerCut::CLEAN);
        assert_eq!(left.sequences(), [1]);
    }

    #[test]
    fn power_cut_may_leave_a_prefix_with_a_torn_end() {
        let cut = PowerCut { records_kept: 1, record_torn_bytes: Some(5), ..PowerCut::CLEAN };
        let left = disk_with_one_of_three_synced().after_power_cut(cut);
        assert_eq!(left.sequences(), [1, 2, 3]);
        assert_eq!(left.lock().content.records[&3].len(), 5);
    }
}
