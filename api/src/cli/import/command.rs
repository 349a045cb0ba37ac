//! `import maas-dump`: read, map, try out, send, tell.

use crate::cli::exit::Exit;
use crate::cli::import::delivery::{Begun, Delivery, DeliveryError};
use crate::cli::import::difference::SiteDifference;
use crate::cli::import::dump::Dump;
use crate::cli::import::mapping::{self, Mapped};
use crate::cli::import::progress::Bar;
use crate::cli::import::source::Source;
use crate::cli::import::transfer::Transfer;
use crate::cli::import::warnings::warnings;
use crate::cli::import::{summary, timestamp};
use crate::cli::output::{OutputFormat, tell};
use anyhow::Context as _;
use clap::Args;
use regent_core::state::State;
use regent_core::time::WallTime;
use regent_raft::clock::{Clock as _, SystemClock};
use serde_json::Value;
use std::fs::File;
use std::io::{self, BufWriter, Write as _};
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
    let mapped = mapping::map(&dump, as_of);
    let mut told = Told { output, summary: summary::json(&dump, &mapped, as_of) };
    told.warn(&warnings(&mapped, as_of, SystemClock.wall()));
    report(arguments, &dump, &mapped)?;
    if output == OutputFormat::Table {
        summary::write(&mut io::stdout().lock(), &dump, &mapped, as_of)?;
    }
    // What stays behind is told by now, whatever becomes of the rest.
    let transfer = Transfer::pack(&mapped, dump.digest)?;
    let state = transfer.rehearse()?;
    let mut coming = Coming { transfer, state };
    let region = Delivery::new(&arguments.addr)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let ended = runtime.block_on(deliver(arguments, &region, &mut coming, &mut told));
    Ok(told.end(ended))
}

/// A site that is ready to be sent.
struct Coming {
    transfer: Transfer,
    /// What an empty region makes of it.
    state: State,
}

/// How it ended.
enum Ended {
    DryRun,
    Committed,
    AlreadyThere,
    Failed(DeliveryError),
}

async fn deliver(
    arguments: &ImportArguments,
    region: &Delivery,
    coming: &mut Coming,
    told: &mut Told,
) -> Ended {
    let ended = if arguments.dry_run {
        preview(arguments, region, coming, told).await
    } else {
        carry_out(arguments, region, coming, told).await
    };
    ended.unwrap_or_else(Ended::Failed)
}

/// Asks what would come of it, where anything is replaced, and changes nothing.
async fn preview(
    arguments: &ImportArguments,
    region: &Delivery,
    coming: &Coming,
    told: &mut Told,
) -> Result<Ended, DeliveryError> {
    if arguments.replace {
        told.difference(&SiteDifference::ask(region, &coming.state).await?);
    }
    Ok(Ended::DryRun)
}

async fn carry_out(
    arguments: &ImportArguments,
    region: &Delivery,
    coming: &mut Coming,
    told: &mut Told,
) -> Result<Ended, DeliveryError> {
    if arguments.replace {
        let there = region.imported().await?;
        if there.is_some_and(|there| there.id == coming.transfer.id.0) {
            coming.transfer.rename();
        }
    }
    let is_ours = match region.begin(&coming.transfer, arguments.replace).await? {
        Begun::AlreadyThere => return Ok(Ended::AlreadyThere),
        Begun::Started => true,
        Begun::GoneOnWith => false,
    };
    let sent = send(arguments, region, coming, told).await;
    if matches!(&sent, Err(DeliveryError::Refused { .. })) && is_ours {
        // It would be refused again, so the region need not wait for it. If even this fails, it drops it after a while.
        drop(region.abandon(&coming.transfer).await);
    }
    sent.map(|()| Ended::Committed)
}

/// Sends what was begun. Nothing else is written meanwhile, so what is told before is what comes of it.
async fn send(
    arguments: &ImportArguments,
    region: &Delivery,
    coming: &Coming,
    told: &mut Told,
) -> Result<(), DeliveryError> {
    if arguments.replace {
        told.difference(&SiteDifference::ask(region, &coming.state).await?);
    }
    region.finish(&coming.transfer).await
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
    fn warn(&mut self, warnings: &[String]) {
        self.summary["warnings"] = warnings.into();
        warnings.iter().for_each(|warning| tell(&format!("warning: {warning}")));
    }

    fn difference(&mut self, difference: &SiteDifference) {
        self.summary["difference"] = difference.json();
        if self.output == OutputFormat::Table {
            // Whoever closed the output does not want it; the import goes on.
            drop(difference.write(&mut io::stdout().lock()));
        }
    }

    fn end(mut self, ended: Ended) -> Exit {
        if let Ended::Failed(error) = &ended {
            self.summary["detail"] = error.to_string().into();
        }
        let (outcome, sentence, exit) = match ended {
            Ended::DryRun => {
                ("dry_run", "nothing was sent: this was a dry run".to_owned(), Exit::Ok)
            }
            Ended::Committed => ("committed", "the region has it".to_owned(), Exit::Ok),
            Ended::AlreadyThere => {
                let sentence = "the region had it already: nothing was changed".to_owned();
                ("already_there", sentence, Exit::Ok)
            }
            Ended::Failed(error @ DeliveryError::Refused { .. }) => {
                ("refused", error.to_string(), Exit::Conflict)
            }
            Ended::Failed(error @ DeliveryError::Unavailable { .. }) => {
                ("unavailable", error.to_string(), Exit::Unavailable)
            }
        };
        self.summary["outcome"] = outcome.into();
        self.output.show(&self.summary, |_| format!("\n{sentence}\n"));
        exit
    }
}
