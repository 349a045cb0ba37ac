//! `import maas-dump`: read, map, try out, send, tell.

use crate::cli::exit::Exit;
use crate::cli::import::delivery::{Delivered, Delivery, DeliveryError};
use crate::cli::import::dump::Dump;
use crate::cli::import::mapping::{self, Mapped};
use crate::cli::import::progress::Bar;
use crate::cli::import::source::Source;
use crate::cli::import::transfer::Transfer;
use crate::cli::import::{summary, timestamp};
use crate::cli::output::OutputFormat;
use anyhow::Context as _;
use clap::Args;
use regent_core::time::WallTime;
use serde_json::Value;
use std::fs::File;
use std::io::{BufWriter, Write as _};
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
    /// A node of the region, HOST:PORT; may be given several times.
    #[arg(long, default_value = "127.0.0.1:7440", env = "REGENT_ADDR", value_delimiter = ',')]
    pub addr: Vec<String>,
}

fn parse_moment(text: &str) -> Result<WallTime, String> {
    timestamp::parse(text).ok_or_else(|| "want a moment such as 2026-05-01T12:00:00Z".to_owned())
}

/// Runs the command.
///
/// # Errors
/// When the dump cannot be read, or the region does not take it.
pub fn run(arguments: &ImportArguments, output: OutputFormat) -> anyhow::Result<Exit> {
    let dump = read(arguments)?;
    // A dump without a single date has no leases either.
    let as_of = arguments.as_of.or(dump.as_of).unwrap_or_default();
    let mut mapped = mapping::map(&dump, as_of);
    let transfer = Transfer::pack(&mut mapped, dump.digest)?;
    transfer.rehearse()?;
    let told = Told { output, summary: summary::json(&dump, &mapped, as_of) };
    report(arguments, &dump, &mapped)?;
    if output == OutputFormat::Table {
        summary::write(&mut std::io::stdout().lock(), &dump, &mapped, as_of)?;
    }
    if arguments.dry_run {
        told.end("dry_run", "nothing was sent: this was a dry run");
        return Ok(Exit::Ok);
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let delivery = Delivery::new(&arguments.addr);
    match runtime.block_on(delivery.send(&transfer, arguments.replace)) {
        Ok(Delivered::Committed) => {
            told.end("committed", "the region has it");
            Ok(Exit::Ok)
        }
        Ok(Delivered::AlreadyThere) => {
            told.end("already_there", "the region had it already: nothing was changed");
            Ok(Exit::Ok)
        }
        Err(error) => {
            told.end("refused", &error.to_string());
            Ok(match error {
                DeliveryError::Refused { .. } => Exit::Conflict,
                DeliveryError::Unavailable { .. } => Exit::Unavailable,
            })
        }
    }
}

fn read(arguments: &ImportArguments) -> anyhow::Result<Dump> {
    let mut bar = Bar::new("reading");
    let source = Source::open(&arguments.file)?;
    Ok(Dump::read(source, &mut |progress| bar.show(progress.read_bytes, progress.total_bytes))?)
}

/// Writes the report file, if one is wanted.
fn report(arguments: &ImportArguments, dump: &Dump, mapped: &Mapped) -> anyhow::Result<()> {
    let Some(path) = &arguments.report else { return Ok(()) };
    let failed = || format!("the report {} cannot be written", path.display());
    let mut file = BufWriter::new(File::create(path).with_context(failed)?);
    summary::write_report(&mut file, dump, mapped).and_then(|()| file.flush()).with_context(failed)
}

/// What people or programs are told at the end.
struct Told {
    output: OutputFormat,
    summary: Value,
}

impl Told {
    fn end(mut self, outcome: &str, sentence: &str) {
        self.summary["outcome"] = outcome.into();
        self.output.show(&self.summary, |_| format!("\n{sentence}\n"));
    }
}
