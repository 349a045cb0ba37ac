//! From a history to one word: pass, fail, or unknown. And to what stands behind it.
//!
//! Pass is said only of a whole history that was demanding enough, in which every judge could decide everything
//! and found nothing.

use crate::availability::{Availability, measure};
use crate::coverage::{Coverage, Demand, Shortfall};
use crate::finding::{Finding, Findings, Violation};
use crate::history::reader::History;
use crate::property::{
    at_revision, counter, digest, dns, final_register, linearizable, log, one_holder, revision,
    session, set, usage, watch,
};
use crate::request::Requests;
use serde::Serialize;
use std::collections::BTreeMap;

/// The one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// No promise was broken, as far as such a run can show.
    Pass,
    /// A promise was broken.
    Fail,
    /// Neither can be said.
    Unknown,
}

/// What is to be said of a run; as JSON it is `verdict.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// The one word.
    pub outcome: Outcome,
    /// How often each promise was broken.
    pub violations: BTreeMap<Violation, u64>,
    /// Some of those cases.
    pub findings: Vec<Finding>,
    /// How much could not be decided.
    pub doubts: u64,
    /// Some of that.
    pub doubts_told: Vec<String>,
    /// What the run lacks to mean anything.
    pub shortfalls: Vec<Shortfall>,
    /// What it has been through.
    pub coverage: Coverage,
    /// How long clients waited.
    pub availability: Availability,
}

/// Judges a history by everything that is promised.
#[must_use]
pub fn judge(history: &History, demand: &Demand) -> Verdict {
    let findings = findings(history);
    let coverage = Coverage::of(history);
    let shortfalls = coverage.shortfalls(demand);
    let outcome = if !findings.counts().is_empty() {
        Outcome::Fail
    } else if findings.doubts() > 0 || !shortfalls.is_empty() {
        Outcome::Unknown
    } else {
        Outcome::Pass
    };
    Verdict {
        outcome,
        violations: findings.counts().clone(),
        findings: findings.told().to_vec(),
        doubts: findings.doubts(),
        doubts_told: findings.doubts_told().to_vec(),
        shortfalls,
        coverage,
        availability: measure(history),
    }
}

/// Asks every judge.
fn findings(history: &History) -> Findings {
    let mut findings = Findings::default();
    if !history.complete {
        findings.doubt("the history has no end".to_owned());
    }
    let requests = Requests::of(history);
    for found in [
        linearizable::judge(history, &requests),
        revision::judge(history, &requests),
        at_revision::judge(history, &requests),
        session::judge(history, &requests),
        one_holder::judge(history),
        set::judge(history, &requests),
        final_register::judge(history, &requests),
        log::judge(&requests),
        counter::judge(history, &requests),
        usage::judge(history),
        watch::judge(history, &requests),
        dns::judge(history),
        digest::judge(history),
    ] {
        findings.merge(found);
    }
    findings
}
