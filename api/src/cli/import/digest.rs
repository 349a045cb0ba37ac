//! What makes two dumps the same: the content of the tables we read.
//!
//! Packing, the form of the statements, the order of tables and of the rows within them (which changes when a dump is
//! restored) and everything around them do not count. The columns, their order and the server's time zone do.
//!
//! Each row is hashed alone and the hashes are added up. That tells honest dumps apart; it is no proof against
//! somebody who makes one dump to pass for another.

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
    tables: BTreeMap<TableKind, RowSum>,
    scratch: Vec<u8>,
}

/// What a table's rows come to.
#[derive(Debug, Default)]
struct RowSum {
    rows: u64,
    /// Of all rows' hashes, as one number of 256 bits, lowest word first.
    sum: [u64; 4],
}

impl RowSum {
    fn add(&mut self, hash: [u8; 32]) {
        self.rows += 1;
        let mut carry = false;
        for (word, bytes) in self.sum.iter_mut().zip(hash.as_chunks().0) {
            (*word, carry) = word.carrying_add(u64::from_le_bytes(*bytes), carry);
        }
    }
}

impl ContentDigest {
    /// Takes one row of `kind`, whose columns are `columns`.
    pub fn update(&mut self, kind: TableKind, columns: &[String], row: Row<'_>) {
        self.scratch.clear();
        for (column, value) in columns.iter().zip(row.iter()) {
            put(&mut self.scratch, Some(column));
            put(&mut self.scratch, value);
        }
        self.tables.entry(kind).or_default().add(Sha256::digest(&self.scratch).into());
    }

    /// The digest of all that was taken.
    #[must_use]
    pub fn finish(self) -> DumpDigest {
        let mut whole = Sha256::new();
        for (kind, RowSum { rows, sum }) in self.tables {
            whole.update(kind.name());
            whole.update([0]);
            whole.update(rows.to_le_bytes());
            sum.iter().for_each(|word| whole.update(word.to_le_bytes()));
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
    fn the_order_of_tables_and_rows_does_not_count_and_their_number_does() {
        let one = (TableKind::Tag, "xy", &[Some((0, 1)), Some((1, 2))][..]);
        let two = (TableKind::Zone, "z", &[None, Some((0, 1))][..]);
        let three = (TableKind::Tag, "xy", &[Some((0, 2)), None][..]);
        assert_eq!(digest(&[one, two, three]), digest(&[two, one, three]));
        assert_eq!(digest(&[one, three]), digest(&[three, one]));
        assert_ne!(digest(&[one, one]), digest(&[one]));
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
