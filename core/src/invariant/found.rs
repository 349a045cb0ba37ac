//! What a check of the invariants found.

use std::fmt;

/// Violations told at most.
pub const VIOLATIONS_MAX: usize = 100;

/// One broken rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The rule, in a word.
    pub rule: &'static str,
    /// Who breaks it, and how.
    pub what: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.rule, self.what)
    }
}

/// Violations found so far.
#[derive(Default)]
pub(in crate::invariant) struct Found(Vec<Violation>);

impl Found {
    /// What was found.
    pub(in crate::invariant) fn into_violations(self) -> Vec<Violation> {
        self.0
    }

    /// Notes a violation unless `holds`.
    pub(in crate::invariant) fn unless(
        &mut self,
        holds: bool,
        rule: &'static str,
        what: impl FnOnce() -> String,
    ) {
        if !holds && self.0.len() < VIOLATIONS_MAX {
            self.0.push(Violation { rule, what: what() });
        }
    }
}
