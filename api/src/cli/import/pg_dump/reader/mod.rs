//! The reader: from lines to events.
//!
//! Memory is bounded by one line and one statement that matters. Rows of tables nobody wants are stepped over
//! without being decoded or checked.

use crate::cli::import::pg_dump::copy;
use crate::cli::import::pg_dump::error::{Position, ReadError};
use crate::cli::import::pg_dump::event::{Event, Form, Row, Sequence, Span, Table, TableName};
use crate::cli::import::pg_dump::insert::{Tuple, Tuples};
use crate::cli::import::pg_dump::lines::{END_OF_ROWS, Lines, Skipped, trim_line_end};
use crate::cli::import::pg_dump::meta_command::{self, MetaCommand};
use crate::cli::import::pg_dump::scanner::Scanner;
use crate::cli::import::pg_dump::statement::{self, InsertHead, Kind, Setting};
use std::collections::BTreeMap;
use std::io::BufRead;
use std::ops::Range;

/// No line may be longer. PostgreSQL's own limit for a value is 1 GiB; MAAS's longest are a few MiB.
pub const LINE_BYTES_MAX: usize = 64 << 20;

/// No statement that must be held (an `INSERT` into a wanted table) may be longer.
pub const STATEMENT_BYTES_MAX: usize = 64 << 20;

/// So many wanted tables may be defined in one database.
pub const TABLES_DEFINED_MAX: usize = 10_000;

/// Rows of an unwanted table that are stepped over before the caller is told, so that it can show progress.
pub const ROWS_SKIPPED_AT_ONCE_MAX: u64 = 1 << 16;

/// So much of unwanted rows, however long each is.
pub const BYTES_SKIPPED_AT_ONCE_MAX: u64 = 16 << 20;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
const DUMP_OPENINGS: [&[u8]; 2] =
    [b"-- PostgreSQL database dump", b"-- PostgreSQL database cluster dump"];
const DUMP_CLOSINGS: [&[u8]; 2] =
    [b"-- PostgreSQL database dump complete", b"-- PostgreSQL database cluster dump complete"];

/// Reads a dump event by event.
#[derive(Debug)]
pub struct Reader<R> {
    lines: Lines<R>,
    wanted: fn(&TableName) -> bool,
    phase: Phase,
    /// The line in hand; after a row was found in it, the row's decoded text.
    line: Vec<u8>,
    /// How much of the line has been dealt with.
    cursor: usize,
    scanner: Scanner,
    /// The text of the statement being collected, if it matters.
    statement: Vec<u8>,
    statement_at: Position,
    kind: Kind,
    spans: Vec<Span>,
    row: Range<usize>,
    database: String,
    table: Table,
    defined: BTreeMap<TableName, Vec<String>>,
    defined_last: TableName,
    sequence: Sequence,
    backslash_quotes: bool,
    dumps_open: u32,
}

/// What the next line is part of.
#[derive(Debug)]
enum Phase {
    /// Between statements.
    Between,
    /// In a statement.
    Statement,
    /// Among the rows of a wanted table.
    Rows,
    /// Among the rows of another table.
    UnwantedRows,
    /// Among the values of an `INSERT` into a wanted table, which `statement` holds.
    Values(Tuples),
    /// An `INSERT` into an unwanted table has been passed; so many rows are still to be told.
    Passed(u64),
    /// After the last line.
    Ended,
}

/// What was found, without the borrow that an [`Event`] holds.
enum Found {
    Database,
    Defined,
    Table,
    CopyRow,
    InsertRow,
    Skipped(u64),
    Sequence,
    End,
}

impl<R: BufRead> Reader<R> {
    /// A reader that gives the rows of the tables for which `wanted` holds.
    pub fn new(input: R, wanted: fn(&TableName) -> bool) -> Self {
        let nothing = || TableName { schema: String::new(), name: String::new() };
        Self {
            lines: Lines::new(input, LINE_BYTES_MAX),
            wanted,
            phase: Phase::Between,
            line: Vec::new(),
            cursor: 0,
            scanner: Scanner::new(false),
            statement: Vec::new(),
            statement_at: Position::START,
            kind: Kind::Other,
            spans: Vec::new(),
            row: 0..0,
            database: String::new(),
            table: Table { name: nothing(), columns: Vec::new(), form: Form::Copy },
            defined: BTreeMap::new(),
            defined_last: nothing(),
            sequence: Sequence { name: nothing(), next: 0 },
            backslash_quotes: false,
            dumps_open: 0,
        }
    }

