//! The leader's tick: the entry that carries time when no other does (DESIGN D4).

use crate::region::handle::Shared;
use crate::runtime::elapsed;
use regent_core::command::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::time::{interval, sleep};

/// No more than one tick in this time, unless one had no room for all that is due.
const TICK_EVERY_MIN: Duration = Duration::from_secs(1);
/// At least one tick in this time.
const TICK_EVERY_MAX: Duration = Duration::from_secs(60);
/// What a tick may take.
const TICK_MAX: Duration = Duration::from_secs(2);

/// Lets cluster time pass when nothing else does: deadlines are met, and the clock does not stand still.
pub(crate) async fn tick(shared: Arc<Shared>) {
    let mut look = interval(TICK_EVERY_MIN);
    let mut last = elapsed::now();
    loop {
        look.tick().await;
        if !shared.leadership().is_leader {
            last = elapsed::now();
            continue;
        }
        if elapsed::since(last) < TICK_EVERY_MAX && !shared.deadline_is_due() {
            continue;
        }
        last = tick_until_nothing_is_due(&shared).await;
    }
}

/// One tick; then others as long as more is due than an entry has room for. Between two of them is as much time as one
/// takes, so that at least half of it is the clients'. Returns when the last one began.
async fn tick_until_nothing_is_due(shared: &Shared) -> Instant {
    loop {
        let began = elapsed::now();
        // A tick that is lost is made up by the next.
        let ticked = shared.submit_as_node(Command::Tick, began + TICK_MAX).await;
        let is_done = ticked.is_ok_and(|reply| reply.result.is_ok());
        if !is_done || !shared.leadership().is_leader || !shared.deadline_is_due() {
            return began;
        }
        sleep(elapsed::since(began)).await;
    }
}

impl Shared {
    fn deadline_is_due(&self) -> bool {
        let (published, leadership) = (self.publisher.load(), self.leadership());
        // The clock takes its base at the first question: not before all that came before is applied (ADR 0003).
        if published.applied_term() != Some(leadership.term) {
            return false;
        }
        let now = self.leader_clock.stamp(
            leadership.term,
            published.applied_time(),
            self.clock.counting(),
        );
        published.state.indexes().deadlines.iter().next().is_some_and(|(due, _)| *due <= now)
    }
}
