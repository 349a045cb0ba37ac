//! Explores a setting to its end, or to the first violation.

use crate::setting::Setting;
use crate::witness::Witness;
use stateright::{Checker, HasDiscoveries, Model};
use std::num::NonZeroUsize;
use std::time::{Duration, Instant};

/// What exploring a setting showed.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// How many different worlds were seen.
    pub worlds: usize,
    /// How many steps the longest way to a world took.
    pub depth: usize,
    /// How long it took.
    pub took: Duration,
    /// The first violation.
    pub violation: Option<Violation>,
    /// What has to happen somewhere, and did not.
    pub missing: Vec<Witness>,
}

/// A promise that was broken.
#[derive(Clone, Debug)]
pub struct Violation {
    /// Which one.
    pub property: &'static str,
    /// How, a line a step.
    pub steps: String,
}

/// Explores a setting, with so many threads.
#[must_use]
pub fn check(setting: Setting, threads: NonZeroUsize) -> Verdict {
    let begun = Instant::now();
    let checker = setting
        .checker()
        .threads(threads.get())
        .finish_when(HasDiscoveries::AnyFailures)
        .spawn_bfs()
        .join();
    let discovery = checker.discoveries().into_iter().next();
    let violation = discovery.map(|(property, path)| {
        let steps = path.into_actions().into_iter().map(|action| format!("{action:?}\n"));
        Violation { property, steps: steps.collect() }
    });
    let setting = checker.model();
    let shows = setting.scenario.shows.iter().copied();
    Verdict {
        worlds: checker.unique_state_count(),
        depth: checker.max_depth(),
        took: begun.elapsed(),
        violation,
        missing: shows.filter(|witness| !setting.witnessed.has(*witness)).collect(),
    }
}
