//! What became of a fault.

use crate::chaos::plan::Planned;
use crate::lab::packet_queue::Fates;
use regent_check::history::line::Instant;
use serde::Serialize;
use std::fmt;
use std::time::Duration;

/// Why a fault is not done whose nodes could not be had.
pub const NO_TARGET: &str = "nobody leads, or another fault has the nodes";

/// A fault that was to be done.
#[derive(Clone, Debug, Serialize)]
pub struct Record {
    /// What was planned.
    pub planned: Planned,
    /// The nodes it was done to, by name.
    pub nodes: Vec<String>,
    /// When it was begun, on the clock of the harness.
    pub began: Option<Instant>,
    /// When it was over and the nodes were up to date again.
    pub healed: Option<Instant>,
    /// What became of packets, if it was about some that were held.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub packets: Option<Fates>,
    /// What became of it.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// What became of a fault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum Outcome {
    /// It was done.
    Installed,
    /// It was not.
    Skipped {
        /// Why.
        why: String,
    },
    /// It was begun, and nobody knows how much of it was done.
    Indeterminate {
        /// Why.
        why: String,
    },
}

impl Record {
    /// One that has not begun.
    #[must_use]
    pub fn of(planned: &Planned) -> Self {
        let outcome = Outcome::Skipped { why: "its time did not come".into() };
        let (planned, nodes) = (planned.clone(), Vec::new());
        Self { planned, nodes, began: None, healed: None, packets: None, outcome }
    }

    /// It begins, at these nodes. Until it is done, nobody knows.
    pub fn begins(&mut self, now: Instant, nodes: Vec<String>) {
        self.began = Some(now);
        self.nodes = nodes;
        self.outcome = Outcome::Indeterminate { why: "it was begun".into() };
    }

    /// It is done.
    pub fn is_done(&mut self) {
        self.outcome = Outcome::Installed;
    }

    /// It is not done.
    pub fn is_skipped(&mut self, why: &str) {
        self.outcome = Outcome::Skipped { why: why.to_owned() };
    }

    /// Something went wrong on the way.
    pub fn fails(&mut self, error: &anyhow::Error) {
        let why = format!("{error:#}");
        self.outcome = match self.began {
            None => Outcome::Skipped { why },
            Some(_) => Outcome::Indeterminate { why },
        };
    }
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = serde_json::to_value(&self.planned.fault).map_err(|_| fmt::Error)?;
        let fields = what.as_object().into_iter().flatten();
        let fields = fields.filter(|(name, _)| *name != "kind");
        let kind = self.planned.fault.kind().name().to_owned();
        let words = fields.map(|(_, word)| word.to_string().replace('"', ""));
        let words: Vec<_> = [kind].into_iter().chain(words).collect();
        let seconds = |at: Instant| Duration::from_nanos(at.0).as_secs_f64();
        let began = self.began.map_or_else(|| "-".to_owned(), |at| format!("{:.1}", seconds(at)));
        let healed = self.healed.map_or_else(|| "-".to_owned(), |at| format!("{:.1}", seconds(at)));
        let (words, nodes) = (words.join(" "), self.nodes.join(" "));
        write!(f, "{began:>7} {healed:>7}  {words:<32} {nodes:<16}")?;
        if let Some(packets) = &self.packets {
            write!(f, "{packets}; ")?;
        }
        match &self.outcome {
            Outcome::Installed => write!(f, "installed"),
            Outcome::Skipped { why } => write!(f, "skipped: {why}"),
            Outcome::Indeterminate { why } => write!(f, "indeterminate: {why}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Outcome, Record};
    use crate::chaos::plan::{Fault, Planned};
    use regent_check::history::line::Instant;

    #[test]
    fn what_fails_before_it_began_was_not_done_and_later_nobody_knows() {
        let planned = Planned { track: 0, at_ms: 1, for_ms: 1, dice: 1, fault: Fault::Rolling };
        let mut record = Record::of(&planned);
        record.fails(&anyhow::anyhow!("no"));
        assert_eq!(record.outcome, Outcome::Skipped { why: "no".into() });
        record.begins(Instant(1), vec!["r1".into()]);
        assert!(matches!(record.outcome, Outcome::Indeterminate { .. }));
        record.fails(&anyhow::anyhow!("half"));
        assert_eq!(record.outcome, Outcome::Indeterminate { why: "half".into() });
        record.is_done();
        assert_eq!(record.outcome, Outcome::Installed);
    }
}
