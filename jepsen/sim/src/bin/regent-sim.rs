//! Runs seeds of the simulation, one line each, keeps what those that do not pass leave behind, and says in the end what
//! all of them together have been through.

use anyhow::Context as _;
use clap::{Parser, Subcommand};
use regent_check::verdict::Outcome;
use regent_core::planted::Planted;
use regent_report::folder;
use regent_report::runs::book;
use regent_report::runs::entry::{Entry, together};
use regent_report::shrink::TRIES_FAST_MAX;
use regent_report::source::Source;
use regent_sim::batch::{Batch, demand};
use regent_sim::history;
use regent_sim::judge::named;
use regent_sim::options::{Faults, RackChoice, SimOptions};
use regent_sim::plan::Plan;
use regent_sim::report::report;
use regent_sim::run::SimOutcome;
use regent_sim::runs::{Ran, fails_by_itself, run_all};
use regent_sim::shrink::smaller;
use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::num::NonZero;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

/// The exit code of runs that say nothing; that of runs that fail is 1.
const EXIT_UNKNOWN: u8 = 4;
/// Lines told of a run that does not pass.
const LINES_TOLD_MAX: usize = 10;

/// A region in virtual time, broken from a seed.
#[derive(Debug, Parser)]
struct Arguments {
    #[command(subcommand)]
    instead: Option<Instead>,
    /// The first seed.
    #[arg(long, default_value_t = 1)]
    from: u64,
    /// How many seeds.
    #[arg(long, default_value_t = 20)]
    seeds: u64,
    /// Runs at once, each on a thread of its own; as many as there are processors if absent.
    #[arg(long)]
    jobs: Option<NonZero<usize>>,
    /// Voters of the group.
    #[arg(long, default_value_t = 3)]
    voters: u8,
    /// Clients at once.
    #[arg(long, default_value_t = 6)]
    clients: u8,
    /// Virtual seconds of load and faults.
    #[arg(long, default_value_t = 30)]
    seconds: u64,
    /// Racks with DHCP clients, which go on for some virtual minutes; as the seed says if absent: none in nine of ten.
    #[arg(long)]
    racks: Option<u8>,
    /// Nothing goes wrong.
    #[arg(long)]
    calm: bool,
    /// Replays this plan instead.
    #[arg(long)]
    plan: Option<PathBuf>,
    /// Where runs that do not pass leave history, plan and verdict.
    #[arg(long, default_value = "sim-failures")]
    out: PathBuf,
    /// Has every run leave them.
    #[arg(long)]
    keep: bool,
    /// The book of runs (jepsen/RUNS.md) that gets a line about them.
    #[arg(long)]
    runs: Option<PathBuf>,
    /// Plants this bug, and ends well with the first run that fails.
    #[cfg(feature = "planted-bugs")]
    #[arg(long)]
    planted: Option<Planted>,
}

#[derive(Debug, Subcommand)]
enum Instead {
    /// Makes a plan that fails as small as it still fails: `smaller.json` beside it.
    Shrink {
        /// The plan.
        #[arg(long)]
        plan: PathBuf,
        /// Runs that it may take.
        #[arg(long, default_value_t = TRIES_FAST_MAX)]
        tries: usize,
    },
}

fn main() -> anyhow::Result<ExitCode> {
    // Nodes complain all the time: only who wants to hears it (`RUST_LOG`).
    let silent = EnvFilter::builder().with_default_directive(LevelFilter::OFF.into());
    tracing_subscriber::fmt()
        .with_env_filter(silent.from_env_lossy())
        .with_writer(std::io::stderr)
        .init();
    let arguments = Arguments::parse();
    // Now: this asks git, and a process that begins has, for a moment, the locks of all nodes that run meanwhile.
    let _kept = Source::here();
    match (&arguments.instead, arguments.planted()) {
        (Some(Instead::Shrink { plan, tries }), bug) => shrink(plan, bug, *tries),
        (None, Some(bug)) => hunt(&arguments, bug),
        (None, None) => judge_all(&arguments),
    }
}

/// Runs all plans and judges them together.
fn judge_all(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let (mut batch, mut lines) = (Batch::default(), Vec::new());
    each(arguments, |ran| {
        batch.add(&ran.outcome);
        let passed = ran.outcome.judgement.outcome == Outcome::Pass;
        tell(ran, if passed { 0 } else { LINES_TOLD_MAX })?;
        if arguments.keep || !passed {
            leave(&arguments.out, ran)?;
        }
        if arguments.runs.is_some() {
            lines.push(Entry::of(&report(ran)));
            lines = together(std::mem::take(&mut lines));
        }
        Ok(ControlFlow::Continue(()))
    })?;
    if let Some(file) = &arguments.runs {
        book::add(file, &lines)?;
    }
    let demand = demand(batch.runs(), batch.with_racks, arguments.faults());
    let outcome = batch.outcome(&demand);
    let (runs, Batch { passed, failed, unknown, took, .. }) = (batch.runs(), &batch);
    let mut out = std::io::stdout().lock();
    write!(out, "\n{}", batch.table(&demand))?;
    let hours = took.as_secs_f64() / 3600.0;
    let word = named(outcome).to_uppercase();
    writeln!(
        out,
        "\n{word}: {runs} runs, {passed} passed, {failed} failed, {unknown} unknown; {hours:.2} virtual hours"
    )?;
    Ok(match outcome {
        Outcome::Pass => ExitCode::SUCCESS,
        Outcome::Fail => ExitCode::FAILURE,
        Outcome::Unknown => EXIT_UNKNOWN.into(),
    })
}

