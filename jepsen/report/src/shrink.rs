//! From a plan that fails to a smaller one that still does (delta debugging, Zeller and Hildebrandt 2002), in a bounded
//! number of runs.
//!
//! Does not know what a fault is, nor how a plan is run: whoever calls it does, and says whether it failed in the same way.

use std::collections::BTreeSet;

/// Runs of a plan that takes minutes.
pub const TRIES_SLOW_MAX: usize = 5;
/// Runs of a plan that takes a second.
pub const TRIES_FAST_MAX: usize = 200;

/// What shrinking came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shrunk<F> {
    /// The faults of the smallest plan that was seen to fail.
    pub faults: Vec<F>,
    /// Runs it took.
    pub tries: usize,
    /// Whether it is known that each of the faults is needed.
    pub is_minimal: bool,
}

/// Takes faults away as long as what is left still fails. Chance may be against it where runs are not exact: what is
/// given back was seen to fail once.
///
/// # Errors
/// When a plan cannot be run.
pub fn shrink<F: Clone, E>(
    faults: &[F],
    tries_max: usize,
    mut still_fails: impl FnMut(&[F]) -> Result<bool, E>,
) -> Result<Shrunk<F>, E> {
    let mut kept: Vec<usize> = (0..faults.len()).collect();
    let mut tried = BTreeSet::new();
    // First without any fault: then none of them is to blame.
    let mut candidates = vec![Vec::new()];
    let mut parts: usize = 1;
    let mut tries = 0;
    loop {
        let mut smaller = None;
        for candidate in candidates {
            if candidate.len() == kept.len() || !tried.insert(candidate.clone()) {
                continue;
            }
            if tries == tries_max {
                return Ok(Shrunk { faults: those(faults, &kept), tries, is_minimal: false });
            }
            tries += 1;
            if still_fails(&those(faults, &candidate))? {
                smaller = Some(candidate);
                break;
            }
        }
        match smaller {
            Some(smaller) => {
                kept = smaller;
                parts = parts.saturating_sub(1).max(2);
            }
            None if parts >= kept.len() => break,
            None => parts = (parts * 2).min(kept.len()),
        }
        candidates = candidates_of(&kept, parts);
    }
    Ok(Shrunk { faults: those(faults, &kept), tries, is_minimal: true })
}

/// Each part alone, then all but each part.
fn candidates_of(kept: &[usize], parts: usize) -> Vec<Vec<usize>> {
    let size = kept.len().div_ceil(parts.max(1)).max(1);
    let alone = kept.chunks(size).map(<[usize]>::to_vec);
    let without = kept
        .chunks(size)
        .map(|part| kept.iter().copied().filter(|place| !part.contains(place)).collect::<Vec<_>>());
    alone.chain(without).filter(|candidate| !candidate.is_empty()).collect()
}

fn those<F: Clone>(faults: &[F], places: &[usize]) -> Vec<F> {
    places.iter().map(|place| faults[*place].clone()).collect()
}

/// Whether a run failed in one of the ways of an earlier one.
#[must_use]
pub fn is_same_failure(first: &BTreeSet<String>, again: &BTreeSet<String>) -> bool {
    !first.is_disjoint(again)
}

#[cfg(test)]
mod tests {
    use super::{Shrunk, is_same_failure, shrink};
    use std::collections::BTreeSet;
    use std::convert::Infallible;

    fn shrunk(faults: u32, tries_max: usize, fails: impl Fn(&[u32]) -> bool) -> Shrunk<u32> {
        let faults: Vec<u32> = (0..faults).collect();
        shrink(&faults, tries_max, |faults| Ok::<_, Infallible>(fails(faults))).unwrap()
    }

    #[test]
    fn one_fault_that_is_enough_is_found_among_a_hundred() {
        let found = shrunk(100, 200, |faults| faults.contains(&73));
        assert_eq!(found.faults, [73]);
        assert!(found.is_minimal && found.tries < 30, "{found:?}");
    }

    #[test]
    fn faults_that_fail_only_together_stay_together_and_in_order() {
        let together = |faults: &[u32]| [3, 40, 41].iter().all(|fault| faults.contains(fault));
        let found = shrunk(64, 400, together);
        assert_eq!(found.faults, [3, 40, 41]);
        assert!(found.is_minimal);
    }

    #[test]
    fn plan_that_fails_without_any_fault_has_none_left() {
        let found = shrunk(10, 5, |_| true);
        assert_eq!(found, Shrunk { faults: vec![], tries: 1, is_minimal: true });
    }

    #[test]
    fn what_never_fails_again_is_given_back_whole() {
        let found = shrunk(6, 100, |_| false);
        assert_eq!(found.faults, [0, 1, 2, 3, 4, 5]);
        assert!(found.is_minimal);
    }

    #[test]
    fn with_five_tries_a_half_or_less_of_the_faults_is_left() {
        let found = shrunk(16, 5, |faults| faults.contains(&2));
        assert!(found.faults.len() <= 4 && found.faults.contains(&2), "{found:?}");
        assert_eq!((found.tries, found.is_minimal), (5, false));
    }

    #[test]
    fn no_plan_is_tried_twice() {
        let seen = std::cell::RefCell::new(BTreeSet::new());
        shrunk(20, 1000, |faults| {
            assert!(seen.borrow_mut().insert(faults.to_vec()), "{faults:?}");
            faults.contains(&1) && faults.contains(&18)
        });
    }

    #[test]
    fn run_that_cannot_be_done_ends_it() {
        assert_eq!(shrink(&[1, 2], 9, |_| Err("no room")), Err("no room"));
    }

    #[test]
    fn another_property_is_another_failure() {
        let of = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        assert!(is_same_failure(&of(&["acked-lost", "divergence"]), &of(&["divergence"])));
        assert!(!is_same_failure(&of(&["acked-lost"]), &of(&["dns-serial"])));
        assert!(!is_same_failure(&of(&["acked-lost"]), &of(&[])));
    }
}
