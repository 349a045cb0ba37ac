//! What a run leaves behind, put together as its file would be read back: operations in the order in which their answers
//! became known, then notes.

use regent_check::history::line::{Header, Note, Operation};
use regent_check::history::reader::{History, LineNumber, Numbered};
use regent_check::history::sessions::{Malformed, Sessions};
use regent_check::history::writer::{HistoryWriter, WriteError};
use serde_json::Map;
use std::io::Write;

/// The history of these operations and notes, with the numbers their lines have in its file. Beside it the first rule of
/// the format that it breaks: then the harness is wrong, and the history says nothing.
#[must_use]
pub fn whole(
    seed: u64,
    operations: Vec<Operation>,
    notes: Vec<Note>,
) -> (History, Option<Malformed>) {
    let mut sessions = Sessions::default();
    let malformed = operations.iter().find_map(|operation| sessions.note(operation).err());
    // The first line is the header.
    let mut lines = (2..).map(LineNumber);
    let operations = numbered(operations, &mut lines);
    let notes = numbered(notes, &mut lines);
    let header = Header::new(seed, Map::new());
    (History { header, operations, notes, complete: true }, malformed)
}

fn numbered<T>(said: Vec<T>, lines: &mut impl Iterator<Item = LineNumber>) -> Vec<Numbered<T>> {
    // Lines come second: one that is taken is used.
    said.into_iter().zip(lines).map(|(said, line)| Numbered { line, said }).collect()
}

/// Writes it as a file of the format.
///
/// # Errors
/// [`WriteError`]: the file refused, or the harness broke a rule of the format.
pub fn write(history: &History, file: impl Write) -> Result<(), WriteError> {
    let mut writer = HistoryWriter::begin(file, &history.header)?;
    history.operations.iter().try_for_each(|told| writer.operation(&told.said))?;
    history.notes.iter().try_for_each(|told| writer.note(&told.said))?;
    writer.finish().map(drop)
}

#[cfg(test)]
mod tests {
    use super::{whole, write};
    use regent_check::history::line::{
        Function, Instant, Note, Operation, Phase, Process, Revision, Verdict,
    };
    use regent_check::history::reader::read;

    fn asked(process: u64, asked: u64) -> Operation {
        Operation {
            process: Process(process),
            function: Function::Read,
            key: Some("r1".into()),
            input: None,
            output: Some(serde_json::Value::Null),
            asked: Instant(asked),
            answered: Some(Instant(asked + 5)),
            verdict: Verdict::Ok,
            revision: Some(Revision(7)),
            level: None,
            node: Some("h1".into()),
            request_id: None,
            phase: Phase::UnderFaults,
        }
    }

    #[test]
    fn history_is_what_is_read_back_from_its_file() {
        let notes = vec![Note::Log { request_id: "c1".into(), revision: Revision(8) }];
        let (history, malformed) = whole(3, vec![asked(1, 10), asked(2, 11)], notes);
        assert_eq!(malformed, None);
        let mut file = Vec::new();
        write(&history, &mut file).unwrap();
        assert_eq!(read(&file[..]).unwrap(), history);
    }

    #[test]
    fn client_that_asks_two_things_at_once_is_the_mistake_of_the_harness() {
        let (_, malformed) = whole(3, vec![asked(1, 10), asked(1, 12)], Vec::new());
        assert!(malformed.is_some());
    }
}