/// Runs plans until one fails that does not fail without the bug.
fn hunt(arguments: &Arguments, bug: Planted) -> anyhow::Result<ExitCode> {
    let (began, mut runs, mut caught) = (Instant::now(), 0_u64, false);
    each(arguments, |ran| {
        runs += 1;
        if ran.outcome.judgement.outcome != Outcome::Fail {
            return Ok(ControlFlow::Continue(()));
        }
        if fails_by_itself(&ran.outcome.plan)? {
            let seed = ran.outcome.plan.seed;
            writeln!(
                std::io::stdout().lock(),
                "seed {seed} fails without {bug}, too: not counted"
            )?;
            return Ok(ControlFlow::Continue(()));
        }
        caught = true;
        tell(ran, LINES_TOLD_MAX)?;
        leave(&arguments.out, ran)?;
        Ok(ControlFlow::Break(()))
    })?;
    let mut out = std::io::stdout().lock();
    let word = if caught { "caught" } else { "NOT CAUGHT" };
    writeln!(out, "{bug}: {word} in {runs} seeds, {:.0} s", began.elapsed().as_secs_f64())?;
    Ok(if caught { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn shrink(file: &Path, planted: Option<Planted>, tries_max: usize) -> anyhow::Result<ExitCode> {
    let plan = read(file)?;
    let whole = plan.faults.len();
    let mut out = std::io::stdout().lock();
    let Some(smaller) = smaller(&plan, planted, tries_max)? else {
        writeln!(out, "{} does not fail", file.display())?;
        return Ok(ExitCode::FAILURE);
    };
    let beside = file.with_file_name("smaller.json");
    fs::write(&beside, serde_json::to_vec_pretty(&smaller.plan)?)?;
    let (left, tries) = (smaller.plan.faults.len(), smaller.tries);
    let properties: Vec<_> = smaller.properties.into_iter().collect();
    let word =
        if smaller.is_minimal { "none can be left out" } else { "there may be smaller ones" };
    let properties = properties.join(", ");
    writeln!(
        out,
        "{left} of {whole} faults after {tries} runs, {word} ({properties}): {}",
        beside.display()
    )?;
    Ok(ExitCode::SUCCESS)
}

/// Runs all plans, and stops where `done` fails or breaks off.
fn each(
    arguments: &Arguments,
    mut done: impl FnMut(&Ran) -> anyhow::Result<ControlFlow<()>>,
) -> anyhow::Result<()> {
    let processors = || std::thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN);
    let jobs = arguments.jobs.unwrap_or_else(processors);
    let mut failed = None;
    run_all(arguments.plans()?, jobs, arguments.planted(), |ran| match done(&ran) {
        Ok(flow) => flow,
        Err(error) => {
            failed = Some(error);
            ControlFlow::Break(())
        }
    })?;
    failed.map_or(Ok(()), Err)
}

impl Arguments {
    const fn faults(&self) -> Faults {
        if self.calm { Faults::None } else { Faults::Planned }
    }

    #[cfg(feature = "planted-bugs")]
    const fn planted(&self) -> Option<Planted> {
        self.planted
    }

    #[cfg(not(feature = "planted-bugs"))]
    #[expect(clippy::unused_self, reason = "with the feature it is an argument")]
    const fn planted(&self) -> Option<Planted> {
        None
    }

    fn plans(&self) -> anyhow::Result<Box<dyn Iterator<Item = Plan> + Send>> {
        if let Some(path) = &self.plan {
            return Ok(Box::new(std::iter::once(read(path)?)));
        }
        let options = SimOptions {
            voters: self.voters,
            length: Duration::from_secs(self.seconds),
            clients: self.clients,
            faults: self.faults(),
            racks: self.racks.map_or(RackChoice::BySeed, RackChoice::Exactly),
        };
        let seeds = self.from..self.from.saturating_add(self.seeds);
        Ok(Box::new(seeds.map(move |seed| Plan::of(seed, &options))))
    }
}

fn tell(ran: &Ran, lines_max: usize) -> std::io::Result<()> {
    let (mut out, Ran { outcome, took }) = (std::io::stdout().lock(), ran);
    let SimOutcome { history, plan, trace_hash, judgement, events, took: virtually } = outcome;
    writeln!(
        out,
        "seed {} {}: {} operations, {} faults, {} leader changes, {events} events, {:.1} s virtual in {:.2} s, trace {}",
        plan.seed,
        named(judgement.outcome).to_uppercase(),
        history.operations.len(),
        plan.faults.len(),
        judgement.verdict.coverage.leader_changes,
        virtually.as_secs_f64(),
        took.as_secs_f64(),
        &trace_hash[..16],
    )?;
    judgement.lines().take(lines_max).try_for_each(|line| writeln!(out, "    {line}"))
}

fn read(plan: &Path) -> anyhow::Result<Plan> {
    let text = fs::read(plan).with_context(|| format!("reading {}", plan.display()))?;
    serde_json::from_slice(&text).context("the plan does not read")
}

fn leave(out: &Path, ran: &Ran) -> anyhow::Result<()> {
    let SimOutcome { history, plan, judgement, .. } = &ran.outcome;
    let folder = out.join(format!("seed-{}", plan.seed));
    folder::leave(&folder, history, &report(ran))?;
    fs::write(folder.join(folder::PLAN), serde_json::to_vec_pretty(plan)?)?;
    fs::write(folder.join("findings.txt"), judgement.lines().collect::<Vec<_>>().join("\n"))?;
    let file = BufWriter::new(File::create(folder.join(folder::HISTORY))?);
    history::write(history, file).context("the history cannot be written")
}
