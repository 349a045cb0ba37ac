//! How many answers over UDP the clients of one network get: whoever forges their address must not flood them through us.
//!
//! A fixed table of counters, so that no flood of forged addresses makes it grow. Which networks share one is not to be
//! guessed from outside.

use crate::dns::access::Prefixes;
use crate::dns::limits::RATE_COUNTERS;
use std::hash::{BuildHasher as _, RandomState};
use std::net::IpAddr;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Whose answers are counted together: whoever can forge one address of a network can forge the others.
const ONE_NETWORK: Prefixes = Prefixes { v4: 24, v6: 56 };

/// What a client gets now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The answer.
    Answer,
    /// An empty answer that says "ask over TCP": a client of its own address can, a forged one cannot.
    Shortened,
    /// Nothing.
    Nothing,
}

/// Counts the answers to each network.
pub struct RateLimit {
    answers_per_second: u32,
    counters: Mutex<Vec<Counter>>,
    keys: RandomState,
}

/// What is left for the networks that share it.
#[derive(Clone, Copy)]
struct Counter {
    /// Answers left; never more than those of one second.
    left: u32,
    /// When they were counted last.
    counted: Instant,
    /// Questions beyond them.
    beyond: u32,
}

impl RateLimit {
    /// A limit with nothing used up; no limit at 0.
    #[must_use]
    pub fn new(answers_per_second: u32, now: Instant) -> Self {
        let full = Counter { left: answers_per_second, counted: now, beyond: 0 };
        let counters = if answers_per_second == 0 { 0 } else { RATE_COUNTERS };
        let counters = Mutex::new(vec![full; counters]);
        Self { answers_per_second, counters, keys: RandomState::new() }
    }

    /// Counts a question.
    #[must_use]
    pub fn ask(&self, client: IpAddr, now: Instant) -> Verdict {
        let key = self.keys.hash_one(ONE_NETWORK.network_of(client));
        let place = usize::try_from(key % RATE_COUNTERS as u64).unwrap_or_default();
        let mut counters = self.counters.lock().expect("nothing panics under this lock");
        let Some(counter) = counters.get_mut(place) else { return Verdict::Answer };
        counter.refill(self.answers_per_second, now);
        if let Some(left) = counter.left.checked_sub(1) {
            counter.left = left;
            return Verdict::Answer;
        }
        counter.beyond = counter.beyond.wrapping_add(1);
        if counter.beyond % 2 == 1 { Verdict::Shortened } else { Verdict::Nothing }
    }
}

impl Counter {
    fn refill(&mut self, answers_per_second: u32, now: Instant) {
        let passed = now.saturating_duration_since(self.counted).min(Duration::from_secs(1));
        let gained = passed.as_micros() * u128::from(answers_per_second) / 1_000_000;
        let gained = u32::try_from(gained).unwrap_or(u32::MAX);
        // Less than one answer's time is left to add up.
        if gained > 0 {
            self.left = self.left.saturating_add(gained).min(answers_per_second);
            self.counted = now;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{RateLimit, Verdict};
    use std::net::IpAddr;
    use std::time::{Duration, Instant};

    fn ask(limit: &RateLimit, client: &str, now: Instant, questions: usize) -> Vec<Verdict> {
        let client: IpAddr = client.parse().unwrap();
        (0..questions).map(|_| limit.ask(client, now)).collect()
    }

    #[test]
    fn network_beyond_its_limit_is_told_to_use_tcp_every_second_time() {
        let now = Instant::now();
        let limit = RateLimit::new(3, now);
        let mut wanted = vec![Verdict::Answer; 3];
        wanted.extend([Verdict::Shortened, Verdict::Nothing, Verdict::Shortened]);
        assert_eq!(ask(&limit, "10.0.0.1", now, 6), wanted);
        assert_eq!(ask(&limit, "10.0.0.2", now, 1), [Verdict::Nothing], "of the same /24");
        assert_eq!(ask(&limit, "::ffff:10.0.0.3", now, 1), [Verdict::Shortened], "and so is this");
    }

    #[test]
    fn answers_come_back_with_time_up_to_those_of_one_second() {
        let start = Instant::now();
        let limit = RateLimit::new(10, start);
        let answered = |after_ms: u64| {
            let told = ask(&limit, "2001:db8::1", start + Duration::from_millis(after_ms), 30);
            told.iter().filter(|verdict| **verdict == Verdict::Answer).count()
        };
        assert_eq!([answered(0), answered(50), answered(100)], [10, 0, 1]);
        assert_eq!([answered(400), answered(60_000)], [3, 10]);
    }

    #[test]
    fn other_networks_have_a_limit_of_their_own() {
        let now = Instant::now();
        let limit = RateLimit::new(1, now);
        let answered = (0..100_u8).map(|net| ask(&limit, &format!("10.{net}.0.1"), now, 1));
        let answered = answered.filter(|told| told[0] == Verdict::Answer).count();
        // Two of a hundred on one of 65,536 counters is one chance in thirteen, four one in a million.
        assert!(answered > 96, "{answered}");
        assert_eq!(ask(&RateLimit::new(0, now), "10.0.0.1", now, 9), [Verdict::Answer; 9]);
    }
}
