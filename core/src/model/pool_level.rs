//! How near to being exhausted the dynamic addresses of a subnet are, as it was told last.

use serde::{Deserialize, Serialize};

/// A level that was told. It is told once: again only after it has fallen clearly below.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum PoolLevel {
    /// Few are left.
    NearlyFull,
    /// Hardly any is left.
    Full,
}

impl PoolLevel {
    /// All of them, the lowest first.
    pub const ALL: [Self; 2] = [Self::NearlyFull, Self::Full];

    /// Percent of the addresses that are taken when it is reached.
    #[must_use]
    pub const fn reached_percent(self) -> u128 {
        match self {
            Self::NearlyFull => 90,
            Self::Full => 99,
        }
    }

    /// Percent of the addresses below which it is left: one client that comes and goes does not ring twice.
    #[must_use]
    pub const fn left_percent(self) -> u128 {
        match self {
            Self::NearlyFull => 85,
            Self::Full => 95,
        }
    }

    /// The level of a pool of which so many addresses are taken, if it was at `last`.
    #[must_use]
    pub fn after(last: Option<Self>, taken: u128, addresses: u128) -> Option<Self> {
        let at_least = |percent: u128| {
            taken.saturating_mul(100) >= addresses.saturating_mul(percent) && addresses > 0
        };
        let holds = |level: &Self| {
            let was_there = last.is_some_and(|last| *level <= last);
            at_least(level.reached_percent()) || (was_there && at_least(level.left_percent()))
        };
        Self::ALL.into_iter().rev().find(holds)
    }
}

#[cfg(test)]
mod tests {
    use super::PoolLevel;

    #[test]
    fn level_is_reached_at_one_mark_and_left_at_a_lower_one() {
        use PoolLevel::{Full, NearlyFull};
        for (last, taken, next) in [
            (None, 89, None),
            (None, 90, Some(NearlyFull)),
            (None, 99, Some(Full)),
            (Some(NearlyFull), 85, Some(NearlyFull)),
            (Some(NearlyFull), 84, None),
            (Some(Full), 95, Some(Full)),
            (Some(Full), 94, Some(NearlyFull)),
            (Some(Full), 86, Some(NearlyFull)),
            (Some(Full), 84, None),
        ] {
            assert_eq!(PoolLevel::after(last, taken, 100), next, "{last:?} {taken}");
        }
        assert_eq!(PoolLevel::after(Some(Full), 0, 0), None);
    }
}
