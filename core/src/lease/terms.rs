//! The lengths of time the protocol is built on, and how they shrink on a clock that may run wrong.

use crate::time::{ClusterTime, Millis};
use serde::{Deserialize, Serialize};

/// Least time between the end of all rights to an address and its next owner.
pub const GUARD_MILLIS_MIN: u64 = 120_000;
/// A client may count its lease from the last of several copies of its REQUEST, which are up to so far apart (RFC 2131
/// section 4.1).
pub const COPIES_APART_MILLIS_MAX: u64 = 64_000;
const PPM: u128 = 1_000_000;

/// The shortest that the longest lease may be.
pub const LIFE_MILLIS_MIN: Millis = Millis::from_secs(120);
/// The longest that the longest lease may be.
pub const LIFE_MILLIS_MAX: Millis = Millis::from_secs(7_200);
/// The shortest autonomy.
pub const AUTONOMY_MILLIS_MIN: Millis = Millis::from_secs(60);
/// The longest autonomy. Together with the other two it is so short that [`GUARD_MILLIS_MIN`] is enough of a guard for any
/// terms a site may choose: a guard that changed would have to be kept with each record.
pub const AUTONOMY_MILLIS_MAX: Millis = Millis::from_secs(14_400);
/// The shortest term of a block.
pub const BLOCK_TERM_MILLIS_MIN: Millis = Millis::from_secs(120);
/// The longest term of a block.
pub const BLOCK_TERM_MILLIS_MAX: Millis = Millis::from_secs(5_400);

/// Lengths of time of the lease protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Terms {
    /// The longest a client is given an address at a time.
    pub life: Millis,
    /// How long beyond that a rack may go on renewing it without the region.
    pub autonomy: Millis,
    /// How long a rack may give addresses of a block without the region, counted from each extension.
    pub block_term: Millis,
    /// How long an address rests between two owners.
    pub guard: Millis,
    /// How wrong a clock's rate may be, in parts of a million.
    pub drift_ppm: u32,
}

impl Terms {
    /// Terms with the guard they need: [`GUARD_MILLIS_MIN`], and no less than twice what a clock goes wrong in the longest
    /// term there is, and copies of a REQUEST on top.
    #[must_use]
    pub fn new(life: Millis, autonomy: Millis, block_term: Millis, drift_ppm: u32) -> Self {
        let longest = life.0.saturating_add(autonomy.0).saturating_add(block_term.0);
        let parted = (u128::from(longest) * u128::from(drift_ppm) * 2).div_ceil(PPM);
        let parted = u64::try_from(parted).unwrap_or(u64::MAX);
        let guard = parted.saturating_add(COPIES_APART_MILLIS_MAX).max(GUARD_MILLIS_MIN);
        Self { life, autonomy, block_term, guard: Millis(guard), drift_ppm }
    }

    /// When whatever a rack may have given or been given by now has surely ended, and rested.
    #[must_use]
    pub fn everything_over(&self, now: ClusterTime) -> ClusterTime {
        now.after(self.life).after(self.autonomy).after(self.block_term).after(self.guard)
    }

    /// How long a rack may take `length` of cluster time to be on its own clock: while it lasts there, it lasts here,
    /// however wrong both clocks run within [`Self::drift_ppm`].
    #[must_use]
    pub fn shortened(&self, length: Millis) -> Millis {
        let (slow, fast) = self.rates();
        let short = u128::from(length.0) * slow / fast;
        Millis(u64::try_from(short).unwrap_or(u64::MAX))
    }

    /// How long the region has to wait until `length` of a rack's or client's clock has surely passed there.
    #[must_use]
    pub fn lengthened(&self, length: Millis) -> Millis {
        let (slow, fast) = self.rates();
        let long = (u128::from(length.0) * fast).div_ceil(slow.max(1));
        Millis(u64::try_from(long).unwrap_or(u64::MAX))
    }

    fn rates(&self) -> (u128, u128) {
        let drift = u128::from(self.drift_ppm).min(PPM);
        (PPM - drift, PPM + drift)
    }
}

impl Default for Terms {
    /// Ten minutes, as MAAS has it, an hour for a rack that is cut off, and clocks that are wrong by a thousandth.
    fn default() -> Self {
        let hour = Millis::from_secs(3_600);
        Self::new(Millis::from_secs(600), hour, hour, 1_000)
    }
}

#[cfg(test)]
mod tests {
    use super::{
        AUTONOMY_MILLIS_MAX, BLOCK_TERM_MILLIS_MAX, GUARD_MILLIS_MIN, LIFE_MILLIS_MAX, Terms,
    };
    use crate::time::Millis;

    fn terms(drift_ppm: u32) -> Terms {
        let hour = Millis::from_secs(3_600);
        Terms::new(Millis::from_secs(600), hour, hour, drift_ppm)
    }

    #[test]
    fn guard_covers_two_clocks_that_part_for_the_longest_term() {
        assert_eq!(terms(1_000).guard, Millis(GUARD_MILLIS_MIN));
        assert_eq!(terms(50_000).guard, Millis(780_000 + 64_000));
    }

    #[test]
    fn guard_is_the_same_whatever_terms_a_site_may_choose() {
        let usual = Terms::default();
        let (life, autonomy) = (LIFE_MILLIS_MAX, AUTONOMY_MILLIS_MAX);
        let longest = Terms::new(life, autonomy, BLOCK_TERM_MILLIS_MAX, usual.drift_ppm);
        assert_eq!(longest.guard, usual.guard);
    }

    #[test]
    fn what_is_shortened_and_lengthened_is_never_longer_than_before() {
        let terms = terms(1_000);
        for millis in [0, 1, 7, 999, 600_000, 3_599_999, u64::MAX] {
            let short = terms.shortened(Millis(millis));
            assert!(short.0 <= millis);
            assert!(terms.lengthened(short).0 <= millis);
            assert!(terms.lengthened(Millis(millis)).0 >= millis);
        }
    }
}
