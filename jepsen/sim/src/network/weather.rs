//! How it is on the way from one host to another.

use crate::chance::Chance;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// After this long a host sends again what was lost; then after twice that, and so on.
const RESEND_AFTER: Duration = Duration::from_millis(200);
/// Losses of one message in a row at most.
const LOSSES_MAX: u32 = 5;

/// Delay and loss on a way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Weather {
    /// What each message takes at least, in microseconds.
    pub delay_us: u64,
    /// What it may take beyond that.
    pub jitter_us: u64,
    /// Messages lost, of a hundred: each comes later.
    pub loss_percent: u8,
    /// Single requests that come twice, of a hundred.
    pub twice_percent: u8,
}

impl Weather {
    /// A good local network.
    pub const FAIR: Self =
        Self { delay_us: 100, jitter_us: 900, loss_percent: 0, twice_percent: 1 };

    /// How long the next message takes.
    #[must_use]
    pub fn delay(&self, chance: &mut Chance) -> Duration {
        let on_the_way = Duration::from_micros(self.delay_us + chance.within(0..=self.jitter_us));
        let mut resend = RESEND_AFTER;
        let mut late = on_the_way;
        for _ in 0..LOSSES_MAX {
            if !chance.percent(self.loss_percent) {
                break;
            }
            late += resend;
            resend *= 2;
        }
        late
    }
}
