//! Which node has more racks than its share, and how many of them it asks to move, to where. Pure.

use std::collections::BTreeMap;

/// A node has too many racks if it has so many more than the mean,
const ABOVE_MEAN_MIN: usize = 2;
/// and so many hundredths of the mean more.
const ABOVE_MEAN_PERCENT_MIN: usize = 10;
/// At a time it asks one rack, or one in so many.
const MOVED_ONE_IN: usize = 100;

/// Racks that are asked to move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Surplus {
    /// How many.
    pub count: usize,
    /// The node with the fewest.
    pub to: u64,
}

/// What node `own` gives away, by the racks connected to each node that is not silent.
#[must_use]
pub fn surplus(own: u64, connected: &BTreeMap<u64, u32>) -> Option<Surplus> {
    let number = |racks: &u32| usize::try_from(*racks).unwrap_or(usize::MAX);
    let (to, _) = connected.iter().min_by_key(|(_, racks)| **racks)?;
    let mine = connected.get(&own).map(number)?;
    let all: usize = connected.values().map(number).sum();
    let mean = all.div_ceil(connected.len());
    let bound = mean + ABOVE_MEAN_MIN.max(mean * ABOVE_MEAN_PERCENT_MIN / 100);
    let count = (mine / MOVED_ONE_IN).max(1).min(mine.saturating_sub(mean));
    (mine > bound && *to != own).then_some(Surplus { count, to: *to })
}

#[cfg(test)]
mod tests {
    use super::{Surplus, surplus};

    fn of_first(racks: &[u32]) -> Option<Surplus> {
        surplus(1, &(1..).zip(racks.iter().copied()).collect())
    }

    #[test]
    fn node_that_has_clearly_more_than_its_share_gives_some_to_the_one_with_the_fewest() {
        assert_eq!(of_first(&[9, 3, 0]), Some(Surplus { count: 1, to: 3 }));
        assert_eq!(of_first(&[2000, 10, 20]), Some(Surplus { count: 20, to: 2 }));
    }

    #[test]
    fn small_differences_move_nobody() {
        for racks in [&[1, 0, 0][..], &[3, 0], &[2, 2, 2], &[110, 100, 95], &[7], &[0, 9, 9]] {
            assert_eq!(of_first(racks), None, "{racks:?}");
        }
    }

    #[test]
    fn moving_comes_to_an_end_wherever_it_begins() {
        for start in [[100_u32, 0, 0], [1500, 500, 3], [5, 4, 0], [0, 0, 4000]] {
            let mut racks = start;
            for _ in 0..2000 {
                for own in 1..=3_u64 {
                    let table = (1..).zip(racks).collect();
                    let Some(Surplus { count, to }) = surplus(own, &table) else { continue };
                    let count = u32::try_from(count).unwrap();
                    racks[usize::try_from(own).unwrap() - 1] -= count;
                    racks[usize::try_from(to).unwrap() - 1] += count;
                }
            }
            let settled = (1..).zip(racks).collect();
            assert!((1..=3).all(|own| surplus(own, &settled).is_none()), "{start:?} {racks:?}");
        }
    }
}
