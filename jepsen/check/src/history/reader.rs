//! Reads a history from a file, and refuses what is none.
//!
//! Does not judge what the cluster did. Whether the harness was fit to tell of it is checked here, too: a client
//! that was not sequential makes everything worthless.

use crate::history::line::{Header, Note, Operation};
use crate::history::parse::{self, Line};
use crate::history::sessions::{Malformed, Sessions};
use serde::Serialize;
use serde::de::Error;
use std::fmt;
use std::io::{BufRead, Read};

/// Longest line; a watch that saw a hundred thousand changes fits.
pub const LINE_BYTES_MAX: u64 = 16 << 20;
/// Most lines, so that a history fits into memory.
pub const LINES_MAX: u64 = 2_000_000;

/// Place of a line in its file, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct LineNumber(pub u64);

impl fmt::Display for LineNumber {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "line {}", self.0)
    }
}

/// What stood in a line, and in which.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Numbered<T> {
    /// Which line.
    pub line: LineNumber,
    /// What it said.
    pub said: T,
}

/// A whole run as its file tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History {
    /// What run it was.
    pub header: Header,
    /// What clients did, in the order of the file.
    pub operations: Vec<Numbered<Operation>>,
    /// Faults, log entries and what else happened, in the order of the file.
    pub notes: Vec<Numbered<Note>>,
    /// Whether the last line says that it is. What is cut short can be read, but never passes.
    pub complete: bool,
}

