//! How deep objects may stand inside one another: counted up and down, whichever end of a chain is moved.
//!
//! Loops are found on the way up. What goes when an object goes is for the objects themselves to say.

use crate::apply::draft::CASCADE_MAX;
use crate::id::Id;
use crate::rejection::Rejection;
use std::collections::BTreeSet;

/// The rule of one kind of object.
pub(in crate::apply) struct Depth {
    /// The field with what is above an object.
    pub(in crate::apply) field: &'static str,
    /// Levels there may be in all.
    pub(in crate::apply) levels_max: usize,
    /// What is said of an object that would be above itself.
    pub(in crate::apply) leads_back: &'static str,
    /// How the levels lie to each other.
    pub(in crate::apply) lie: &'static str,
}

impl Depth {
    /// Refuses to put an object under `above`: with what is above and what is below there would be too many levels.
    /// A new object has no id, and nothing below it.
    pub(in crate::apply) fn check<I: Id>(
        &self,
        own: Option<I>,
        above: BTreeSet<I>,
        up: impl Fn(I) -> Vec<I>,
        down: impl Fn(I) -> Vec<I>,
    ) -> Result<(), Rejection> {
        let left = self.levels_max - 1;
        let over = self.levels(above, left, up, own)?;
        self.levels(own.into_iter().flat_map(&down).collect(), left - over, &down, None)?;
        Ok(())
    }

    /// Number of levels from a first one on, if it is not more than `levels_max` and `goal` is in none.
    fn levels<I: Id>(
        &self,
        first: BTreeSet<I>,
        levels_max: usize,
        next: impl Fn(I) -> Vec<I>,
        goal: Option<I>,
    ) -> Result<usize, Rejection> {
        let (mut level, mut levels, mut seen) = (first, 0, 0);
        while !level.is_empty() {
            if goal.is_some_and(|goal| level.contains(&goal)) {
                return Err(Rejection::invalid(self.field, self.leads_back));
            }
            seen += level.len();
            if levels == levels_max || seen > CASCADE_MAX {
                let reason = format!("more than {} {}", self.levels_max, self.lie);
                return Err(Rejection::invalid(self.field, reason));
            }
            levels += 1;
            level = level.into_iter().flat_map(&next).collect();
        }
        Ok(levels)
    }
}
