//! Puts a history into a file, line by line, in the order in which answers come.
//!
//! Refuses lines that would make the history worthless. Does not judge what the cluster did.

use crate::history::line::{Header, Note, Operation};
use crate::history::sessions::{Malformed, Sessions};
use serde::Serialize;
use std::io::Write;

/// Why a line could not be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The file could not take it.
    #[error("the history cannot be written")]
    Io(#[from] std::io::Error),
    /// The harness broke a rule of the format.
    #[error("the history would not be well-formed")]
    Malformed(#[from] Malformed),
}

/// A history being written. Without [`finish`](Self::finish) it stays incomplete, and checkers see that.
#[derive(Debug)]
pub struct HistoryWriter<W: Write> {
    file: W,
    sessions: Sessions,
}

impl<W: Write> HistoryWriter<W> {
    /// Begins a history.
    ///
    /// # Errors
    /// [`WriteError::Io`] if the first line cannot be written.
    pub fn begin(file: W, header: &Header) -> Result<Self, WriteError> {
        let mut writer = Self { file, sessions: Sessions::default() };
        writer.line(header)?;
        Ok(writer)
    }

    /// Adds an operation that is over.
    ///
    /// # Errors
    /// [`WriteError::Malformed`] without writing anything if its process is not one sequential client.
    pub fn operation(&mut self, operation: &Operation) -> Result<(), WriteError> {
        self.sessions.note(operation)?;
        self.line(operation)
    }

    /// Adds a fault, or an entry of a node's log.
    ///
    /// # Errors
    /// [`WriteError::Io`] if the line cannot be written.
    pub fn note(&mut self, note: &Note) -> Result<(), WriteError> {
        self.line(note)
    }

    /// Ends the history and hands back the file.
    ///
    /// # Errors
    /// [`WriteError::Io`] if the last line cannot be written.
    pub fn finish(mut self) -> Result<W, WriteError> {
        self.line(&Note::End)?;
        self.file.flush()?;
        Ok(self.file)
    }

    fn line(&mut self, line: &impl Serialize) -> Result<(), WriteError> {
        let mut bytes = serde_json::to_vec(line).map_err(std::io::Error::from)?;
        bytes.push(b'\n');
        Ok(self.file.write_all(&bytes)?)
    }
}

#[cfg(test)]
mod tests {
    use super::{HistoryWriter, WriteError};
    use crate::history::line::{
        FaultOutcome, Function, Header, Instant, Level, Note, Operation, Phase, Process, Revision,
        Verdict,
    };
    use serde_json::{Map, json};

    fn allocation() -> Operation {
        Operation {
            process: Process(3),
            function: Function::Alloc,
            key: Some("subnet/5".to_owned()),
            input: Some(json!({"client": "c1"})),
            output: Some(json!({"addr": "192.0.2.7", "ttl_ms": 600_000})),
            asked: Instant(100),
            answered: Some(Instant(250)),
            verdict: Verdict::Ok,
            revision: Some(Revision(41)),
            level: None,
            node: Some("r2".to_owned()),
            request_id: Some("3-1".to_owned()),
            phase: Phase::UnderFaults,
        }
    }

    fn read(level: Level, phase: Phase) -> Operation {
        Operation {
            process: Process(4),
            function: Function::ReadSet,
            key: None,
            input: None,
            output: None,
            answered: None,
            verdict: Verdict::Unknown,
            revision: None,
            level: Some(level),
            node: None,
            request_id: Some("4-1".to_owned()),
            phase,
            ..allocation()
        }
    }

    fn written(add: impl FnOnce(&mut HistoryWriter<Vec<u8>>)) -> Vec<String> {
        let about = Map::from_iter([("nodes".to_owned(), json!(3))]);
        let mut writer = HistoryWriter::begin(Vec::new(), &Header::new(7, about)).unwrap();
        add(&mut writer);
        let text = String::from_utf8(writer.finish().unwrap()).unwrap();
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn a_history_opens_with_its_format_and_closes_with_end() {
        let lines = written(|_| {});
        let header = r#"{"format":"regent-history/1","seed":7,"nodes":3}"#;
        assert_eq!(lines, [header, r#"{"f":"end"}"#]);
    }

    #[test]
    fn an_operation_is_one_line_with_the_short_names_of_the_format() {
        let lines = written(|writer| writer.operation(&allocation()).unwrap());
        let line = concat!(
            r#"{"p":3,"f":"alloc","key":"subnet/5","in":{"client":"c1"},"#,
            r#""out":{"addr":"192.0.2.7","ttl_ms":600000},"t0":100,"t1":250,"r":"ok","#,
            r#""rev":41,"node":"r2","rid":"3-1"}"#
        );
        assert_eq!(lines[1], line);
    }

    #[test]
    fn reads_tell_their_level_and_final_ones_say_so() {
        let lines = written(|writer| {
            let session = Level::Session { min_revision: Revision(9) };
            writer.operation(&read(Level::Lin, Phase::Final)).unwrap();
            writer.operation(&read(session, Phase::UnderFaults)).unwrap();
            writer.operation(&read(Level::Stale { age_ms: 12 }, Phase::UnderFaults)).unwrap();
        });
        let start = r#"{"p":4,"f":"read_set","t0":100,"t1":null,"r":"unknown","#;
        assert_eq!(lines[1], format!(r#"{start}"lvl":"lin","rid":"4-1","fin":true}}"#));
        assert_eq!(lines[2], format!(r#"{start}"lvl":"session","min_rev":9,"rid":"4-1"}}"#));
        assert_eq!(lines[3], format!(r#"{start}"lvl":"stale","age_ms":12,"rid":"4-1"}}"#));
    }

    #[test]
    fn faults_and_log_entries_are_lines_of_their_own() {
        let fault = Note::Fault {
            kind: "kill".to_owned(),
            node: "r1".to_owned(),
            began: Instant(5),
            healed: None,
            outcome: FaultOutcome::Skipped,
        };
        let entry = Note::Log { request_id: "3-1".to_owned(), revision: Revision(41) };
        let lines = written(|writer| {
            writer.note(&fault).unwrap();
            writer.note(&entry).unwrap();
        });
        assert_eq!(
            lines[1],
            r#"{"f":"fault","kind":"kill","node":"r1","t0":5,"t1":null,"outcome":"skipped"}"#
        );
        assert_eq!(lines[2], r#"{"f":"log","rid":"3-1","rev":41}"#);
    }

    #[test]
    fn a_malformed_operation_leaves_no_line_behind() {
        let lines = written(|writer| {
            let unanswered = Operation { answered: None, ..allocation() };
            let refused = writer.operation(&unanswered);
            assert!(matches!(refused, Err(WriteError::Malformed(_))));
        });
        assert_eq!(lines.len(), 2);
    }
}