/// Why a file is no history.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file could not be read.
    #[error("{0} cannot be read")]
    Io(LineNumber, #[source] std::io::Error),
    /// A line is not one of the format.
    #[error("{0} is not of the format")]
    Syntax(LineNumber, #[source] serde_json::Error),
    /// The harness broke a rule of the format.
    #[error("{0} is not well-formed")]
    Malformed(LineNumber, #[source] Malformed),
    /// There is something after the end.
    #[error("{0} stands behind the end")]
    BehindEnd(LineNumber),
    /// A line is too long to be one.
    #[error("{0} is longer than {LINE_BYTES_MAX} bytes")]
    LineTooLong(LineNumber),
    /// There are too many lines.
    #[error("there are more than {LINES_MAX} lines")]
    TooManyLines,
}

/// Reads a whole history. A last line that was cut off in writing is passed over: the history is incomplete anyway.
///
/// # Errors
/// The first line that is wrong, and why.
pub fn read(mut file: impl BufRead) -> Result<History, ReadError> {
    let mut text = Vec::new();
    let number = LineNumber(1);
    next_line(&mut file, number, &mut text)?;
    let header = parsed(&text, parse::header).map_err(|error| ReadError::Syntax(number, error))?;
    let (operations, notes, complete) = (Vec::new(), Vec::new(), false);
    let mut history = History { header, operations, notes, complete };
    let mut sessions = Sessions::default();
    for number in (2..).map(LineNumber) {
        if !next_line(&mut file, number, &mut text)? {
            break;
        }
        match parsed(&text, parse::line) {
            Ok(line) => history.add(number, line, &mut sessions)?,
            Err(_) if text.last() != Some(&b'\n') => break,
            Err(error) => return Err(ReadError::Syntax(number, error)),
        }
    }
    Ok(history)
}

/// Takes the next line into `text`; `false` if there is none.
fn next_line(
    file: &mut impl BufRead,
    number: LineNumber,
    text: &mut Vec<u8>,
) -> Result<bool, ReadError> {
    text.clear();
    let mut bounded = file.take(LINE_BYTES_MAX + 1);
    let bytes =
        bounded.read_until(b'\n', text).map_err(|error| ReadError::Io(number, error))? as u64;
    if bytes > LINE_BYTES_MAX {
        return Err(ReadError::LineTooLong(number));
    }
    if bytes > 0 && number.0 > LINES_MAX {
        return Err(ReadError::TooManyLines);
    }
    Ok(bytes > 0)
}

fn parsed<T>(
    text: &[u8],
    line: impl FnOnce(&str) -> Result<T, serde_json::Error>,
) -> Result<T, serde_json::Error> {
    line(std::str::from_utf8(text).map_err(serde_json::Error::custom)?)
}

impl History {
    fn add(
        &mut self,
        number: LineNumber,
        line: Line,
        sessions: &mut Sessions,
    ) -> Result<(), ReadError> {
        if self.complete {
            return Err(ReadError::BehindEnd(number));
        }
        match line {
            Line::Note(Note::End) => self.complete = true,
            Line::Note(said) => self.notes.push(Numbered { line: number, said }),
            Line::Operation(said) => {
                sessions.note(&said).map_err(|error| ReadError::Malformed(number, error))?;
                self.operations.push(Numbered { line: number, said });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{LINE_BYTES_MAX, LineNumber, ReadError, read};
    use crate::history::line::{
        FaultOutcome, Function, Header, Instant, Level, Note, Operation, Phase, Process, Revision,
        Verdict,
    };
    use crate::history::writer::HistoryWriter;
    use serde_json::{Map, Value, json};

    const HEADER: &str = r#"{"format":"regent-history/1","seed":7}"#;
    const READ: &str = r#"{"p":1,"f":"read","key":"x","out":null,"t0":10,"t1":20,"r":"ok"}"#;

    fn operations() -> Vec<Operation> {
        let least = Operation {
            process: Process(1),
            function: Function::Write,
            key: None,
            input: None,
            output: None,
            asked: Instant(10),
            answered: None,
            verdict: Verdict::Unknown,
            revision: None,
            level: None,
            node: None,
            request_id: None,
            phase: Phase::UnderFaults,
        };
        let most = Operation {
            process: Process(2),
            function: Function::Read,
            key: Some("x".to_owned()),
            input: Some(Value::Null),
            output: Some(json!({ "a": [1, null, "b"] })),
            answered: Some(Instant(12)),
            verdict: Verdict::Ok,
            revision: Some(Revision(1 << 52)),
            level: Some(Level::Session { min_revision: Revision(4) }),
            node: Some("r1".to_owned()),
            request_id: Some("2-1".to_owned()),
            phase: Phase::Final,
            ..least.clone()
        };
        let stale = Operation {
            process: Process(3),
            level: Some(Level::Stale { age_ms: 3 }),
            ..most.clone()
        };
        let lin = Operation { process: Process(4), level: Some(Level::Lin), ..most.clone() };
        vec![least, most, stale, lin]
    }

    fn notes() -> Vec<Note> {
        let (node, seen) = ("r1".to_owned(), Instant(3));
        vec![
            Note::Log { request_id: "2-1".to_owned(), revision: Revision(9) },
            Note::Fault {
                kind: "kill".to_owned(),
                node: node.clone(),
                began: Instant(1),
                healed: Some(Instant(2)),
                outcome: FaultOutcome::Indeterminate,
            },
            Note::Leader { node: node.clone(), term: 2, seen },
            Note::Snapshot { node, revision: Revision(8), seen },
        ]
    }

    #[test]
    fn what_was_written_is_read_again() {
        let about = Map::from_iter([("nodes".to_owned(), json!(3))]);
        let header = Header::new(7, about);
        let mut writer = HistoryWriter::begin(Vec::new(), &header).unwrap();
        operations().iter().for_each(|operation| writer.operation(operation).unwrap());
        notes().iter().for_each(|note| writer.note(note).unwrap());
        let file = writer.finish().unwrap();
        let history = read(file.as_slice()).unwrap();
        assert_eq!(history.header, header);
        let read: Vec<_> = history.operations.iter().map(|told| told.said.clone()).collect();
        assert_eq!(read, operations());
        let read: Vec<_> = history.notes.iter().map(|told| told.said.clone()).collect();
        assert_eq!(read, notes());
        assert_eq!(history.operations[0].line, LineNumber(2));
        assert_eq!(history.notes[0].line, LineNumber(6));
        assert!(history.complete);
    }

    #[test]
    fn history_without_its_end_is_incomplete() {
        let history = read(format!("{HEADER}\n{READ}\n").as_bytes()).unwrap();
        assert_eq!((history.operations.len(), history.complete), (1, false));
    }

    #[test]
    fn last_line_that_was_cut_off_is_passed_over() {
        let history = read(format!("{HEADER}\n{READ}\n{{\"p\":1,\"f\":").as_bytes()).unwrap();
        assert_eq!((history.operations.len(), history.complete), (1, false));
    }

    #[test]
    fn broken_line_is_told_by_its_number() {
        let broken = read(format!("{HEADER}\n{READ}\n{{\"p\":1}}\n").as_bytes());
        assert!(matches!(broken, Err(ReadError::Syntax(LineNumber(3), _))), "{broken:?}");
        let no_header = read(format!("{READ}\n").as_bytes());
        assert!(matches!(no_header, Err(ReadError::Syntax(LineNumber(1), _))), "{no_header:?}");
        assert!(matches!(read(&b""[..]), Err(ReadError::Syntax(LineNumber(1), _))));
    }

    #[test]
    fn client_that_was_not_sequential_is_told() {
        let overlapping = read(format!("{HEADER}\n{READ}\n{READ}\n").as_bytes());
        assert!(matches!(overlapping, Err(ReadError::Malformed(LineNumber(3), _))));
    }

    #[test]
    fn nothing_stands_behind_the_end() {
        let behind = read(format!("{HEADER}\n{{\"f\":\"end\"}}\n{READ}\n").as_bytes());
        assert!(matches!(behind, Err(ReadError::BehindEnd(LineNumber(3)))), "{behind:?}");
    }

    #[test]
    fn endless_line_is_refused() {
        let length = usize::try_from(LINE_BYTES_MAX).unwrap() + 1;
        let endless = read(" ".repeat(length).as_bytes());
        assert!(matches!(endless, Err(ReadError::LineTooLong(LineNumber(1)))));
    }
}
