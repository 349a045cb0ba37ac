//! The `regent-report` executable: what is told of runs that others have made.

use anyhow::Context as _;
use clap::{Parser, Subcommand};
use regent_check::coverage::Demand;
use regent_check::history::reader::{History, read};
use regent_check::verdict::judge;
use regent_report::about::{About, Tier};
use regent_report::date::utc;
use regent_report::folder::{self, HISTORY, TIMELINE, VERDICT};
use regent_report::outages::outages;
use regent_report::report::Report;
use regent_report::runs::book;
use regent_report::runs::entry::{Entry, together};
use regent_report::source::Source;
use regent_report::strikes;
use regent_report::summary::summary;
use std::fs::File;
use std::io::{BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

/// Tells of runs that broke Regent.
#[derive(Debug, Parser)]
#[command(name = "regent-report", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Keeps the book of runs.
    #[command(subcommand)]
    Runs(Book),
    /// A table of runs.
    Summary {
        /// Folders of runs, or folders with such folders.
        #[arg(required = true)]
        folders: Vec<PathBuf>,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// How long clients waited at which fault, over all runs, as a table in Markdown.
    Availability {
        /// Folders of runs, or folders with such folders.
        #[arg(required = true)]
        folders: Vec<PathBuf>,
    },
    /// Draws the timeline of a run again.
    Timeline {
        /// The folder of its `history.jsonl`.
        folder: PathBuf,
        /// It has no verdict: judge the history, which came about in this way (sim, local or netns), demanding nothing.
        #[arg(long, value_parser = tier)]
        judge: Option<Tier>,
    },
}

#[derive(Debug, Subcommand)]
enum Book {
    /// Adds runs, and counts anew what stands at the top.
    Add {
        /// Folders of runs, or folders with such folders.
        #[arg(required = true)]
        folders: Vec<PathBuf>,
        /// Runs of one day that differ in nothing but their seeds become one line.
        #[arg(long)]
        together: bool,
        /// The book.
        #[arg(long, default_value = "jepsen/RUNS.md")]
        runs: PathBuf,
    },
}

fn main() -> anyhow::Result<()> {
    match Arguments::parse().command {
        Command::Runs(Book::Add { folders, together: is_together, runs }) => {
            let found = found(&folders)?;
            let entries = found.iter().map(|(_, report)| Entry::of(report)).collect();
            let entries = if is_together { together(entries) } else { entries };
            book::add(&runs, &entries)?;
            tell(&format!("{} runs, {} lines in {}\n", found.len(), entries.len(), runs.display()))
        }
        Command::Summary { folders, json: true } => {
            let reports: Vec<_> = found(&folders)?.into_iter().map(|(_, report)| report).collect();
            tell(&format!("{}\n", serde_json::to_string_pretty(&reports)?))
        }
        Command::Summary { folders, json: false } => tell(&summary(&found(&folders)?)),
        Command::Availability { folders } => {
            let reports: Vec<_> = found(&folders)?.into_iter().map(|(_, report)| report).collect();
            tell(&outages(&reports))
        }
        Command::Timeline { folder, judge } => timeline(&folder, judge),
    }
}

fn found(folders: &[PathBuf]) -> anyhow::Result<Vec<(PathBuf, Report)>> {
    let found = folder::runs(folders)?;
    anyhow::ensure!(!found.is_empty(), "there is no {VERDICT} in these folders");
    Ok(found)
}

fn timeline(folder: &Path, judge: Option<Tier>) -> anyhow::Result<()> {
    let file = folder.join(HISTORY);
    let text = File::open(&file).with_context(|| file.display().to_string())?;
    let history = read(BufReader::new(text)).with_context(|| file.display().to_string())?;
    let report = match judge {
        Some(tier) => judged(&history, tier),
        None => folder::verdict(folder)?,
    };
    folder::leave(folder, &history, &report)?;
    tell(&format!("{}: {}\n", folder.join(TIMELINE).display(), report.verdict.name()))
}

/// What can be said of a history that nobody has judged, and of which nothing else is known.
fn judged(history: &History, tier: Tier) -> Report {
    let demand = Demand::default();
    let run = About {
        tier,
        seed: history.header.seed,
        nodes: strikes::nodes(history),
        source: Source::unknown(),
        started: utc(UNIX_EPOCH),
        wall_ms: 0,
        virtual_ms: None,
    };
    Report::of(run, history, &judge(history, &demand), &demand, Vec::new())
}

fn tier(name: &str) -> Result<Tier, String> {
    Tier::named(name).ok_or_else(|| "sim, local or netns".to_owned())
}

fn tell(text: &str) -> anyhow::Result<()> {
    Ok(std::io::stdout().write_all(text.as_bytes())?)
}
