//! What is to be said of a run: what `regent-check` finds in its history, and what only a simulation can see.

use regent_check::coverage::Demand;
use regent_check::history::reader::History;
use regent_check::history::sessions::Malformed;
use regent_check::verdict::{self, Outcome, Verdict};

/// What is to be said of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// The one word.
    pub outcome: Outcome,
    /// What must not be and was seen from outside, a sentence each.
    pub findings: Vec<String>,
    /// What the history says.
    pub verdict: Verdict,
}

/// Judges a run by its history and by what was seen beside it. Of a single run nothing is demanded but that it did
/// anything: what many have to reach together is said in [`crate::batch`].
#[must_use]
pub fn judge(history: &History, malformed: Option<&Malformed>, findings: Vec<String>) -> Judgement {
    let mut verdict = verdict::judge(history, &Demand::default());
    if let Some(malformed) = malformed {
        verdict.doubts += 1;
        verdict.doubts_told.push(format!("the harness is wrong: {malformed}"));
    }
    let outcome = match verdict.outcome {
        _ if !findings.is_empty() => Outcome::Fail,
        Outcome::Pass if malformed.is_some() => Outcome::Unknown,
        outcome @ (Outcome::Pass | Outcome::Fail | Outcome::Unknown) => outcome,
    };
    Judgement { outcome, findings, verdict }
}

impl Judgement {
    /// All that is wrong, doubtful or missing, a line each.
    pub fn lines(&self) -> impl Iterator<Item = String> {
        let Verdict { findings, doubts_told, shortfalls, .. } = &self.verdict;
        let violations = findings.iter().map(|finding| {
            let lines: Vec<_> = finding.lines.iter().map(|line| line.0.to_string()).collect();
            let violation = named(finding.violation);
            format!("{violation}: {} (lines {})", finding.why, lines.join(", "))
        });
        let doubts = doubts_told.iter().map(|doubt| format!("doubt: {doubt}"));
        let short = shortfalls
            .iter()
            .map(|short| format!("too little: {} of {} {}", short.found, short.demanded, short.of));
        self.findings.iter().cloned().chain(violations).chain(doubts).chain(short)
    }
}

/// The name that the format gives a violation or an outcome.
#[must_use]
pub fn named(what: impl serde::Serialize) -> String {
    let name = serde_json::to_value(what).ok();
    name.as_ref().and_then(|name| name.as_str()).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::judge;
    use crate::history::whole;
    use regent_check::history::line::Process;
    use regent_check::history::sessions::Malformed;
    use regent_check::verdict::Outcome;

    #[test]
    fn what_was_seen_beside_the_history_fails_a_run_and_a_run_that_did_nothing_says_nothing() {
        let (history, _) = whole(1, Vec::new(), Vec::new());
        assert_eq!(judge(&history, None, Vec::new()).outcome, Outcome::Unknown);
        let seen = judge(&history, None, vec!["two lead".to_owned()]);
        assert_eq!(seen.outcome, Outcome::Fail);
        assert!(seen.lines().any(|line| line == "two lead"));
    }

    #[test]
    fn mistake_of_the_harness_is_told() {
        let (history, _) = whole(1, Vec::new(), Vec::new());
        let judged = judge(&history, Some(&Malformed::Overlap(Process(4))), Vec::new());
        assert!(judged.lines().any(|line| line.contains("the harness is wrong")));
    }
}
