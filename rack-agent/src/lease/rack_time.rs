//! Time as one boot of the rack's machine counts it.

use regent_core::time::Millis;
use serde::{Deserialize, Serialize};

/// Milliseconds since the machine started, also while it slept (CLOCK_BOOTTIME). Means nothing in another boot, and
/// nothing on another machine.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct RackTime(pub u64);

impl RackTime {
    /// This moment moved forward by `by`; stays at the end of time instead of wrapping.
    #[must_use]
    pub const fn after(self, by: Millis) -> Self {
        Self(self.0.saturating_add(by.0))
    }

    /// How long until `later`; zero if that has passed.
    #[must_use]
    pub const fn until(self, later: Self) -> Millis {
        Millis(later.0.saturating_sub(self.0))
    }
}
