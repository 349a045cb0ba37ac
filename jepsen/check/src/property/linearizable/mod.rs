//! Every register behaves as if each operation happened at one moment between its question and its answer.
//!
//! Operations with unknown outcome happened at any moment after their question, or never; refused ones did not
//! happen. Stale and session reads promise less, and are judged elsewhere.

pub(crate) mod register;
pub(crate) mod search;

use crate::finding::{Findings, Violation};
use crate::history::reader::History;
use crate::property::linearizable::register::registers;
use crate::property::linearizable::search::{Searched, search};
use crate::request::Requests;

/// Places that the search for one register may visit: some seconds, some hundred megabytes.
pub const CONFIGURATIONS_MAX: usize = 400_000;

/// Judges all registers.
#[must_use]
pub fn judge(history: &History, requests: &Requests<'_>) -> Findings {
    let mut findings = Findings::default();
    for (key, register) in registers(history, requests, &mut findings) {
        match search(&register, CONFIGURATIONS_MAX) {
            Searched::Linearizable => {}
            Searched::Impossible(stuck) => {
                let (placed, all) = (stuck.placed, register.definite.len());
                let why = format!(
                    "{key:?}: after {placed} of {all} operations in order none of these can be next"
                );
                findings.violated(Violation::Linearizable, stuck.open, why);
            }
            Searched::GaveUp => {
                findings.doubt(format!("{key:?}: {CONFIGURATIONS_MAX} places were not enough"));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests;
