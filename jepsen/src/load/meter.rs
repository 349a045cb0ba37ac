//! What is known of the load while it runs: the one clock, the acknowledgements, the requests in flight.

use regent_check::history::line::Instant;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

/// Counts what clients do. Grows by eight bytes with every acknowledged write.
#[derive(Debug)]
pub struct Meter {
    origin: std::time::Instant,
    acknowledged: Mutex<Vec<Instant>>,
    in_flight: AtomicUsize,
    through_leader: AtomicUsize,
    through_followers: AtomicUsize,
    leader: AtomicUsize,
    /// For each door, when the youngest write that was acknowledged through it had been asked.
    youngest: Vec<AtomicU64>,
}

/// A request in flight, until it is dropped.
#[derive(Debug)]
pub struct InFlight<'a>(&'a Meter);

/// Who took an acknowledged write from its client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entrance {
    /// The leader itself.
    Leader,
    /// A follower, which forwarded it.
    Follower,
}

impl Meter {
    /// A clock that starts now, for a load that comes in through so many doors.
    #[must_use]
    pub fn start(doors: usize) -> Self {
        Self {
            origin: std::time::Instant::now(),
            acknowledged: Mutex::default(),
            in_flight: AtomicUsize::new(0),
            through_leader: AtomicUsize::new(0),
            through_followers: AtomicUsize::new(0),
            leader: AtomicUsize::new(0),
            youngest: (0..doors).map(|_| AtomicU64::new(0)).collect(),
        }
    }

    /// Now, on the clock of all clients and faults.
    #[must_use]
    pub fn now(&self) -> Instant {
        Instant(u64::try_from(self.origin.elapsed().as_nanos()).unwrap_or(u64::MAX))
    }

    /// Takes note of who leads, as an answer told.
    pub fn leads(&self, door: usize) {
        self.leader.store(door, Ordering::Relaxed);
    }

    /// Who led when that was last told.
    #[must_use]
    pub fn leader(&self) -> usize {
        self.leader.load(Ordering::Relaxed)
    }

    /// Counts a request until the guard goes.
    #[must_use]
    pub fn begin(&self) -> InFlight<'_> {
        self.in_flight.fetch_add(1, Ordering::Relaxed);
        InFlight(self)
    }

    /// Requests in flight.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.in_flight.load(Ordering::Relaxed)
    }

    /// Through how many doors the load comes in.
    #[must_use]
    pub const fn doors(&self) -> usize {
        self.youngest.len()
    }

    /// Whether a write that was asked after `since` was acknowledged through this door.
    #[must_use]
    pub fn answers_since(&self, door: usize, since: Instant) -> bool {
        self.youngest[door].load(Ordering::Relaxed) > since.0
    }

    /// Notes the acknowledgement of what was `asked` through this door then, and gives its time.
    pub fn acknowledged(&self, door: usize, entrance: Entrance, asked: Instant) -> Instant {
        self.youngest[door].fetch_max(asked.0, Ordering::Relaxed);
        let counter = match entrance {
            Entrance::Leader => &self.through_leader,
            Entrance::Follower => &self.through_followers,
        };
        counter.fetch_add(1, Ordering::Relaxed);
        let mut times = self.times();
        // Read under the lock, so that the times are in order.
        let now = self.now();
        times.push(now);
        now
    }

    /// How many writes were acknowledged.
    #[must_use]
    pub fn count(&self) -> usize {
        self.times().len()
    }

    /// Per cent of the acknowledged writes that came in through followers.
    #[must_use]
    pub fn follower_percent(&self) -> usize {
        let followers = self.through_followers.load(Ordering::Relaxed);
        let all = followers + self.through_leader.load(Ordering::Relaxed);
        (followers * 100).checked_div(all).unwrap_or_default()
    }

    /// Writes acknowledged within the last `window`.
    #[must_use]
    pub fn within(&self, window: Duration) -> usize {
        let window = u64::try_from(window.as_nanos()).unwrap_or(u64::MAX);
        let since = Instant(self.now().0.saturating_sub(window));
        let times = self.times();
        times.len() - times.partition_point(|time| *time < since)
    }

    /// The longest time without an acknowledgement of those that ended between `from` and `to`, or had not ended then.
    #[must_use]
    pub fn gap_between(&self, from: Instant, to: Instant) -> Option<Duration> {
        longest_gap(&self.times(), from, to)
    }

    /// How long after `since` the first write was acknowledged.
    #[must_use]
    pub fn first_after(&self, since: Instant) -> Option<Duration> {
        let times = self.times();
        let first = times.get(times.partition_point(|time| *time <= since))?;
        Some(Duration::from_nanos(first.0 - since.0))
    }

    fn times(&self) -> MutexGuard<'_, Vec<Instant>> {
        self.acknowledged.lock().expect("no panic happens under this lock")
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

fn longest_gap(times: &[Instant], from: Instant, to: Instant) -> Option<Duration> {
    let first = times.partition_point(|time| *time <= from);
    let last = times.partition_point(|time| *time <= to);
    let mut start = first.checked_sub(1).map_or(from, |before| times[before]);
    // What is still open at the end counts up to there.
    let ends = times.get(first..last)?.iter().copied().chain([to]);
    let lengths = ends.map(|end| end.0.saturating_sub(std::mem::replace(&mut start, end).0));
    lengths.max().map(Duration::from_nanos)
}

#[cfg(test)]
mod tests {
    use super::{Instant, longest_gap};
    use std::time::Duration;

    fn gap(from: u64, to: u64) -> Option<Duration> {
        longest_gap(&[10, 20, 60, 70, 100].map(Instant), Instant(from), Instant(to))
    }

    #[test]
    fn gap_that_began_before_the_fault_counts() {
        assert_eq!(gap(30, 80), Some(Duration::from_nanos(40)));
    }

    #[test]
    fn gaps_outside_do_not_count() {
        assert_eq!(gap(60, 80), Some(Duration::from_nanos(10)));
    }

    #[test]
    fn gap_that_never_ends_counts_up_to_the_end() {
        assert_eq!(gap(80, 400), Some(Duration::from_nanos(300)));
        assert_eq!(gap(200, 300), Some(Duration::from_nanos(200)));
        assert_eq!(longest_gap(&[], Instant(5), Instant(25)), Some(Duration::from_nanos(20)));
    }
}
