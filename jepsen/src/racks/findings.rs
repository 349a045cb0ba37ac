//! What a scenario saw: lines for people, and each promise that was not kept.

use crate::judgement::Judgement;
use serde_json::{Value, json};
use std::fmt;
use std::time::Duration;

/// What a scenario saw.
#[derive(Debug, Default)]
pub struct Findings {
    /// What there is to tell.
    pub lines: Vec<String>,
    /// What should have been otherwise.
    pub broken: Vec<String>,
    /// What this machine could not do, and why.
    pub skipped: Vec<String>,
    /// Figures for programs.
    pub figures: Vec<Value>,
}

impl Findings {
    /// All of it for programs, under the name of its scenario.
    #[must_use]
    pub fn json(&self, scenario: &str) -> Value {
        let Self { lines, broken, skipped, figures } = self;
        json!({
            "scenario": scenario, "lines": lines, "broken": broken, "skipped": skipped, "figures": figures,
        })
    }

    /// What it comes to.
    #[must_use]
    pub const fn judgement(&self) -> Judgement {
        match (self.broken.is_empty(), self.skipped.is_empty()) {
            (false, _) => Judgement::Failed,
            (true, false) => Judgement::Skipped,
            (true, true) => Judgement::Passed,
        }
    }

    /// Something this machine cannot do.
    pub fn skip(&mut self, what: impl Into<String>) {
        self.skipped.push(what.into());
    }

    /// Something people want to know.
    pub fn tell(&mut self, line: impl Into<String>) {
        self.lines.push(line.into());
    }

    /// Something that has to be so.
    pub fn check(&mut self, is_kept: bool, promise: impl FnOnce() -> String) {
        if !is_kept {
            self.broken.push(promise());
        }
    }

    /// Something that has to have come about.
    pub fn need<T>(&mut self, outcome: anyhow::Result<T>) -> Option<T> {
        outcome.map_err(|error| self.broken.push(format!("{error:#}"))).ok()
    }
}

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.lines {
            writeln!(f, "  {line}")?;
        }
        for skipped in &self.skipped {
            writeln!(f, "  SKIPPED {skipped}")?;
        }
        for broken in &self.broken {
            writeln!(f, "  BROKEN: {broken}")?;
        }
        Ok(())
    }
}

/// The middle one, the one that 99 of 100 do not exceed and the longest, in milliseconds.
#[must_use]
pub fn spread(mut lengths: Vec<Duration>) -> String {
    lengths.sort();
    let Some(last) = lengths.len().checked_sub(1) else { return "none".into() };
    let at = |percent: usize| lengths[(last * percent).div_ceil(100)].as_secs_f64() * 1000.0;
    format!("n {} p50 {:.1} ms p99 {:.1} ms max {:.1} ms", last + 1, at(50), at(99), at(100))
}

#[cfg(test)]
mod tests {
    use super::{Findings, spread};
    use crate::judgement::Judgement;
    use std::time::Duration;

    #[test]
    fn spread_tells_the_middle_and_the_end() {
        let lengths = (1..=101).rev().map(Duration::from_millis).collect();
        assert_eq!(spread(lengths), "n 101 p50 51.0 ms p99 100.0 ms max 101.0 ms");
        assert_eq!(spread(Vec::new()), "none");
    }

    #[test]
    fn scenario_that_left_something_out_has_not_passed() {
        let mut findings = Findings::default();
        assert_eq!(findings.judgement(), Judgement::Passed);
        findings.skip("a part of it: no such program");
        assert_eq!(findings.judgement(), Judgement::Skipped);
        findings.check(false, || "a promise".to_owned());
        assert_eq!(findings.judgement(), Judgement::Failed);
    }
}
