//! Bytes per second of a piece of code, as the median of many rounds.
//!
//! The median, because one round that met another process says nothing about the code. No statistics beyond that.

use std::fmt;
use std::hint::black_box;
use std::time::{Duration, Instant};

/// How many bytes were worked on in how much time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Throughput {
    bytes: u64,
    took: Duration,
}

impl Throughput {
    /// Runs `round`, which works on `bytes` bytes, `rounds` times and keeps the median time.
    ///
    /// # Panics
    /// If `rounds` is zero.
    pub fn measure<T>(bytes: u64, rounds: usize, mut round: impl FnMut() -> T) -> Self {
        let mut times: Vec<Duration> = (0..rounds)
            .map(|_| {
                let start = Instant::now();
                black_box(round());
                start.elapsed()
            })
            .collect();
        times.sort_unstable();
        Self { bytes, took: times[rounds / 2] }
    }

    /// Whole bytes per second.
    fn bytes_per_second(self) -> u128 {
        u128::from(self.bytes) * 1_000_000_000 / self.took.as_nanos().max(1)
    }
}

impl fmt::Display for Throughput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tenths = self.bytes_per_second() / 100_000;
        write!(f, "{}.{} MB/s", tenths / 10, tenths % 10)
    }
}

#[cfg(test)]
mod tests {
    use super::Throughput;
    use std::time::Duration;

    #[test]
    fn throughput_is_written_in_megabytes_per_second() {
        let measured = Throughput { bytes: 3_000_000, took: Duration::from_millis(2000) };
        assert_eq!(measured.to_string(), "1.5 MB/s");
    }

    #[test]
    fn time_too_short_to_measure_does_not_divide_by_zero() {
        let measured = Throughput { bytes: 1_000_000, took: Duration::ZERO };
        assert_eq!(measured.to_string(), "1000000000.0 MB/s");
    }

    #[test]
    fn every_round_is_run() {
        let mut runs = 0;
        let measured = Throughput::measure(8, 5, || runs += 1);
        assert_eq!((runs, measured.bytes), (5, 8));
    }
}
