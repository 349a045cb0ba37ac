//! What makes two dumps the same: the content of the tables we read.
//!
//! Packing, the form of the statements, the order of tables and everything around them do not count. The order of
//! columns and of the rows within a table does, which PostgreSQL does not change as long as nothing is written.

use crate::cli::import::pg_dump::event::Row;
use crate::cli::import::tables::TableKind;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::fmt;

/// SHA-256 over a dump's content.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct DumpDigest(pub [u8; 32]);

impl fmt::Display for DumpDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for DumpDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Takes rows as they come.
#[derive(Debug, Default)]
pub struct ContentDigest {
    tables: BTreeMap<TableKind, Sha256>,
    scratch: Vec<u8>,
}

impl ContentDigest {
    /// Takes one row of `kind`, whose columns are `columns`.
    pub fn update(&mut self, kind: TableKind, columns: &[String], row: Row<'_>) {
        self.scratch.clear();
        let hash = self.tables.entry(kind).or_insert_with(|| {
            columns.iter().for_each(|column| put(&mut self.scratch, Some(column)));
            Sha256::new()
        });
        row.iter().for_each(|value| put(&mut self.scratch, value));
        hash.update(&self.scratch);
    }

    /// The digest of all that was taken.
    #[must_use]
    pub fn finish(self) -> DumpDigest {
        let mut whole = Sha256::new();
        for (kind, hash) in self.tables {
            whole.update(kind.name());
            whole.update([0]);
            whole.update(hash.finalize());
        }
        DumpDigest(whole.finalize().into())
    }
}

/// Appends a value so that no two lists of values give the same bytes.
fn put(bytes: &mut Vec<u8>, value: Option<&str>) {
    match value {
        None => bytes.push(0),
        Some(text) => {
            bytes.push(1);
            bytes.extend_from_slice(&(text.len() as u64).to_le_bytes());
            bytes.extend_from_slice(text.as_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::import::pg_dump::event::Span;

    fn digest(rows: &[(TableKind, &str, &[Span])]) -> String {
        let mut content = ContentDigest::default();
        for (kind, text, spans) in rows {
            content.update(*kind, &["a".into(), "b".into()], Row::new(text, spans));
        }
        content.finish().to_string()
    }

    #[test]
    fn the_order_of_tables_does_not_count_and_the_order_of_rows_does() {
        let one = (TableKind::Tag, "xy", &[Some((0, 1)), Some((1, 2))][..]);
        let two = (TableKind::Zone, "z", &[None, Some((0, 1))][..]);
        let three = (TableKind::Tag, "xy", &[Some((0, 2)), None][..]);
        assert_eq!(digest(&[one, two, three]), digest(&[two, one, three]));
        assert_ne!(digest(&[one, three]), digest(&[three, one]));
    }

    #[test]
    fn values_do_not_run_into_each_other() {
        let halves = digest(&[(TableKind::Tag, "xy", &[Some((0, 1)), Some((1, 2))])]);
        let whole = digest(&[(TableKind::Tag, "xy", &[Some((0, 2)), Some((2, 2))])]);
        let null = digest(&[(TableKind::Tag, "xy", &[Some((0, 2)), None])]);
        assert_ne!(halves, whole);
        assert_ne!(whole, null);
        assert_eq!(halves.len(), 64);
    }
}
