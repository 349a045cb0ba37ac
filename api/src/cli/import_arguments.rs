//! What can be typed after `import maas-dump`. What it does is in `import/`.

use crate::cli::timestamp;
use clap::Args;
use regent_core::time::WallTime;
use std::path::PathBuf;

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

fn parse_moment(text: &str) -> Result<WallTime, String> {
    timestamp::parse(text).ok_or_else(|| "want a moment such as 2026-05-01T12:00:00Z".to_owned())
}
