//! The database of what the agent gave and may give. The only file that names redb.
//!
//! Every commit is in two phases: otherwise a crash together with a damaged page would bring the state before the last
//! commit back without a word. For the same reason each page's checksum is verified whenever the file is opened. Values
//! are sealed together with their key.

use crate::lease::record::Record;
use crate::remembered::{Remembered, Write};
use crate::store::durable;
use crate::store::trouble::{StoreError, Unusable};
use redb::{
    Builder, Database, DatabaseError, ReadTransaction, ReadableDatabase as _, ReadableTable as _,
    StorageError, Table, TableDefinition,
};
use regent_core::codec;
use rustix::io::Errno;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::io;
use std::net::Ipv4Addr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// File of the database.
pub const RECORDS_FILE: &str = "records.redb";
/// What redb may keep of the file in memory.
const CACHE_BYTES: usize = 16 << 20;

const PIECES: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("pieces");
const RECORDS: TableDefinition<'_, u32, &[u8]> = TableDefinition::new("records");
const LIFE: &str = "life";
const BOOT: &str = "boot";
const CLOCKS: &str = "clocks";
const EPOCH: &str = "epoch";
const NUMBERS_UNTIL: &str = "numbers_until";
const BLOCKS: &str = "blocks";
const VIEW: &str = "view";
/// Only there while the disk is tried.
const PROOF: &str = "proof";
const PROOF_BYTES: usize = 200 << 10;
/// What of the pieces belongs to one life.
const OF_A_LIFE: [&str; 5] = [EPOCH, BOOT, CLOCKS, NUMBERS_UNTIL, BLOCKS];

/// The open database.
pub(crate) struct Records {
    database: Database,
}

/// Why what is in a file cannot be had.
#[derive(Debug)]
pub(crate) enum Unreadable {
    /// That says nothing about the content.
    Refused(io::Error),
    /// A newer agent wrote it.
    Newer(u8),
    /// It is not what was written.
    Damaged(String),
}

impl Records {
    /// Makes an empty database at `path`. Until it is whole it has another name.
    pub(crate) fn create(path: &Path) -> Result<Self, StoreError> {
        let refused = |error| StoreError::Io(path.to_owned(), error);
        let unfinished = path.with_added_extension(durable::TEMPORARY);
        durable::remove_if_there(&unfinished).map_err(refused)?;
        let database = builder().create(&unfinished).map_err(|error| written(error.into()))?;
        let records = Self { database };
        records.write(&[])?;
        durable::rename(&unfinished, path).map_err(refused)?;
        Ok(records)
    }

    /// Opens the database at `path` and reads all of it, having verified it and shown that it can be written.
    pub(crate) fn open(path: &Path) -> Result<(Self, Remembered), Unreadable> {
        // A damaged file may make redb panic.
        catch_unwind(AssertUnwindSafe(|| {
            let records = Self { database: builder().open(path)? };
            let remembered = records.read()?;
            records.prove().map_err(unproved)?;
            Ok((records, remembered))
        }))
        .unwrap_or_else(|_| Err(Unreadable::Damaged("reading it panics".into())))
    }

    /// Writes all of this, or nothing, durably.
    pub(crate) fn write(&self, writes: &[Write]) -> Result<(), StoreError> {
        self.commit(writes).map_err(written)
    }

    /// Forgets everything, the view too, durably.
    pub(crate) fn forget_all(&self) -> Result<(), StoreError> {
        self.clear().map_err(written)
    }

    /// Shows that the disk takes a durable write and has room for what the next session brings at first. A life that the
    /// region begins and the disk does not take would be lost, and another one at each start.
    fn prove(&self) -> Result<(), redb::Error> {
        let ballast = vec![0; PROOF_BYTES];
        self.in_pieces(|pieces| pieces.insert(PROOF, ballast.as_slice()).map(drop))?;
        // What is not kept cannot be damaged.
        self.in_pieces(|pieces| pieces.remove(PROOF).map(drop))
    }

