//! Where in a dump something stands, and why the dump cannot be read any further.

use std::{fmt, io};

/// A place in the script, as it is after decompression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// Line, counted from 1.
    pub line: u64,
    /// Byte, counted from 0.
    pub byte: u64,
}

impl Position {
    /// The first byte of a script.
    pub const START: Self = Self { line: 1, byte: 0 };

    /// The place `bytes` further on in the same line.
    #[must_use]
    pub const fn after(self, bytes: usize) -> Self {
        Self { line: self.line, byte: self.byte + bytes as u64 }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, byte {}", self.line, self.byte)
    }
}

/// Why reading stopped. None of these comes from odd content of rows; each means that the script is damaged, cut
/// short, or not of a kind this reader understands.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The input itself failed: disk, decompression, a child process.
    #[error("input failed at {at}")]
    Io {
        /// How far reading had come.
        at: Position,
        /// What the input said.
        source: io::Error,
    },
    /// A line that no dump of a real database holds.
    #[error("line longer than {bytes_max} bytes at {at}")]
    LineTooLong {
        /// Start of the line.
        at: Position,
        /// The limit it breaks.
        bytes_max: usize,
    },
    /// A statement that would have to be held in memory and is too long for it.
    #[error(
        "statement longer than {bytes_max} bytes at {at}; \
         make the dump without --inserts or with a smaller --rows-per-insert"
    )]
    StatementTooLong {
        /// Start of the statement.
        at: Position,
        /// The limit it breaks.
        bytes_max: usize,
    },
    /// Bytes that are not UTF-8.
    #[error("text is not UTF-8 at {at}")]
    NotUtf8 {
        /// The first byte that does not fit.
        at: Position,
    },
    /// A zero byte: not a text at all.
    #[error("binary data at {at}: this is not a plain SQL dump, or it is damaged")]
    Binary {
        /// Where the zero byte stands.
        at: Position,
    },
    /// The script says it is in an encoding other than UTF-8.
    #[error("dump is in encoding {encoding} ({at}); make it with pg_dump --encoding=UTF8")]
    Encoding {
        /// The `SET` line.
        at: Position,
        /// The name given there.
        encoding: String,
    },
    /// The script ends among the rows of a table.
    #[error("dump is cut short: the rows of {table}, begun at {at}, have no end")]
    CopyNotEnded {
        /// The table.
        table: String,
        /// Its `COPY` line.
        at: Position,
    },
    /// The script ends within a statement.
    #[error("dump is cut short: the statement begun at {at} has no end")]
    StatementNotEnded {
        /// Start of the statement.
        at: Position,
    },
    /// The script has pg_dump's opening line, but not the closing one.
    #[error(
        "dump is cut short: its closing line (\"PostgreSQL database dump complete\") is missing"
    )]
    DumpNotEnded,
    /// The end mark of a `COPY` section where none is open.
    #[error("end of rows without their beginning at {at}: the dump is damaged")]
    StrayEnd {
        /// The line.
        at: Position,
    },
    /// A row with more or fewer values than its table has columns.
    #[error("row of {table} at {at} has {found} values where {expected} are due")]
    RowShape {
        /// The table.
        table: String,
        /// The row.
        at: Position,
        /// Columns of the table.
        expected: usize,
        /// Values in the row.
        found: usize,
    },
    /// A `COPY` or `INSERT` statement in a form that pg_dump does not write.
    #[error("cannot read the statement at {at}: {reason}")]
    Statement {
        /// The statement.
        at: Position,
        /// What stands in the way.
        reason: &'static str,
    },
    /// Rows without column names, and no `CREATE TABLE` that gives them.
    #[error(
        "the columns of {table} are not named at {at} and the dump has no CREATE TABLE for it; \
         make the dump with plain pg_dump, or with --column-inserts"
    )]
    ColumnsUnknown {
        /// The table.
        table: String,
        /// The statement.
        at: Position,
    },
    /// A psql command that would bring in other files.
    #[error("psql command {command} at {at} refers to another file; make one complete dump")]
    OtherFile {
        /// The line.
        at: Position,
        /// The command.
        command: String,
    },
    /// More tables than any database has.
    #[error("more than {tables_max} tables at {at}")]
    TooManyTables {
        /// The table that was one too many.
        at: Position,
        /// The limit.
        tables_max: usize,
    },
}