    /// Start of the line read last.
    #[must_use]
    pub const fn position(&self) -> Position {
        self.lines.position()
    }

    /// The next piece of the dump. After [`Event::End`] there is only that.
    ///
    /// # Errors
    /// If the input fails, is damaged, cut short, or not a dump that can be read.
    pub fn next_event(&mut self) -> Result<Event<'_>, ReadError> {
        let found = loop {
            if let Some(found) = self.step()? {
                break found;
            }
        };
        Ok(match found {
            Found::Database => Event::DatabaseStarted(&self.database),
            Found::Defined => Event::TableDefined(&self.defined_last),
            Found::Table => Event::TableStarted(&self.table),
            Found::CopyRow => Event::Row(row(&self.line, self.position(), &self.spans)?),
            Found::InsertRow => {
                let text = &self.statement[self.row.clone()];
                Event::Row(row(text, self.statement_at, &self.spans)?)
            }
            Found::Skipped(rows) => Event::RowsSkipped(rows),
            Found::Sequence => Event::SequenceValue(&self.sequence),
            Found::End => Event::End,
        })
    }

    fn step(&mut self) -> Result<Option<Found>, ReadError> {
        match &mut self.phase {
            Phase::Between => self.between(),
            Phase::Statement => self.continue_statement(),
            Phase::Rows => self.copied_row(),
            Phase::UnwantedRows => self.unwanted_rows(),
            Phase::Values(tuples) => {
                let tuple = tuples.next(&mut self.statement, &mut self.spans);
                self.inserted_row(tuple)
            }
            Phase::Passed(rows) => {
                let rows = *rows;
                self.phase = Phase::Between;
                Ok(Some(Found::Skipped(rows)))
            }
            Phase::Ended => Ok(Some(Found::End)),
        }
    }

    /// Takes the next line, unless the one in hand still holds something.
    fn between(&mut self) -> Result<Option<Found>, ReadError> {
        if self.cursor >= self.line.len() {
            if !self.read_line()? {
                return self.end().map(Some);
            }
            if self.position() == Position::START && self.line.starts_with(BYTE_ORDER_MARK) {
                self.cursor = BYTE_ORDER_MARK.len();
            }
        }
        let line = &self.line[self.cursor..];
        let line_end = self.line.len();
        if line.starts_with(b"--") {
            self.note_comment();
            self.cursor = line_end;
            return Ok(None);
        }
        if line.starts_with(b"\\") {
            return self.meta_command();
        }
        self.statement_at = self.position().after(self.cursor);
        self.scanner = Scanner::new(self.backslash_quotes);
        self.statement.clear();
        self.phase = Phase::Statement;
        self.kind = if line.trim_ascii().is_empty() { Kind::Other } else { self.classify()? };
        Ok(None)
    }

    fn read_line(&mut self) -> Result<bool, ReadError> {
        self.cursor = 0;
        let found = self.lines.read(&mut self.line)?;
        if let Some(offset) = self.line.iter().position(|byte| *byte == 0) {
            return Err(ReadError::Binary { at: self.position().after(offset) });
        }
        Ok(found)
    }

    fn end(&mut self) -> Result<Found, ReadError> {
        if self.dumps_open > 0 {
            return Err(ReadError::DumpNotEnded);
        }
        self.phase = Phase::Ended;
        Ok(Found::End)
    }

    /// pg_dump frames its output in two comments; by the second one we know that nothing is missing.
    fn note_comment(&mut self) {
        let comment = self.line.trim_ascii_end();
        if DUMP_OPENINGS.contains(&comment) {
            self.dumps_open = self.dumps_open.saturating_add(1);
        } else if DUMP_CLOSINGS.contains(&comment) {
            self.dumps_open = self.dumps_open.saturating_sub(1);
        }
    }

    fn meta_command(&mut self) -> Result<Option<Found>, ReadError> {
        let at = self.position();
        let line = trim_line_end(&self.line[self.cursor..]);
        if line == END_OF_ROWS {
            return Err(ReadError::StrayEnd { at });
        }
        let command = meta_command::parse(utf8(line, at)?);
        self.cursor = self.line.len();
        match command {
            MetaCommand::Harmless => Ok(None),
            MetaCommand::OtherFile(command) => Err(ReadError::OtherFile { at, command }),
            MetaCommand::Connect(name) => {
                self.database = name;
                self.defined.clear();
                self.table.columns.clear();
                self.table.name.name.clear();
                self.backslash_quotes = false;
                Ok(Some(Found::Database))
            }
        }
    }

    /// What the statement that begins at the cursor is, and whether its text will matter.
    fn classify(&self) -> Result<Kind, ReadError> {
        let line = utf8(&self.line[self.cursor..], self.statement_at)?;
        statement::classify(line).ok_or(ReadError::Statement {
            at: self.statement_at,
            reason: "it is not written the way pg_dump writes it",
        })
    }

    fn is_kept(&self) -> bool {
        match &self.kind {
            Kind::Copy | Kind::SetValue | Kind::Set => true,
            Kind::Insert(InsertHead { table, .. }) | Kind::CreateTable(table) => {
                (self.wanted)(table)
            }
            Kind::Other => false,
        }
    }

    fn continue_statement(&mut self) -> Result<Option<Found>, ReadError> {
        if self.cursor >= self.line.len() && !self.read_line()? {
            return Err(ReadError::StatementNotEnded { at: self.statement_at });
        }
        let ended = self.scanner.feed(&self.line, self.cursor);
        let until = ended.unwrap_or(self.line.len());
        if self.is_kept() {
            if self.statement.len() + (until - self.cursor) > STATEMENT_BYTES_MAX {
                return Err(ReadError::StatementTooLong {
                    at: self.statement_at,
                    bytes_max: STATEMENT_BYTES_MAX,
                });
            }
            self.statement.extend_from_slice(&self.line[self.cursor..until]);
        }
        self.cursor = until;
        if ended.is_none() {
            if self.scanner.is_blank() {
                self.phase = Phase::Between;
            }
            return Ok(None);
        }
        self.phase = Phase::Between;
        if self.line[until..].trim_ascii().is_empty() {
            self.cursor = self.line.len();
        }
        match std::mem::replace(&mut self.kind, Kind::Other) {
            Kind::Copy => self.copy_statement().map(Some),
            Kind::Insert(head) => self.insert_statement(head),
            Kind::CreateTable(name) => self.create_table(name),
            Kind::SetValue => self.set_value(),
            Kind::Set => self.set().map(|()| None),
            Kind::Other => Ok(None),
        }
    }

    fn copy_statement(&mut self) -> Result<Found, ReadError> {
        let at = self.statement_at;
        let head =
            statement::copy_head(utf8(&self.statement, at)?).ok_or(ReadError::Statement {
                at,
                reason: "only COPY … FROM stdin without options can be read",
            })?;
        let is_wanted = (self.wanted)(&head.table);
        let columns = self.columns(&head.table, head.columns)?;
        self.table = Table { name: head.table, columns, form: Form::Copy };
        self.phase = if is_wanted { Phase::Rows } else { Phase::UnwantedRows };
        self.cursor = self.line.len();
        Ok(Found::Table)
    }

    /// The columns as named, else as the table was made. Of no interest for an unwanted table.
    fn columns(
        &self,
        table: &TableName,
        named: Option<Vec<String>>,
    ) -> Result<Vec<String>, ReadError> {
        if let Some(columns) = named.or_else(|| self.defined.get(table).cloned()) {
            return Ok(columns);
        }
        if (self.wanted)(table) {
            let table = table.to_string();
            return Err(ReadError::ColumnsUnknown { table, at: self.statement_at });
        }
        Ok(Vec::new())
    }

    fn copied_row(&mut self) -> Result<Option<Found>, ReadError> {
        let table_at = self.statement_at;
        if !self.read_line()? {
            let table = self.table.name.to_string();
            return Err(ReadError::CopyNotEnded { table, at: table_at });
        }
        let length = trim_line_end(&self.line).len();
        if &self.line[..length] == END_OF_ROWS {
            self.phase = Phase::Between;
            self.cursor = self.line.len();
            return Ok(None);
        }
        if length == self.line.len() {
            // The last line has no line end: even if it looks like a row, it is half of one.
            let table = self.table.name.to_string();
            return Err(ReadError::CopyNotEnded { table, at: table_at });
        }
        self.line.truncate(length);
        utf8(&self.line, self.position())?;
        let length = copy::decode_row(&mut self.line, &mut self.spans);
        self.line.truncate(length);
        self.check_shape(self.position())?;
        Ok(Some(Found::CopyRow))
    }

    fn check_shape(&self, at: Position) -> Result<(), ReadError> {
        if self.spans.len() == self.table.columns.len() {
            return Ok(());
        }
        Err(ReadError::RowShape {
            table: self.table.name.to_string(),
            at,
            expected: self.table.columns.len(),
            found: self.spans.len(),
        })
    }

    fn unwanted_rows(&mut self) -> Result<Option<Found>, ReadError> {
        match self.lines.skip_rows(ROWS_SKIPPED_AT_ONCE_MAX, BYTES_SKIPPED_AT_ONCE_MAX)? {
            Skipped::Some(rows) => Ok(Some(Found::Skipped(rows))),
            Skipped::All(rows) => {
                self.phase = Phase::Between;
                Ok(Some(Found::Skipped(rows)))
            }
            Skipped::Cut => Err(ReadError::CopyNotEnded {
                table: self.table.name.to_string(),
                at: self.statement_at,
            }),
        }
    }

    fn insert_statement(&mut self, head: InsertHead) -> Result<Option<Found>, ReadError> {
        let is_wanted = (self.wanted)(&head.table);
        let lists = u64::from(head.columns.is_some());
        self.phase = if is_wanted {
            Phase::Values(Tuples::new(head.values_at, self.backslash_quotes))
        } else {
            Phase::Passed(self.scanner.groups().saturating_sub(lists))
        };
        let columns = self.columns(&head.table, head.columns)?;
        let table = Table { name: head.table, columns, form: Form::Insert };
        if table == self.table {
            return Ok(None);
        }
        self.table = table;
        Ok(Some(Found::Table))
    }

    fn inserted_row(&mut self, tuple: Option<Tuple>) -> Result<Option<Found>, ReadError> {
        let at = self.statement_at;
        match tuple {
            None => Err(ReadError::Statement { at, reason: "a value is not a plain literal" }),
            Some(Tuple::End) => {
                self.phase = Phase::Between;
                Ok(None)
            }
            Some(Tuple::Row(range)) => {
                self.row = range;
                self.check_shape(at)?;
                Ok(Some(Found::InsertRow))
            }
        }
    }

    fn create_table(&mut self, name: TableName) -> Result<Option<Found>, ReadError> {
        if !(self.wanted)(&name) {
            return Ok(None);
        }
        if self.defined.len() >= TABLES_DEFINED_MAX {
            return Err(ReadError::TooManyTables {
                at: self.statement_at,
                tables_max: TABLES_DEFINED_MAX,
            });
        }
        let text = utf8(&self.statement, self.statement_at)?;
        if let Some(columns) = statement::columns_of_create_table(text) {
            self.defined.insert(name.clone(), columns);
        }
        self.defined_last = name;
        Ok(Some(Found::Defined))
    }

    fn set_value(&mut self) -> Result<Option<Found>, ReadError> {
        let text = utf8(&self.statement, self.statement_at)?;
        self.sequence = statement::sequence(text).ok_or(ReadError::Statement {
            at: self.statement_at,
            reason: "setval is not called with a name and a number",
        })?;
        Ok(Some(Found::Sequence))
    }

    fn set(&mut self) -> Result<(), ReadError> {
        match statement::setting(utf8(&self.statement, self.statement_at)?) {
            Some(Setting::ClientEncoding(encoding)) if !is_utf8(&encoding) => {
                return Err(ReadError::Encoding { at: self.statement_at, encoding });
            }
            Some(Setting::StandardConformingStrings(is_on)) => self.backslash_quotes = !is_on,
            Some(Setting::ClientEncoding(_)) | None => {}
        }
        Ok(())
    }
}

/// The names PostgreSQL has for UTF-8. `SQL_ASCII` means "whatever it was"; each row is checked anyway.
fn is_utf8(encoding: &str) -> bool {
    ["utf8", "utf-8", "unicode", "sql_ascii"].iter().any(|name| encoding.eq_ignore_ascii_case(name))
}

fn utf8(bytes: &[u8], at: Position) -> Result<&str, ReadError> {
    std::str::from_utf8(bytes)
        .map_err(|error| ReadError::NotUtf8 { at: at.after(error.valid_up_to()) })
}

/// A row over decoded text. Escapes may have made bytes that are no text, or put a character across two values.
fn row<'a>(text: &'a [u8], at: Position, spans: &'a [Span]) -> Result<Row<'a>, ReadError> {
    let text = std::str::from_utf8(text).map_err(|_| ReadError::NotUtf8 { at })?;
    let is_whole = |&(start, end): &(usize, usize)| text.get(start..end).is_some();
    if spans.iter().flatten().all(is_whole) {
        Ok(Row::new(text, spans))
    } else {
        Err(ReadError::NotUtf8 { at })
    }
}

#[cfg(test)]
mod tests;
