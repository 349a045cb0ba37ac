//! How long syncs of the disk take: counted beside the disk, since the writer reads no clock.

use crate::log_store::backend::{LogBackend, RecordVisitor, StoredRecord};
use crate::log_store::mark::{MarkError, MarkMedium};
use crate::runtime::elapsed;
use std::io;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Upper bounds of the classes of syncs, in microseconds. One more class has none.
pub const SYNC_CLASSES_MICROS: [u64; CLASSES] =
    [250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 64_000, 128_000, 256_000, 512_000];

const CLASSES: usize = 12;

/// Syncs so far, of the log and of its mark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SyncFigures {
    /// How many there were in each class of [`SYNC_CLASSES_MICROS`], the slowest last.
    pub counts: [u64; CLASSES + 1],
    /// What all took together.
    pub sum: Duration,
    /// What the longest took.
    pub longest: Duration,
}

impl SyncFigures {
    /// How many there were.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }
}

/// The same, shared between threads.
#[derive(Debug, Default)]
pub struct SyncTimes {
    counts: [AtomicU64; CLASSES + 1],
    sum_micros: AtomicU64,
    longest_micros: AtomicU64,
}

impl SyncTimes {
    /// Counts one that took so long.
    pub fn note(&self, took: Duration) {
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let class = SYNC_CLASSES_MICROS.partition_point(|bound| *bound < micros);
        self.counts[class].fetch_add(1, Ordering::Relaxed);
        self.sum_micros.fetch_add(micros, Ordering::Relaxed);
        self.longest_micros.fetch_max(micros, Ordering::Relaxed);
    }

    /// The figures now. Readers may see a sync counted that is not summed up yet.
    #[must_use]
    pub fn read(&self) -> SyncFigures {
        let micros = |cell: &AtomicU64| Duration::from_micros(cell.load(Ordering::Relaxed));
        SyncFigures {
            counts: std::array::from_fn(|class| self.counts[class].load(Ordering::Relaxed)),
            sum: micros(&self.sum_micros),
            longest: micros(&self.longest_micros),
        }
    }
}

/// A disk whose syncs are timed.
pub struct Timed<T> {
    disk: T,
    times: Arc<SyncTimes>,
}

impl<T> Timed<T> {
    /// Times the syncs of `disk`.
    pub const fn new(disk: T, times: Arc<SyncTimes>) -> Self {
        Self { disk, times }
    }

    fn timed(&mut self, sync: impl FnOnce(&mut T) -> io::Result<()>) -> io::Result<()> {
        let began = elapsed::now();
        sync(&mut self.disk)?;
        self.times.note(elapsed::since(began));
        Ok(())
    }
}

impl<T: LogBackend> LogBackend for Timed<T> {
    fn append(&mut self, records: &[StoredRecord]) -> io::Result<()> {
        self.disk.append(records)
    }

    fn remove(&mut self, sequences: RangeInclusive<u64>) -> io::Result<()> {
        self.disk.remove(sequences)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.timed(T::sync)
    }

    fn scan(&mut self, visit: &mut RecordVisitor<'_>) -> io::Result<()> {
        self.disk.scan(visit)
    }
}

impl<T: MarkMedium> MarkMedium for Timed<T> {
    fn read(&mut self) -> Result<Vec<u8>, MarkError> {
        self.disk.read()
    }

    fn write(&mut self, offset: usize, slot: &[u8]) -> io::Result<()> {
        self.disk.write(offset, slot)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.timed(T::sync)
    }
}

#[cfg(test)]
mod tests {
    use super::{SYNC_CLASSES_MICROS, SyncTimes};
    use std::time::Duration;

    #[test]
    fn sync_is_counted_in_the_first_class_that_is_long_enough() {
        let times = SyncTimes::default();
        let micros = [250, 251, 3_000, 9_000_000];
        micros.iter().for_each(|micros| times.note(Duration::from_micros(*micros)));
        let figures = times.read();
        let class = |bound: u64| SYNC_CLASSES_MICROS.iter().position(|known| *known == bound);
        let in_class = |bound| class(bound).map(|class| figures.counts[class]);
        assert_eq!([250, 500, 4_000].map(in_class), [Some(1); 3]);
        assert_eq!(figures.counts.last(), Some(&1));
        assert_eq!(figures.count(), 4);
        assert_eq!(figures.sum, Duration::from_micros(micros.iter().sum()));
        assert_eq!(figures.longest, Duration::from_secs(9));
    }
}
