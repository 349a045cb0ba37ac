//! Runs seeds of the simulation, one line each, and keeps what failing ones leave behind.

use anyhow::Context as _;
use clap::Parser;
use regent_sim::options::{Faults, SimOptions};
use regent_sim::plan::Plan;
use regent_sim::run::{SimOutcome, replay};
use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// A region in virtual time, broken from a seed.
#[derive(Debug, Parser)]
struct Arguments {
    /// The first seed.
    #[arg(long, default_value_t = 1)]
    from: u64,
    /// How many seeds.
    #[arg(long, default_value_t = 20)]
    seeds: u64,
    /// Voters of the group.
    #[arg(long, default_value_t = 3)]
    voters: u8,
    /// Clients at once.
    #[arg(long, default_value_t = 6)]
    clients: u8,
    /// Virtual seconds of load and faults.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Nothing goes wrong.
    #[arg(long)]
    calm: bool,
    /// Replays this plan instead.
    #[arg(long)]
    plan: Option<PathBuf>,
    /// Where failing runs leave history, plan and findings.
    #[arg(long, default_value = "sim-failures")]
    out: PathBuf,
    /// Has every run leave them.
    #[arg(long)]
    keep: bool,
}

fn main() -> anyhow::Result<ExitCode> {
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
        .with_writer(std::io::stderr)
        .init();
    let arguments = Arguments::parse();
    let plans = match &arguments.plan {
        Some(path) => {
            let text = fs::read(path).with_context(|| format!("reading {}", path.display()))?;
            vec![serde_json::from_slice(&text).context("the plan does not read")?]
        }
        None => seeded(&arguments),
    };
    let mut failed = 0_u64;
    for plan in &plans {
        let began = Instant::now();
        let outcome = replay(plan);
        tell(&outcome, began.elapsed())?;
        if !outcome.findings.is_empty() {
            failed += 1;
        }
        if arguments.keep || !outcome.findings.is_empty() {
            leave(&arguments.out.join(format!("seed-{}", plan.seed)), &outcome)?;
        }
    }
    let mut out = std::io::stdout().lock();
    writeln!(out, "{} runs, {failed} with findings", plans.len())?;
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn seeded(arguments: &Arguments) -> Vec<Plan> {
    let options = SimOptions {
        voters: arguments.voters,
        length: Duration::from_secs(arguments.seconds),
        clients: arguments.clients,
        faults: if arguments.calm { Faults::None } else { Faults::Planned },
    };
    let seeds = arguments.from..arguments.from.saturating_add(arguments.seeds);
    seeds.map(|seed| Plan::of(seed, &options)).collect()
}

fn tell(outcome: &SimOutcome, took: Duration) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    let verdict = if outcome.findings.is_empty() { "ok" } else { "FOUND" };
    writeln!(
        out,
        "seed {} {verdict}: {} operations, {} faults, {} leaders, {} events, {:.1} s virtual in {:.2} s, trace {}",
        outcome.plan.seed,
        outcome.history.operations.len(),
        outcome.plan.faults.len(),
        outcome.coverage.leaders,
        outcome.coverage.events,
        outcome.coverage.took.as_secs_f64(),
        took.as_secs_f64(),
        &outcome.trace_hash[..16],
    )?;
    outcome.findings.iter().try_for_each(|finding| writeln!(out, "    {finding}"))
}

fn leave(folder: &Path, outcome: &SimOutcome) -> anyhow::Result<()> {
    fs::create_dir_all(folder)?;
    fs::write(folder.join("plan.json"), serde_json::to_vec_pretty(&outcome.plan)?)?;
    fs::write(folder.join("findings.txt"), outcome.findings.join("\n"))?;
    let file = BufWriter::new(File::create(folder.join("history.jsonl"))?);
    outcome.history.write(outcome.plan.seed, file).context("the history cannot be written")
}
