//! `import maas-dump`: read, map, try out, send, tell.

use crate::cli::arguments::Global;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::import::delivery::{Begun, Delivery};
use crate::cli::import::difference::SiteDifference;
use crate::cli::import::dump::Dump;
use crate::cli::import::mapping::{self, Mapped};
use crate::cli::import::progress::Bar;
use crate::cli::import::source::Source;
use crate::cli::import::summary;
use crate::cli::import::transfer::Transfer;
use crate::cli::import::warnings::warnings;
use crate::cli::import_arguments::ImportArguments;
use crate::cli::output::{OutputFormat, tell};
use crate::cli::{addresses, confirm};
use anyhow::Context as _;
use regent_core::state::State;
use regent_raft::clock::{Clock as _, SystemClock};
use serde_json::Value;
use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use tokio::signal::unix::{SignalKind, signal};

/// Runs the command.
///
/// # Errors
/// When the dump cannot be read, or the region does not take it.
pub fn run(arguments: &ImportArguments, global: &Global) -> anyhow::Result<Exit> {
    let mut dump = read(arguments)?;
    // A dump without a single date has no leases either.
    let as_of = arguments.as_of.or(dump.as_of).unwrap_or_default();
    let mut mapped = mapping::map(&dump, as_of);
    let mut told = Told { output: global.output, summary: summary::json(&dump, &mapped, as_of) };
    told.warn(&warnings(&mapped, as_of, SystemClock.wall()));
    report(arguments, &mut dump, &mut mapped)?;
    if global.output == OutputFormat::Table {
        // Whoever closed the output does not want it; the import goes on.
        drop(summary::write(&mut io::stdout().lock(), &dump, &mapped, as_of));
    }
    // What stays behind is told by now, whatever becomes of the rest.
    let transfer = Transfer::pack(&mapped, dump.digest)?;
    let state = transfer.rehearse()?;
    let mut coming = Coming { transfer, state };
    let region = Delivery::new(&addresses::resolve(&global.addr), global.timeout)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let ended = runtime.block_on(deliver(arguments, &region, &mut coming, &mut told));
    Ok(told.end(ended)?)
}

/// A site that is ready to be sent.
struct Coming {
    transfer: Transfer,
    /// What an empty region makes of it.
    state: State,
}

/// How it ended well.
enum Ended {
    DryRun,
    Committed,
    AlreadyThere,
}

async fn deliver(
    arguments: &ImportArguments,
    region: &Delivery,
    coming: &mut Coming,
    told: &mut Told,
) -> Result<Ended, Failure> {
    if arguments.replace {
        let difference = SiteDifference::ask(region, &coming.state).await?;
        told.difference(&difference);
        if !arguments.dry_run && !may_replace(arguments, region, coming, &difference).await? {
            return Ok(Ended::AlreadyThere);
        }
    }
    if arguments.dry_run { Ok(Ended::DryRun) } else { carry_out(arguments, region, coming).await }
}

/// Asks whoever sits there, unless there is nothing to do. What takes the place of its own like gets another name.
async fn may_replace(
    arguments: &ImportArguments,
    region: &Delivery,
    coming: &mut Coming,
    difference: &SiteDifference,
) -> Result<bool, Failure> {
    let there = region.imported().await?;
    if difference.is_nothing() && there.as_ref().is_some_and(|there| there.is(&coming.transfer)) {
        return Ok(false);
    }
    let what = "Put this in the place of what is there, and drop all that was changed since";
    confirm::ask(what, arguments.yes)?;
    if there.is_some_and(|there| there.id == coming.transfer.id.0) {
        coming.transfer.rename();
    }
    Ok(true)
}

async fn carry_out(
    arguments: &ImportArguments,
    region: &Delivery,
    coming: &Coming,
) -> Result<Ended, Failure> {
    // From the first step on the region takes no other writes: whoever breaks it off wants them back.
    let mut interrupts = signal(SignalKind::interrupt()).map_err(|error| no_signals(&error))?;
    let is_ours = match region.begin(&coming.transfer, arguments.replace).await? {
        Begun::AlreadyThere => return Ok(Ended::AlreadyThere),
        Begun::Started => true,
        Begun::GoneOnWith => false,
    };
    let sent = tokio::select! {
        sent = region.finish(&coming.transfer) => sent,
        _ = interrupts.recv() => return Err(cancel(region, coming, is_ours).await),
    };
    if let (Err(Failure::Problem(problem)), true) = (&sent, is_ours)
        && !problem.retryable
    {
        // It would be refused again, so the region need not wait for it. If even this fails, it drops it after a while.
        drop(region.abandon(&coming.transfer).await);
    }
    sent.map(|()| Ended::Committed)
}

/// Ends an import that somebody broke off, unless another run began it.
async fn cancel(region: &Delivery, coming: &Coming, is_ours: bool) -> Failure {
    let dropped = if is_ours { region.abandon(&coming.transfer).await.is_ok() } else { false };
    let id = &coming.transfer.id.0;
    let (why, next) = match dropped {
        true => {
            ("what was sent is dropped, and the region takes other writes", "run it again".into())
        }
        false => (
            "the region may still wait for the rest, and takes no other writes until then",
            format!("`regent import ls` shows it, `regent import abandon {id}` ends it"),
        ),
    };
    Failure::refused(Exit::Cancelled, "the import was broken off", why, next)
}

fn no_signals(error: &io::Error) -> Failure {
    let why = error.to_string();
    Failure::refused(Exit::Failure, "interrupts cannot be listened for", why, "run it again")
}

fn read(arguments: &ImportArguments) -> anyhow::Result<Dump> {
    let mut bar = Bar::new("reading");
    let source = Source::open(&arguments.file)?;
    Ok(Dump::read(source, &mut |progress| bar.show(progress.read_bytes, progress.total_bytes))?)
}

/// Writes the report file, if one is wanted.
fn report(arguments: &ImportArguments, dump: &mut Dump, mapped: &mut Mapped) -> anyhow::Result<()> {
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

    fn end(mut self, ended: Result<Ended, Failure>) -> Result<Exit, Failure> {
        let (outcome, sentence) = match &ended {
            Ok(Ended::DryRun) => ("dry_run", "nothing was sent: this was a dry run"),
            Ok(Ended::Committed) => ("committed", "the region has it"),
            Ok(Ended::AlreadyThere) => {
                ("already_there", "the region had it already: nothing was changed")
            }
            Err(failure) => (outcome_of(failure), ""),
        };
        self.summary["outcome"] = outcome.into();
        if let Err(failure) = &ended {
            self.summary["detail"] = failure.to_json()["why"].clone();
        }
        if ended.is_ok() || self.output != OutputFormat::Table {
            self.output.show(&self.summary, |_| format!("\n{sentence}\n"));
        }
        ended.map(|_| Exit::Ok)
    }
}

/// What programs are told of a failure.
fn outcome_of(failure: &Failure) -> &'static str {
    match failure.exit() {
        Exit::Unavailable => "unavailable",
        Exit::OutcomeUnknown => "unknown",
        Exit::Cancelled => "cancelled",
        Exit::Ok
        | Exit::Failure
        | Exit::Usage
        | Exit::NotFound
        | Exit::Conflict
        | Exit::Forbidden
        | Exit::Degraded
        | Exit::BadConfig
        | Exit::Removed
        | Exit::Unusable => "refused",
    }
}
