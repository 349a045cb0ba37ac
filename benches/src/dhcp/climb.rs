//! The highest rate that is kept up: doubled until it is not, then narrowed down. Pure.

/// The first rate that is tried, in exchanges a second.
pub const RATE_FIRST: u32 = 400;
/// No higher one is.
pub const RATE_MAX: u32 = 51_200;
/// How often the gap between a rate that was kept up and one that was not is halved.
const HALVINGS: u32 = 3;

/// Looks for the highest rate that is kept up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Climb {
    /// The highest that was kept up so far; 0 if none was.
    kept_up: u32,
    /// The lowest that was not.
    too_high: Option<u32>,
    halvings: u32,
}

impl Default for Climb {
    fn default() -> Self {
        Self { kept_up: 0, too_high: None, halvings: HALVINGS }
    }
}

impl Climb {
    /// The rate to try next; none once the search is over.
    #[must_use]
    pub fn next(&self) -> Option<u32> {
        match self.too_high {
            None if self.kept_up == 0 => Some(RATE_FIRST),
            None => Some(self.kept_up * 2).filter(|rate| *rate <= RATE_MAX),
            Some(_) if self.halvings == 0 => None,
            Some(too_high) => Some(u32::midpoint(self.kept_up, too_high)),
        }
    }

    /// That rate was kept up.
    pub const fn kept_up(&mut self, rate: u32) {
        self.narrow();
        self.kept_up = rate;
    }

    /// That rate was not.
    pub const fn failed(&mut self, rate: u32) {
        self.narrow();
        self.too_high = Some(rate);
    }

    /// The highest rate that was kept up.
    #[must_use]
    pub const fn highest(&self) -> u32 {
        self.kept_up
    }

    const fn narrow(&mut self) {
        if self.too_high.is_some() {
            self.halvings -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Climb, RATE_MAX};

    fn highest_below(limit: u32) -> (u32, u32) {
        let (mut climb, mut tries) = (Climb::default(), 0);
        while let Some(rate) = climb.next() {
            tries += 1;
            if rate <= limit { climb.kept_up(rate) } else { climb.failed(rate) }
        }
        (climb.highest(), tries)
    }

    #[test]
    fn rate_is_found_within_an_eighth() {
        for limit in [450, 1_000, 3_333, 7_900, 20_000] {
            let (found, tries) = highest_below(limit);
            assert!(found <= limit && found + found / 8 >= limit - limit / 8, "{limit}: {found}");
            assert!(tries <= 10, "{limit}: {tries}");
        }
    }

    #[test]
    fn search_ends_also_where_no_rate_or_every_rate_is_kept_up() {
        assert_eq!(highest_below(0).0, 0);
        assert_eq!(highest_below(u32::MAX).0, RATE_MAX);
    }
}
