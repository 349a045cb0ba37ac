//! What a run leaves behind: the lines of its history, in the order in which they became known.

use regent_check::history::line::{Header, Note, Operation};
use regent_check::history::writer::{HistoryWriter, WriteError};
use serde_json::Map;
use std::io::Write;

/// A history in memory.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// What clients asked and were answered, in the order of the answers.
    pub operations: Vec<Operation>,
    /// Faults, and the committed log.
    pub notes: Vec<Note>,
}

impl History {
    /// Writes it as a file of the format.
    ///
    /// # Errors
    /// [`WriteError`]: the file refused, or the harness broke a rule of the format.
    pub fn write(&self, seed: u64, file: impl Write) -> Result<(), WriteError> {
        let mut writer = HistoryWriter::begin(file, &Header::new(seed, Map::new()))?;
        self.operations.iter().try_for_each(|operation| writer.operation(operation))?;
        self.notes.iter().try_for_each(|note| writer.note(note))?;
        writer.finish().map(drop)
    }
}
