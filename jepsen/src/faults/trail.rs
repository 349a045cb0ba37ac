//! A run as a history in the format of the checkers.

use crate::faults::fault::Fault;
use crate::history::line::{Function, Header, Note, Operation, Phase, Revision, Verdict};
use crate::history::writer::{HistoryWriter, WriteError};
use crate::load::record::{AttemptRecord, Fate, WriteRecord};
use serde_json::{Map, json};
use std::io::Write;

/// Writes all attempts in the order of their ends, then the faults that were done.
///
/// # Errors
/// When the file cannot take it, or a client was not a sequential process.
pub fn write<W: Write>(
    file: W,
    phase: &str,
    writes: &[WriteRecord],
    faults: &[Fault],
) -> Result<W, WriteError> {
    let about = Map::from_iter([("phase".to_owned(), json!(phase))]);
    // Nothing of such a run follows from a seed: processes and signals have their own timing.
    let mut history = HistoryWriter::begin(file, &Header::new(0, about))?;
    let mut attempts: Vec<_> = writes
        .iter()
        .flat_map(|write| write.attempts.iter().map(move |attempt| (attempt, write)))
        .collect();
    attempts.sort_by_key(|(attempt, _)| attempt.over);
    for (attempt, write) in attempts {
        history.operation(&operation(attempt, write))?;
    }
    for fault in faults.iter().filter(|fault| fault.is_installed()) {
        history.note(&Note::Fault {
            kind: fault.kind.name().to_owned(),
            node: fault.node.clone(),
            began: fault.began,
            healed: fault.healed,
        })?;
    }
    history.finish()
}

fn operation(attempt: &AttemptRecord, write: &WriteRecord) -> Operation {
    let (verdict, revision, output) = match &attempt.fate {
        Fate::Acknowledged { revision, object } => {
            (Verdict::Ok, Some(Revision(*revision)), Some(json!({ "id": object })))
        }
        Fate::Refused { why } => (Verdict::Fail, None, Some(json!({ "why": why }))),
        Fate::Unknown => (Verdict::Unknown, None, None),
    };
    Operation {
        process: attempt.process,
        function: Function::Add,
        key: Some(write.noun.path().to_owned()),
        input: Some(json!({ "mark": write.mark, "id": write.target })),
        output,
        asked: attempt.asked,
        answered: Some(attempt.over),
        verdict,
        revision,
        level: None,
        node: Some(attempt.node.clone()),
        request_id: write.key.clone(),
        phase: Phase::UnderFaults,
    }
}
