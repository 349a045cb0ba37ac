//! What is found out by asking the other nodes, once for all who want to know it at about the same time: whoever
//! watches over this node must not multiply its questions.

use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// For how long an answer is good enough.
pub const AGE_MAX: Duration = Duration::from_secs(1);

/// The last answer and when it came.
#[derive(Debug)]
pub struct Recent<T>(Mutex<Option<(Instant, T)>>);

impl<T> Default for Recent<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T: Clone> Recent<T> {
    /// What was found out less than [`AGE_MAX`] before this call or since, else what `ask` finds out. One asks, the
    /// others wait for that answer.
    pub async fn get(&self, ask: impl Future<Output = T>) -> T {
        let came = Instant::now();
        let mut last = self.0.lock().await;
        if let Some((when, answer)) = &*last
            && came.saturating_duration_since(*when) <= AGE_MAX
        {
            return answer.clone();
        }
        let answer = ask.await;
        *last = Some((Instant::now(), answer.clone()));
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::Recent;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use tokio::task::yield_now;

    #[tokio::test]
    async fn one_asks_for_all_who_want_to_know_at_the_same_time() {
        let asked = AtomicUsize::new(0);
        let recent = Recent::default();
        let ask = || async {
            yield_now().await;
            asked.fetch_add(1, Ordering::Relaxed) + 1
        };
        let answers = futures::future::join_all((0..64).map(|_| recent.get(ask()))).await;
        assert!(answers.iter().all(|answer| *answer == 1), "{answers:?}");
    }
}
