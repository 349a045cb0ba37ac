//! What is collected of one database while its part of a dump passes by.
//!
//! Until its end it is not known whether the database is MAAS's: anything wrong with it is kept as its fault and
//! matters only if it is.

use crate::cli::import::digest::ContentDigest;
use crate::cli::import::error::DumpError;
use crate::cli::import::oddity::{Oddities, Oddity};
use crate::cli::import::pg_dump::event::{Form, Row, Sequence, Table, TableName};
use crate::cli::import::recent_events::{EVENTS_MAX, RecentEvents};
use crate::cli::import::record::{FieldError, Places};
use crate::cli::import::tables::{Condensed, TableKind, Tables};
use crate::cli::import::version::SchemaVersion;
use crate::cli::timestamp;
use regent_core::time::WallTime;
use std::collections::{BTreeMap, BTreeSet};

/// So many tables, and so many sequences, are counted.
pub const NAMES_MAX: usize = 10_000;

/// The schema MAAS's tables are in.
const SCHEMA: &str = "public";

/// The columns that tell when a row was last touched.
const TOUCHED: [&str; 2] = ["created", "updated"];

/// The tables that no whole dump lacks. Others came or went with versions.
const REQUIRED: [TableKind; 20] = [
    TableKind::Node,
    TableKind::NodeConfig,
    TableKind::Interface,
    TableKind::InterfaceRelationship,
    TableKind::InterfaceAddress,
    TableKind::StaticIpAddress,
    TableKind::Fabric,
    TableKind::Space,
    TableKind::Vlan,
    TableKind::Subnet,
    TableKind::IpRange,
    TableKind::Domain,
    TableKind::DnsResource,
    TableKind::DnsResourceAddress,
    TableKind::DnsData,
    TableKind::Bmc,
    TableKind::Zone,
    TableKind::ResourcePool,
    TableKind::Config,
    TableKind::User,
];

/// Whether rows of a table are worth reading.
#[must_use]
pub fn is_wanted(table: &TableName) -> bool {
    table.schema == SCHEMA && TableKind::of(&table.name).is_some()
}

/// One database of a dump.
#[derive(Debug)]
pub struct Database {
    /// Its name; empty if the dump does not tell.
    pub name: String,
    /// The rows that are held.
    pub tables: Tables,
    /// The newest events.
    pub events: RecentEvents,
    /// The marks of the schema's version.
    pub version: SchemaVersion,
    /// The highest zone serial that was in use.
    pub dns_serial: Option<i64>,
    /// When the row touched last was touched.
    pub newest: Option<WallTime>,
    /// The digest of all rows read.
    pub digest: ContentDigest,
    /// Rows left out.
    pub oddities: Oddities,
    /// Rows of each table in schema `public`, read or not.
    pub row_counts: BTreeMap<String, u64>,
    /// The next value of each sequence in schema `public`.
    pub sequences: BTreeMap<String, i64>,
    /// Tables that are there, with or without rows.
    seen: BTreeSet<TableKind>,
    /// Tables whose rows came, be they none.
    started: BTreeSet<TableKind>,
    copied: BTreeSet<TableKind>,
    fault: Option<DumpError>,
    current: Option<Current>,
    /// Its name in `row_counts`, if it is counted.
    counted: Option<String>,
}

/// The table whose rows come at the moment, if they are read.
#[derive(Debug)]
struct Current {
    kind: TableKind,
    columns: Vec<String>,
    places: Places,
    key: Option<usize>,
    touched: Vec<usize>,
}