    fn in_pieces(
        &self,
        change: impl FnOnce(&mut Table<'_, &'static str, &'static [u8]>) -> Result<(), StorageError>,
    ) -> Result<(), redb::Error> {
        let mut transaction = self.database.begin_write()?;
        transaction.set_two_phase_commit(true);
        change(&mut transaction.open_table(PIECES)?)?;
        Ok(transaction.commit()?)
    }

    fn clear(&self) -> Result<(), redb::Error> {
        let mut transaction = self.database.begin_write()?;
        transaction.set_two_phase_commit(true);
        transaction.open_table(PIECES)?.retain(|_, _| false)?;
        transaction.open_table(RECORDS)?.retain(|_, _| false)?;
        Ok(transaction.commit()?)
    }

    fn commit(&self, writes: &[Write]) -> Result<(), redb::Error> {
        let mut transaction = self.database.begin_write()?;
        transaction.set_two_phase_commit(true);
        {
            let mut pieces = transaction.open_table(PIECES)?;
            let mut records = transaction.open_table(RECORDS)?;
            for write in writes {
                apply(write, &mut pieces, &mut records)?;
            }
        }
        Ok(transaction.commit()?)
    }

    fn read(&self) -> Result<Remembered, Unreadable> {
        let transaction = self.database.begin_read().map_err(redb::Error::from)?;
        Ok(Remembered {
            life: piece(&transaction, LIFE)?,
            boot: piece(&transaction, BOOT)?,
            clocks: piece(&transaction, CLOCKS)?,
            epoch: piece(&transaction, EPOCH)?,
            numbers_until: piece(&transaction, NUMBERS_UNTIL)?.unwrap_or_default(),
            records: all_records(&transaction)?,
            blocks: piece(&transaction, BLOCKS)?.unwrap_or_default(),
            // Whoever reads it judges it: the region has a better one.
            view: piece(&transaction, VIEW)?,
        })
    }
}

fn builder() -> Builder {
    let mut builder = Database::builder();
    builder.set_cache_size(CACHE_BYTES).set_check_integrity_on_open(true);
    builder
}

fn apply(
    write: &Write,
    pieces: &mut Table<'_, &'static str, &'static [u8]>,
    records: &mut Table<'_, u32, &'static [u8]>,
) -> Result<(), StorageError> {
    match write {
        Write::Record(address, record) => {
            let sealed = codec::seal(&(address, record));
            records.insert(address.to_bits(), sealed.as_slice()).map(drop)
        }
        Write::NoRecord(address) => records.remove(address.to_bits()).map(drop),
        Write::Blocks(blocks) => put(pieces, BLOCKS, blocks),
        Write::NumbersUntil(number) => put(pieces, NUMBERS_UNTIL, number),
        Write::Life(life) => {
            records.retain(|_, _| false)?;
            for name in OF_A_LIFE {
                pieces.remove(name)?;
            }
            put(pieces, LIFE, life)
        }
        Write::Epoch(epoch) => put(pieces, EPOCH, epoch),
        Write::Boot(boot) => put(pieces, BOOT, boot),
        Write::Clocks(mark) => put(pieces, CLOCKS, mark),
        Write::View(view) => put(pieces, VIEW, view),
    }
}

fn put<T: Serialize>(
    pieces: &mut Table<'_, &'static str, &'static [u8]>,
    name: &'static str,
    value: &T,
) -> Result<(), StorageError> {
    pieces.insert(name, codec::seal(&(name, value)).as_slice()).map(drop)
}

fn piece<T: DeserializeOwned>(
    transaction: &ReadTransaction,
    name: &str,
) -> Result<Option<T>, Unreadable> {
    let table = transaction.open_table(PIECES).map_err(redb::Error::from)?;
    let Some(sealed) = table.get(name).map_err(redb::Error::from)? else { return Ok(None) };
    let (found, value): (String, T) = unsealed(sealed.value(), name)?;
    if found == name { Ok(Some(value)) } else { Err(misplaced(name)) }
}

fn all_records(transaction: &ReadTransaction) -> Result<BTreeMap<Ipv4Addr, Record>, Unreadable> {
    let table = transaction.open_table(RECORDS).map_err(redb::Error::from)?;
    let mut records = BTreeMap::new();
    for row in table.iter().map_err(redb::Error::from)? {
        let (key, sealed) = row.map_err(redb::Error::from)?;
        let address = Ipv4Addr::from_bits(key.value());
        let (found, record): (Ipv4Addr, Record) = unsealed(sealed.value(), &address.to_string())?;
        if address != found {
            return Err(misplaced(&address.to_string()));
        }
        records.insert(address, record);
    }
    Ok(records)
}

fn unsealed<T: DeserializeOwned>(sealed: &[u8], name: &str) -> Result<T, Unreadable> {
    codec::open(sealed).map_err(|error| match Unusable::from(error) {
        Unusable::Newer(found) => Unreadable::Newer(found),
        Unusable::Damaged(why) => Unreadable::Damaged(format!("{name}: {why}")),
    })
}

fn misplaced(name: &str) -> Unreadable {
    Unreadable::Damaged(format!("{name}: something else is in its place"))
}

fn written(error: redb::Error) -> StoreError {
    StoreError::Write(Box::new(error))
}

impl From<DatabaseError> for Unreadable {
    fn from(error: DatabaseError) -> Self {
        redb::Error::from(error).into()
    }
}

/// A disk that cannot be read is as good as damaged; a system that lacks something is not.
impl From<redb::Error> for Unreadable {
    fn from(error: redb::Error) -> Self {
        match error {
            redb::Error::Io(error) if !is_damage(&error) => Self::Refused(error),
            redb::Error::DatabaseAlreadyOpen => {
                Self::Refused(io::Error::new(io::ErrorKind::ResourceBusy, error.to_string()))
            }
            damage => Self::Damaged(damage.to_string()),
        }
    }
}

/// A disk that does not take what it is tried with says nothing about what is on it: that has been verified. Only where the
/// database itself says that it is corrupt, it is.
fn unproved(error: redb::Error) -> Unreadable {
    match error {
        redb::Error::Corrupted(why) => Unreadable::Damaged(why),
        redb::Error::Io(error) => Unreadable::Refused(error),
        other => Unreadable::Refused(io::Error::other(other)),
    }
}

fn is_damage(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof)
        || error.raw_os_error() == Some(Errno::IO.raw_os_error())
}

#[cfg(test)]
mod tests {
    use super::{Unreadable, unproved};
    use rustix::io::Errno;
    use std::io;

    #[test]
    fn disk_that_refuses_to_be_written_does_not_cost_the_records_on_it() {
        let broken = io::Error::from_raw_os_error(Errno::IO.raw_os_error());
        for error in [redb::Error::Io(broken), redb::Error::PreviousIo] {
            let told = unproved(error);
            assert!(matches!(told, Unreadable::Refused(_)), "{told:?}");
        }
        let told = unproved(redb::Error::Corrupted("a page".into()));
        assert!(matches!(told, Unreadable::Damaged(_)), "{told:?}");
    }
}
