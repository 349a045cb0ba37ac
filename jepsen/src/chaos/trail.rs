//! A run as a history in the format of the checkers.

use crate::chaos::lives::Lives;
use crate::chaos::record::{Outcome, Record};
use crate::faults::trail::{self, End};
use crate::load::record::WriteRecord;
use regent_check::history::line::{FaultOutcome, Header, Note, Operation, Revision};
use regent_check::history::writer::{HistoryWriter, WriteError};
use serde_json::Map;
use std::io::Write;

/// All that is known of a run.
pub struct Trail<'a> {
    /// Where its plan came from.
    pub seed: u64,
    /// What the load wrote.
    pub writes: &'a [WriteRecord],
    /// What everybody else did.
    pub operations: &'a [Operation],
    /// What was done to the cluster.
    pub records: &'a [Record],
    /// What was seen beside operations.
    pub seen: &'a [Note],
    /// Nodes that began anew.
    pub lives: &'a Lives,
    /// What was found in the end, if it came to that.
    pub end: Option<&'a End>,
}

impl Trail<'_> {
    /// Writes all operations in the order of their ends, then the faults, then the end if it was reached.
    ///
    /// # Errors
    /// When the file cannot take it, or somebody was not a sequential process.
    pub fn write<W: Write>(&self, file: W) -> Result<W, WriteError> {
        let mut history = HistoryWriter::begin(file, &Header::new(self.seed, Map::new()))?;
        let mut operations: Vec<_> = self.writes.iter().flat_map(trail::operations).collect();
        operations.extend(self.operations.iter().cloned());
        operations.iter_mut().for_each(|operation| self.lives.name(operation));
        operations.sort_by_key(|operation| operation.answered.unwrap_or(operation.asked));
        for operation in &operations {
            history.operation(operation)?;
        }
        let seen = self.seen.iter().map(|note| self.lives.of_note(note.clone()));
        for note in self.records.iter().flat_map(faults).chain(seen) {
            history.note(&note)?;
        }
        if let Some(end) = self.end {
            let last = operations.iter().map(|operation| operation.process.0).max();
            let first = last.map_or(0, |last| last + 1);
            for (process, node) in (first..).zip(&end.nodes) {
                history.operation(&trail::digest(process, node, end))?;
            }
            for (key, revision) in &end.keys {
                let (request_id, revision) = (key.clone(), Revision(*revision));
                history.note(&Note::Log { request_id, revision })?;
            }
        }
        history.finish()
    }
}

/// One line for each node of a fault that was begun.
fn faults(record: &Record) -> Vec<Note> {
    let Some(began) = record.began else { return Vec::new() };
    let outcome = match &record.outcome {
        Outcome::Installed => FaultOutcome::Installed,
        Outcome::Skipped { .. } => FaultOutcome::Skipped,
        Outcome::Indeterminate { .. } => FaultOutcome::Indeterminate,
    };
    let note = |node: &String| Note::Fault {
        kind: record.planned.fault.kind().name().to_owned(),
        node: node.clone(),
        began,
        healed: record.healed,
        outcome,
    };
    record.nodes.iter().map(note).collect()
}

#[cfg(test)]
mod tests {
    use super::Trail;
    use crate::chaos::lives::Lives;
    use crate::chaos::plan::{Fault, Planned, Whom};
    use crate::chaos::record::Record;
    use regent_check::history::line::Instant;

    #[test]
    fn fault_that_was_begun_is_a_line_for_each_of_its_nodes() {
        let fault = Fault::Kill { whom: Whom::Majority };
        let planned = Planned { track: 0, at_ms: 1, for_ms: 1, dice: 1, fault };
        let mut done = Record::of(&planned);
        done.begins(Instant(5), vec!["r1".into(), "r2".into()]);
        let half_done = done.clone();
        done.is_done();
        let records = [Record::of(&planned), half_done, done];
        let (lives, seen) = (Lives::default(), &[]);
        let (writes, operations) = (&[], &[]);
        let trail = Trail {
            seed: 7,
            writes,
            operations,
            records: &records,
            seen,
            lives: &lives,
            end: None,
        };
        let text = String::from_utf8(trail.write(Vec::new()).unwrap()).unwrap();
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines.len(), 6, "{text}");
        assert!(lines[1].contains(r#""kind":"kill","node":"r1","t0":5"#), "{text}");
        assert!(lines[2].contains(r#""node":"r2""#), "{text}");
        assert!(lines[2].contains("indeterminate") && lines[4].contains("installed"), "{text}");
    }
}
