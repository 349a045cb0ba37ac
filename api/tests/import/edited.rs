//! The hand-written dump with some of its rows changed, so that a test says only what is different.

use crate::hand;
use regent_api::cli::import::dump::Dump;
use regent_api::cli::import::mapping::{self, Mapped};
use regent_api::cli::import::oddity::Oddity;
use regent_api::cli::import::transfer::Transfer;
use regent_core::state::State;

/// Values of columns, by name, as a dump writes them.
pub(crate) type Values<'a> = &'a [(&'a str, &'a str)];

/// A dump in the making.
pub(crate) struct Edited(String);

impl Edited {
    /// The hand-written dump as it is.
    pub(crate) fn hand() -> Self {
        Self(std::fs::read_to_string(hand::path()).expect("the dump is there"))
    }

    /// With other values in the row of this key, which stands in the table's first column.
    pub(crate) fn with(mut self, table: &str, key: &str, values: Values<'_>) -> Self {
        let (rows, columns) = self.section(table);
        let row = self.row(rows, key);
        self.0.replace_range(row.0..row.1, &changed(&self.0[row.0..row.1], &columns, values));
        self
    }

    /// With a row more, before all others: as that of this key, with other values.
    pub(crate) fn first(mut self, table: &str, key: &str, values: Values<'_>) -> Self {
        let (rows, columns) = self.section(table);
        let row = self.row(rows, key);
        let more = changed(&self.0[row.0..row.1], &columns, values) + "\n";
        self.0.insert_str(rows, &more);
        self
    }

    /// As it is read.
    pub(crate) fn dump(&self) -> Dump {
        Dump::read_script(self.0.as_bytes(), &mut |_| {}).expect("the dump is whole")
    }

    /// What becomes of it, as of its newest row.
    pub(crate) fn mapped(&self) -> Mapped {
        let dump = self.dump();
        mapping::map(&dump, dump.as_of.expect("rows have dates"))
    }

    /// What an empty region makes of it.
    pub(crate) fn state(&self) -> State {
        let (dump, mapped) = (self.dump(), self.mapped());
        let transfer = Transfer::pack(&mapped, dump.digest).expect("it is not too large");
        transfer.rehearse().expect("the region takes it")
    }

    /// Where the rows of a table begin, and its columns. The dump has texts that look like its beginning before.
    fn section(&self, table: &str) -> (usize, Vec<String>) {
        let head = format!("\nCOPY public.{table} (");
        let columns = self.0.rfind(&head).expect("the table is there") + head.len();
        let end = columns + self.0[columns..].find(") FROM stdin;\n").expect("a COPY section");
        let names = self.0[columns..end].split(", ").map(|name| name.trim_matches('"').to_owned());
        (end + ") FROM stdin;\n".len(), names.collect())
    }

    /// From where to where a row stands.
    fn row(&self, rows: usize, key: &str) -> (usize, usize) {
        let wanted = format!("\n{key}\t");
        let start = rows + self.0[rows - 1..].find(&wanted).expect("the row is there");
        (start, start + self.0[start..].find('\n').expect("its end"))
    }
}

fn changed(row: &str, columns: &[String], values: Values<'_>) -> String {
    let mut fields: Vec<&str> = row.split('\t').collect();
    for (column, value) in values {
        let place = columns.iter().position(|name| name == column).expect("the column is there");
        fields[place] = value;
    }
    fields.join("\t")
}

/// What is told of a row that stays behind.
pub(crate) fn skipped(mapped: &Mapped, table: &str, key: &str) -> Vec<String> {
    reasons(mapped.report.skipped.as_slice(), table, key)
}

/// What is told of a row that comes in.
pub(crate) fn noted(mapped: &Mapped, table: &str, key: &str) -> Vec<String> {
    reasons(mapped.report.noted.as_slice(), table, key)
}

fn reasons(rows: &[Oddity], table: &str, key: &str) -> Vec<String> {
    let of_row = rows.iter().filter(|row| row.table == table && row.key == key);
    of_row.map(|row| row.reason.clone()).collect()
}
