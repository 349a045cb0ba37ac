//! What did not come in as it was, row by row, with the reason.

use crate::cli::import::oddity::{Oddities, Oddity};
use std::fmt::Display;

/// What people are told about rows of a dump.
#[derive(Debug, Default)]
pub struct Report {
    /// Rows that stay behind.
    pub skipped: Oddities,
    /// Rows that come in, though something about them is odd or was left behind.
    pub noted: Oddities,
}

/// A row of a dump, to be named in the report.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    /// Its table.
    pub table: &'static str,
    /// What names it there.
    pub key: &'a dyn Display,
}

impl Report {
    /// The row stays behind.
    pub fn skip(&mut self, place: Place<'_>, reason: impl Display) {
        self.skipped.push(place.with(&reason));
    }

    /// The row comes in, and this is to be known about it.
    pub fn note(&mut self, place: Place<'_>, reason: impl Display) {
        self.noted.push(place.with(&reason));
    }
}

impl Place<'_> {
    fn with(self, reason: &dyn Display) -> Oddity {
        Oddity { table: self.table, key: self.key.to_string(), reason: reason.to_string() }
    }
}
