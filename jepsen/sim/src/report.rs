//! What is told of a run in the terms that all tiers share: a verdict, a picture, a line in the book of runs.

use crate::run::SimOutcome;
use crate::runs::Ran;
use regent_check::coverage::Demand;
use regent_check::verdict::Verdict;
use regent_report::about::{About, Tier};
use regent_report::report::{Case, Report};
use std::time::SystemTime;

/// The property of what only a simulation can see: one leader a term, a log that never changes, nobody who stops by
/// himself. The sentence says which.
pub const INVARIANT: &str = "invariant";

/// What is to be said of a run that has just ended. Nothing is demanded of it but that it did anything: what many have to
/// reach together is said in [`crate::batch`].
#[must_use]
pub fn report(ran: &Ran) -> Report {
    let SimOutcome { history, plan, judgement, took, .. } = &ran.outcome;
    let began = SystemTime::now() - ran.took;
    let about = About::new(Tier::Sim, plan.seed, plan.voters.into(), began, ran.took).inside(*took);
    let verdict = Verdict { outcome: judgement.outcome, ..judgement.verdict.clone() };
    let beside = judgement.findings.iter().map(|finding| Case {
        property: INVARIANT.to_owned(),
        sentence: finding.clone(),
        lines: Vec::new(),
    });
    Report::of(about, history, &verdict, &Demand::default(), beside.collect())
}
