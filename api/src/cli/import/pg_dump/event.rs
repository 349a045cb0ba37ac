//! What a dump tells, piece by piece. Rows borrow the reader's buffer: look, take what you need, go on.

use std::fmt;

/// The name of a table, as in the catalogue (no quotes).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TableName {
    /// The schema; `public` where the script leaves it out.
    pub schema: String,
    /// The name within the schema.
    pub name: String,
}

impl fmt::Display for TableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.schema, self.name)
    }
}

/// How the rows of a table are written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// One `COPY` section: the whole table at once, also when it is empty.
    Copy,
    /// `INSERT` statements: an empty table leaves no trace.
    Insert,
}

/// A table whose rows follow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: TableName,
    /// The columns in the order of the values in each row.
    pub columns: Vec<String>,
    /// How the rows are written.
    pub form: Form,
}

/// Where a value stands in a row's text; `None` for SQL's null.
pub type Span = Option<(usize, usize)>;

/// One row. All values are text as `COPY` writes them, whatever form the dump has.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    text: &'a str,
    spans: &'a [Span],
}

impl<'a> Row<'a> {
    /// A row over decoded text. Spans lie on character boundaries of `text`.
    #[must_use]
    pub const fn new(text: &'a str, spans: &'a [Span]) -> Self {
        Self { text, spans }
    }

    /// The value of the column at `index`; `None` for null, and past the last column.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<&'a str> {
        let (start, end) = self.spans.get(index).copied().flatten()?;
        self.text.get(start..end)
    }

    /// The values in order.
    pub fn iter(&self) -> impl Iterator<Item = Option<&'a str>> + '_ {
        (0..self.spans.len()).map(|index| self.get(index))
    }
}

/// What a sequence stood at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sequence {
    /// Its name.
    pub name: TableName,
    /// The value the next `nextval` gives.
    pub next: i64,
}

/// One piece of a dump.
#[derive(Debug)]
pub enum Event<'a> {
    /// What follows belongs to this database. Scripts of `pg_dump` name none.
    DatabaseStarted(&'a str),
    /// The script makes this table. Told for wanted tables only.
    TableDefined(&'a TableName),
    /// Rows of this table follow. With `INSERT` statements a table may start more than once.
    TableStarted(&'a Table),
    /// One row of the table that started last.
    Row(Row<'a>),
    /// So many rows of the table that started last, which is not wanted.
    RowsSkipped(u64),
    /// The state of a sequence.
    SequenceValue(&'a Sequence),
    /// The script is complete.
    End,
}
