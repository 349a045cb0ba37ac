//! What can be typed after `import maas-dump`, `import isc-leases` and `import kea-leases`. What it does is in `import/`.

use crate::cli::timestamp;
use crate::duration;
use clap::Args;
use regent_core::time::WallTime;
use std::path::PathBuf;
use std::time::Duration;

/// What is imported, and where to.
#[derive(Debug, Args)]
pub struct ImportArguments {
    /// The dump: plain, gzipped or in pg_dump's custom format; - is standard input.
    pub file: PathBuf,
    /// Only tell what would come in.
    #[arg(long)]
    pub dry_run: bool,
    /// The moment from which leases run on, such as 2026-05-01T12:00:00Z [default: the newest row's].
    #[arg(long, value_parser = parse_moment)]
    pub as_of: Option<WallTime>,
    /// Replace what an earlier import brought, with everything that was changed since.
    #[arg(long)]
    pub replace: bool,
    /// Write every row down that stays behind, or comes in with a remark.
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
    /// Do not ask before something is replaced, even on a terminal.
    #[arg(long, short)]
    pub yes: bool,
}

/// Files of leases of another DHCP server.
#[derive(Debug, Args)]
pub struct LeaseFiles {
    /// The files, in any order: the newest record of an address counts, in whichever it is.
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    /// Only tell what would come in.
    #[arg(long)]
    pub dry_run: bool,
    /// The moment from which leases run on, such as 2026-05-01T12:00:00Z [default: when a client was heard last].
    #[arg(long, value_parser = parse_moment)]
    pub as_of: Option<WallTime>,
    /// The longest lease the old server gives, such as 10m [default: that of the leases which still run].
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    pub longest_lease: Option<Duration>,
}

fn parse_moment(text: &str) -> Result<WallTime, String> {
    timestamp::parse(text).ok_or_else(|| "want a moment such as 2026-05-01T12:00:00Z".to_owned())
}
