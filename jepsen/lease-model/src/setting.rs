//! What stays the same while a model is explored.

use crate::mutation::Mutation;
use crate::scenario::Scenario;
use crate::witness::Witnessed;
use regent_core::lease::terms::Terms;
use regent_core::time::Millis;

/// A scenario, with or without one of its rules.
#[derive(Debug)]
pub struct Setting {
    /// The scenario.
    pub scenario: Scenario,
    /// The rule that is not kept.
    pub mutation: Option<Mutation>,
    /// Whether worlds count as one that only differ in what is of no matter any more.
    pub forgets: bool,
    /// What happened at least once.
    pub witnessed: Witnessed,
}

impl Setting {
    /// Nothing was seen yet.
    #[must_use]
    pub fn new(scenario: Scenario, mutation: Option<Mutation>) -> Self {
        Self { scenario, mutation, forgets: true, witnessed: Witnessed::default() }
    }

    /// The same, but worlds count as one only if they are the same: to check that nothing of matter is forgotten.
    #[must_use]
    pub fn remembering(self) -> Self {
        Self { forgets: false, ..self }
    }

    /// Whether this rule is not kept.
    #[must_use]
    pub fn lacks(&self, mutation: Mutation) -> bool {
        self.mutation == Some(mutation)
    }

    /// The terms racks keep.
    #[must_use]
    pub const fn terms(&self) -> &Terms {
        &self.scenario.terms
    }

    /// The terms the region keeps.
    #[must_use]
    pub fn region_terms(&self) -> Terms {
        let terms = self.scenario.terms;
        if self.lacks(Mutation::R3Guard) { Terms { guard: Millis(0), ..terms } } else { terms }
    }

    /// The address that may be delegated.
    #[must_use]
    pub const fn block_address(&self) -> usize {
        self.scenario.addresses - 1
    }
}
