//! Why a dump cannot be imported, however odd its rows may be.

use crate::cli::import::pg_dump::error::ReadError;
use crate::cli::import::source::SourceError;
use crate::cli::import::version::VersionError;

/// Why there is no [`crate::cli::import::dump::Dump`].
#[derive(Debug, thiserror::Error)]
pub enum DumpError {
    /// The script cannot be read to its end.
    #[error("cannot read the dump")]
    Read(#[from] ReadError),
    /// None of the databases is MAAS's.
    #[error("no database in the dump holds the table maasserver_node: it is not a dump of MAAS")]
    NoMaas,
    /// Several are.
    #[error(
        "two databases in the dump are MAAS's: {first} and {second}; dump one of them with pg_dump"
    )]
    TwoDatabases {
        /// The one that comes first.
        first: String,
        /// The one after it.
        second: String,
    },
    /// The version cannot be imported.
    #[error("cannot import this version of MAAS")]
    Version(#[from] VersionError),
    /// A column is missing that all supported versions have.
    #[error("table {table} has no column {column}")]
    MissingColumn {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
    },
    /// A table is missing that all supported versions have.
    #[error("table {table} is missing: this is a dump of a part only")]
    MissingTable {
        /// The table.
        table: &'static str,
    },
    /// The rows of a table come twice.
    #[error("table {table} comes twice in one database: two dumps were joined into one file")]
    TableTwice {
        /// The table.
        table: &'static str,
    },
    /// More tables or sequences than any database has.
    #[error("more than {names_max} tables or sequences in one database")]
    TooManyNames {
        /// The limit.
        names_max: usize,
    },
}

/// What to do about one that cannot even be opened.
const fn advice_on_source(error: &SourceError) -> &'static str {
    match error {
        SourceError::Io { .. } => {
            "name a file that is there and can be read, as `pg_dump -f maas.sql maasdb` makes it"
        }
        SourceError::NoDump { .. } | SourceError::Utf16 { .. } => {
            "name what `pg_dump -f maas.sql maasdb` wrote; nothing was sent"
        }
        SourceError::NoPgRestore { .. }
        | SourceError::HiddenArchive { .. }
        | SourceError::Compression { .. } => {
            "unpack it as told above, or make a plain one: `pg_dump -f maas.sql maasdb`"
        }
    }
}

/// What to do about a dump that cannot be brought in; `None` if that is not what went wrong.
#[must_use]
pub fn advice_on(error: &anyhow::Error) -> Option<&'static str> {
    const WHOLE: &str =
        "make one whole dump, `pg_dump -f maas.sql maasdb`, and import that; nothing was sent";
    let source = error.downcast_ref::<SourceError>();
    source.map(advice_on_source).or_else(|| {
        Some(match error.downcast_ref::<DumpError>()? {
            DumpError::Version(VersionError::TooOld { .. }) => {
                "upgrade MAAS to 3.5 or later, then `pg_dump -f maas.sql maasdb` again"
            }
            DumpError::Version(VersionError::TooNew { .. }) => {
                "get a newer regent, or the `pg_dump` of a MAAS up to 3.8; nothing was sent"
            }
            DumpError::Read(_)
            | DumpError::NoMaas
            | DumpError::TwoDatabases { .. }
            | DumpError::Version(VersionError::Unmarked | VersionError::Foreign { .. })
            | DumpError::MissingColumn { .. }
            | DumpError::MissingTable { .. }
            | DumpError::TableTwice { .. }
            | DumpError::TooManyNames { .. } => WHOLE,
        })
    })
}
