//! A dump of MAAS, read and checked: what a mapping to Regent's own model starts from.

use crate::cli::import::database::{Database, is_wanted};
use crate::cli::import::digest::DumpDigest;
use crate::cli::import::error::DumpError;
use crate::cli::import::oddity::Oddities;
use crate::cli::import::pg_dump::event::Event;
use crate::cli::import::pg_dump::reader::Reader;
use crate::cli::import::recent_events::EventsLeftOut;
use crate::cli::import::source::{Meter, Source};
use crate::cli::import::tables::{Tables, settings};
use crate::cli::import::version::{Release, SchemaVersion};
use regent_core::time::WallTime;
use std::collections::BTreeMap;
use std::io::BufRead;

/// Events of the reader between two calls of the progress function.
const EVENTS_PER_PROGRESS: u64 = 1 << 12;

/// What people see of a database without a name.
const DATABASE_UNNAMED: &str = "(unnamed)";

/// How far reading has come.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// Rows seen so far, of all tables and databases.
    pub rows: u64,
    /// Bytes taken from the file, as it lies there.
    pub read_bytes: u64,
    /// The size of the file; `None` if it is not known.
    pub total_bytes: Option<u64>,
}

/// The content of one MAAS database.
#[derive(Debug)]
pub struct Dump {
    /// The database's name; empty if the dump does not tell.
    pub database: String,
    /// The marks of the schema's version.
    pub version: SchemaVersion,
    /// The release of MAAS that wrote it.
    pub release: Release,
    /// When the row touched last was touched: as good as the moment of the dump. `None` if no row has a date.
    pub as_of: Option<WallTime>,
    /// The same for every dump with the same content.
    pub digest: DumpDigest,
    /// The rows.
    pub tables: Tables,
    /// The newest events, oldest first.
    pub events: Vec<settings::Event>,
    /// How many events there are besides.
    pub events_left_out: EventsLeftOut,
    /// The highest zone serial that was in use.
    pub dns_serial: Option<i64>,
    /// Rows of each table, read or not, in schema `public`.
    pub row_counts: BTreeMap<String, u64>,
    /// The next value of each sequence in schema `public`.
    pub sequences: BTreeMap<String, i64>,
    /// Rows that could not be read.
    pub oddities: Oddities,
}

impl Dump {
    /// Reads a dump to its end. `progress` is called now and then, also while rows pass that nobody needs.
    ///
    /// # Errors
    /// If the dump is damaged, cut short, not one of MAAS, or of a version that cannot be imported.
    pub fn read(source: Source, progress: &mut dyn FnMut(Progress)) -> Result<Self, DumpError> {
        let meter = source.meter();
        Self::read_script(source, &mut |rows| progress(Progress::new(&meter, rows)))
    }

    /// Reads a script; `progress` is given the number of rows so far.
    ///
    /// # Errors
    /// As [`Dump::read`].
    pub fn read_script(
        script: impl BufRead,
        progress: &mut dyn FnMut(u64),
    ) -> Result<Self, DumpError> {
        let mut reader = Reader::new(script, is_wanted);
        let mut current = Database::new("");
        let mut found = None;
        let (mut rows, mut events) = (0, 0_u64);
        loop {
            match reader.next_event()? {
                Event::DatabaseStarted(name) => {
                    // pg_dump -C connects twice to the database it makes.
                    if name != current.name {
                        let next = Database::new(name);
                        found = choose(found, std::mem::replace(&mut current, next))?;
                    }
                }
                Event::TableDefined(name) => current.define_table(name),
                Event::TableStarted(table) => current.start_table(table),
                Event::Row(row) => {
                    rows += 1;
                    current.add_row(row);
                }
                Event::RowsSkipped(skipped) => {
                    rows += skipped;
                    current.skip_rows(skipped);
                    // Many rows are one event.
                    progress(rows);
                }
                Event::SequenceValue(sequence) => current.set_sequence(sequence),
                Event::End => break,
            }
            events += 1;
            if events.is_multiple_of(EVENTS_PER_PROGRESS) {
                progress(rows);
            }
        }
        progress(rows);
        Self::check(choose(found, current)?.ok_or(DumpError::NoMaas)?)
    }

    fn check(mut database: Database) -> Result<Self, DumpError> {
        database.check()?;
        let release = database.version.release()?;
        let (events, events_left_out) = database.events.finish();
        Ok(Self {
            database: database.name,
            version: database.version,
            release,
            as_of: database.newest,
            digest: database.digest.finish(),
            tables: database.tables,
            events,
            events_left_out,
            dns_serial: database.dns_serial,
            row_counts: database.row_counts,
            sequences: database.sequences,
            oddities: database.oddities,
        })
    }
}

impl Progress {
    fn new(meter: &Meter, rows: u64) -> Self {
        Self { rows, read_bytes: meter.read_bytes(), total_bytes: meter.total_bytes }
    }
}

/// The MAAS database among those that have passed, now that `ended` has, too.
fn choose(found: Option<Database>, ended: Database) -> Result<Option<Database>, DumpError> {
    match found {
        Some(first) if ended.is_maas() => {
            Err(DumpError::TwoDatabases { first: shown(first.name), second: shown(ended.name) })
        }
        Some(first) => Ok(Some(first)),
        None => Ok(ended.is_maas().then_some(ended)),
    }
}

fn shown(name: String) -> String {
    if name.is_empty() { DATABASE_UNNAMED.to_owned() } else { name }
}

#[cfg(test)]
mod tests;
