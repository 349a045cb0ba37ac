//! A state as a sequence of records, and back. Files, blocks and compression are not known here.
//!
//! The first record is the [`Header`]; every other is one row. Secondary indexes are left out: they are built again
//! from the rows. Loading checks the digest, so a state that was not written whole is not loaded.

use crate::codec::{self, CodecError};
use crate::derivation::follow::rebuilt;
use crate::planted::{self, Planted};
use crate::state::State;
use crate::state::digest::Digest;
use crate::state::idempotency::KeyUse;
use crate::state::meta::Meta;
use crate::state::session::{KeptReply, Session};
use crate::state::table::{Row, Table};
use crate::state::tables::{KindVisitor, Stored, TableVisitor, visit_kind};
use serde::{Deserialize, Serialize};

/// What a snapshot says about itself before its rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// Identity, clock and counters.
    pub meta: Meta,
    /// How many rows follow.
    pub rows: u64,
    /// The digest of the whole state.
    pub digest: Digest,
}

/// Why records could not be made a state.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// A record is no record.
    #[error("record {number} does not decode")]
    Record {
        /// Which, counted from zero.
        number: u64,
        /// Why.
        #[source]
        source: CodecError,
    },
    /// A record belongs to a table this build does not have.
    #[error("record {number} belongs to table {kind}, which this build does not know")]
    Kind {
        /// Which record.
        number: u64,
        /// The table's number.
        kind: u8,
    },
    /// Fewer or more rows than the header announced.
    #[error("snapshot announces {announced} rows and has {found}")]
    Rows {
        /// As the header says.
        announced: u64,
        /// As counted.
        found: u64,
    },
    /// Not one record.
    #[error("snapshot is empty")]
    Empty,
    /// The rows are not those that were written.
    #[error("digest of the loaded state is {found}, the snapshot says {announced}")]
    Digest {
        /// As the header says.
        announced: Digest,
        /// As computed.
        found: Digest,
    },
}

/// Hands every record of `state` to `sink`, in a fixed order.
///
/// # Errors
/// The first error of the sink.
pub fn write<E>(state: &State, sink: &mut impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
    if planted::is(Planted::RequestIdsNotInSnapshot) {
        return write_all(&without::<KeyUse>(state.clone()), sink);
    }
    write_all(state, sink)
}

fn write_all<E>(state: &State, sink: &mut impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
    let Ok(rows) = count_rows(state);
    let header = Header { meta: state.meta().clone(), rows, digest: state.digest() };
    sink(&codec::to_bare(&header))?;
    state.tables().visit(&mut WriteRows(sink))
}

struct WriteRows<'a, S>(&'a mut S);

impl<E, S: FnMut(&[u8]) -> Result<(), E>> TableVisitor for WriteRows<'_, S> {
    type Error = E;

    fn visit<T: Stored>(&mut self, table: &Table<T::Id, T>) -> Result<(), E> {
        table.iter().try_for_each(|(id, row)| {
            let mut record = vec![T::KIND as u8];
            record.extend(codec::to_bare(&(id, row.as_ref())));
            (self.0)(&record)
        })
    }
}

fn count_rows(state: &State) -> Result<u64, std::convert::Infallible> {
    struct Count(u64);
    impl TableVisitor for Count {
        type Error = std::convert::Infallible;
        fn visit<T: Stored>(&mut self, table: &Table<T::Id, T>) -> Result<(), Self::Error> {
            self.0 += table.len() as u64;
            Ok(())
        }
    }
    let mut count = Count(0);
    state.tables().visit(&mut count).map(|()| count.0)
}

/// A state being loaded, record by record.
#[derive(Default)]
pub struct Loader {
    header: Option<Header>,
    state: State,
    rows: u64,
}

impl Loader {
    /// Takes the next record.
    ///
    /// # Errors
    /// [`SnapshotError`] if it is none.
    pub fn record(&mut self, record: &[u8]) -> Result<(), SnapshotError> {
        if self.header.is_none() {
            let wrong = |source| SnapshotError::Record { number: 0, source };
            let header: Header = codec::from_bare(record).map_err(wrong)?;
            self.state = State::new(header.meta.clone());
            self.header = Some(header);
            return Ok(());
        }
        self.rows += 1;
        let number = self.rows;
        let (kind, row) = record
            .split_first()
            .ok_or(SnapshotError::Record { number, source: CodecError::Short(0) })?;
        visit_kind(*kind, LoadRow { state: &mut self.state, row })
            .ok_or(SnapshotError::Kind { number, kind: *kind })?
            .map_err(|source| SnapshotError::Record { number, source })
    }

    /// The whole state, if all of it came.
    ///
    /// # Errors
    /// [`SnapshotError::Rows`] or [`SnapshotError::Digest`] if it is not what was written.
    pub fn finish(mut self) -> Result<State, SnapshotError> {
        let header = self.header.ok_or(SnapshotError::Empty)?;
        if header.rows != self.rows {
            return Err(SnapshotError::Rows { announced: header.rows, found: self.rows });
        }
        let found = self.state.digest();
        if header.digest != found && !planted::is(Planted::SnapshotWithoutChecksum) {
            return Err(SnapshotError::Digest { announced: header.digest, found });
        }
        let dns = rebuilt(&self.state);
        self.state.set_dns(dns);
        Ok(self.state)
    }
}

/// The state a node goes on with that has loaded this one from another node.
#[must_use]
pub fn installed(state: State) -> State {
    if planted::is(Planted::SessionsLostAtInstall) {
        return without::<KeptReply>(without::<Session>(state));
    }
    state
}

/// Only for planted bugs: a state that has lost all rows of one table.
fn without<T: Stored>(mut state: State) -> State {
    let ids: Vec<T::Id> = T::table(state.tables()).iter().map(|(id, _)| id.clone()).collect();
    for id in &ids {
        state.take::<T>(id);
    }
    state
}

struct LoadRow<'a> {
    state: &'a mut State,
    row: &'a [u8],
}

impl KindVisitor for LoadRow<'_> {
    type Output = Result<(), CodecError>;

    fn visit<T: Stored>(self) -> Self::Output {
        let (id, row): (T::Id, Row<T>) = codec::from_bare(self.row)?;
        self.state.put(id, row);
        Ok(())
    }
}
