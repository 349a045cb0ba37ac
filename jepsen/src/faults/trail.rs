//! A run as a history in the format of the checkers.

use crate::cluster::status::Agreement;
use crate::faults::fault::Fault;
use crate::load::record::{AttemptRecord, Fate, WriteRecord};
use regent_check::history::line::{
    FaultOutcome, Function, Header, Instant, Note, Operation, Phase, Process, Revision, Verdict,
};
use regent_check::history::writer::{HistoryWriter, WriteError};
use serde_json::{Map, json};
use std::io::Write;
use std::time::Duration;

/// What was found when the last fault was healed and the load had ended.
#[derive(Clone, Debug)]
pub struct End {
    /// When.
    pub at: Instant,
    /// What all nodes agreed on.
    pub agreed: Agreement,
    /// Their names.
    pub nodes: Vec<String>,
    /// The idempotency keys in the committed log, with revisions.
    pub keys: Vec<(String, u64)>,
}

/// Writes all attempts in the order of their ends, then the faults that were done, then the end if it was reached.
///
/// # Errors
/// When the file cannot take it, or a client was not a sequential process.
pub fn write<W: Write>(
    file: W,
    phase: &str,
    writes: &[WriteRecord],
    faults: &[(Fault, Option<Duration>)],
    end: Option<&End>,
) -> Result<W, WriteError> {
    let about = Map::from_iter([("phase".to_owned(), json!(phase))]);
    // Nothing of such a run follows from a seed: processes and signals have their own timing.
    let mut history = HistoryWriter::begin(file, &Header::new(0, about))?;
    let mut attempts: Vec<_> = writes.iter().flat_map(operations).collect();
    attempts.sort_by_key(|attempt| attempt.answered);
    for attempt in &attempts {
        history.operation(attempt)?;
    }
    for (fault, _) in faults.iter().filter(|(fault, _)| fault.is_installed()) {
        history.note(&Note::Fault {
            kind: fault.kind.name().to_owned(),
            node: fault.node.clone(),
            began: fault.began,
            healed: fault.healed,
            outcome: FaultOutcome::Installed,
        })?;
    }
    if let Some(end) = end {
        let next = last_process(writes) + 1;
        for (process, node) in (next..).zip(&end.nodes) {
            history.operation(&digest(process, node, end))?;
        }
        for (key, revision) in &end.keys {
            let (request_id, revision) = (key.clone(), Revision(*revision));
            history.note(&Note::Log { request_id, revision })?;
        }
    }
    history.finish()
}

fn last_process(writes: &[WriteRecord]) -> u64 {
    let attempts = writes.iter().flat_map(|write| &write.attempts);
    attempts.map(|attempt| attempt.process.0).max().unwrap_or_default()
}

/// The digest a node had at the end, read as by a client of its own.
#[must_use]
pub fn digest(process: u64, node: &str, end: &End) -> Operation {
    Operation {
        process: Process(process),
        function: Function::Digest,
        key: None,
        input: None,
        output: Some(json!(end.agreed.digest)),
        asked: end.at,
        answered: Some(end.at),
        verdict: Verdict::Ok,
        revision: Some(Revision(end.agreed.index)),
        level: None,
        node: Some(node.to_owned()),
        request_id: None,
        phase: Phase::Final,
    }
}

/// All attempts of a write.
pub fn operations(write: &WriteRecord) -> impl Iterator<Item = Operation> {
    write.attempts.iter().map(|attempt| operation(attempt, write))
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

#[cfg(test)]
mod tests {
    use super::{End, write};
    use crate::cluster::status::Agreement;
    use regent_check::history::line::Instant;

    #[test]
    fn history_ends_with_the_digest_of_each_node_and_the_keys_of_the_log() {
        let end = End {
            at: Instant(9),
            agreed: Agreement { index: 5, digest: "ab".into() },
            nodes: vec!["r1".into(), "r2".into()],
            keys: vec![("1-7".into(), 4)],
        };
        let file = write(Vec::new(), "leader", &[], &[], Some(&end)).unwrap();
        let text = String::from_utf8(file).unwrap();
        let lines: Vec<_> = text.lines().skip(1).collect();
        assert_eq!(lines.len(), 4, "{text}");
        assert!(lines[1].contains(r#""f":"digest","out":"ab""#), "{text}");
        assert!(lines[1].contains(r#""rev":5,"node":"r2","fin":true"#), "{text}");
        assert_eq!(lines[2], r#"{"f":"log","rid":"1-7","rev":4}"#);
    }
}