impl Database {
    /// An empty database.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            tables: Tables::default(),
            events: RecentEvents::new(EVENTS_MAX),
            version: SchemaVersion::default(),
            dns_serial: None,
            newest: None,
            digest: ContentDigest::default(),
            oddities: Oddities::default(),
            row_counts: BTreeMap::new(),
            sequences: BTreeMap::new(),
            seen: BTreeSet::new(),
            started: BTreeSet::new(),
            copied: BTreeSet::new(),
            fault: None,
            current: None,
            counted: None,
        }
    }

    /// Whether it is MAAS's.
    #[must_use]
    pub fn is_maas(&self) -> bool {
        self.seen.contains(&TableKind::Node)
    }

    /// Whether it is whole.
    ///
    /// # Errors
    /// With the first thing that was wrong with it.
    pub fn check(&mut self) -> Result<(), DumpError> {
        if let Some(fault) = self.fault.take() {
            return Err(fault);
        }
        // In INSERT form an empty table leaves no trace, and nothing can be said. A COPY section is there even for an
        // empty one: a table that is only defined was dumped without its rows.
        let missing = REQUIRED.iter().find(|kind| !self.started.contains(kind));
        match missing {
            Some(kind) if !self.copied.is_empty() => {
                Err(DumpError::MissingTable { table: kind.name() })
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Notes that the dump makes a table.
    pub fn define_table(&mut self, name: &TableName) {
        if let Some(kind) = self.kind(name) {
            self.seen.insert(kind);
        }
    }

    /// Prepares for the rows of a table.
    pub fn start_table(&mut self, table: &Table) {
        self.current = None;
        self.counted = (table.name.schema == SCHEMA).then(|| table.name.name.clone());
        let Some(kind) = self.kind(&table.name) else { return };
        self.seen.insert(kind);
        self.started.insert(kind);
        if table.form == Form::Copy && !self.copied.insert(kind) {
            self.fail(DumpError::TableTwice { table: kind.name() });
        }
        match Places::find(kind.columns(), &table.columns) {
            Err(column) => self.fail(DumpError::MissingColumn { table: kind.name(), column }),
            Ok(places) => {
                let place = |name: &str| table.columns.iter().position(|column| column == name);
                self.current = Some(Current {
                    kind,
                    columns: table.columns.clone(),
                    places,
                    key: place(kind.key()),
                    touched: TOUCHED.iter().filter_map(|name| place(name)).collect(),
                });
            }
        }
    }

    /// Takes a row of the table that started last.
    pub fn add_row(&mut self, row: Row<'_>) {
        self.count(1);
        let Some(current) = &self.current else { return };
        self.digest.update(current.kind, &current.columns, row);
        for place in &current.touched {
            let moment = row.get(*place).and_then(timestamp::parse);
            self.newest = self.newest.max(moment);
        }
        match self.tables.add(current.kind, current.places.fields(row)) {
            Ok(None) => {}
            Ok(Some(row)) => self.condense(row),
            Err(error) => {
                let oddity = oddity(current, row, error);
                self.oddities.push(oddity);
            }
        }
    }

    /// Counts rows of the table that started last, which nobody reads.
    pub fn skip_rows(&mut self, rows: u64) {
        self.count(rows);
    }

    /// Takes what a sequence stands at.
    pub fn set_sequence(&mut self, sequence: &Sequence) {
        if sequence.name.schema != SCHEMA {
            return;
        }
        if self.sequences.len() >= NAMES_MAX {
            self.fail(DumpError::TooManyNames { names_max: NAMES_MAX });
        } else {
            self.sequences.insert(sequence.name.name.clone(), sequence.next);
        }
    }

    fn kind(&self, name: &TableName) -> Option<TableKind> {
        if name.schema == SCHEMA { TableKind::of(&name.name) } else { None }
    }

    fn count(&mut self, rows: u64) {
        let Some(name) = &self.counted else { return };
        if let Some(count) = self.row_counts.get_mut(name) {
            *count += rows;
        } else if self.row_counts.len() < NAMES_MAX {
            self.row_counts.insert(name.clone(), rows);
        } else {
            self.fail(DumpError::TooManyNames { names_max: NAMES_MAX });
        }
    }

    /// The first fault is the one to tell.
    fn fail(&mut self, fault: DumpError) {
        self.fault.get_or_insert(fault);
    }

    fn condense(&mut self, row: Condensed) {
        match row {
            Condensed::Event(event) => self.events.push(event),
            Condensed::DnsPublication(publication) => {
                self.dns_serial = self.dns_serial.max(Some(publication.serial));
            }
            Condensed::AlembicVersion(mark) => self.version.note_alembic(mark.version_num),
            Condensed::DjangoMigration(migration) => {
                self.version.note_django(&migration.app, migration.name);
            }
        }
    }
}

fn oddity(current: &Current, row: Row<'_>, error: FieldError) -> Oddity {
    let key = current.key.and_then(|place| row.get(place)).unwrap_or_default();
    Oddity { table: current.kind.name(), key: key.to_owned(), reason: error.to_string() }
}
