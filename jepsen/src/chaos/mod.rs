//! `regent-jepsen netns`: a cluster on machines of its own (network namespaces, disks that lose power) is broken by a plan, while
//! clients write, read, watch and ask names; then everything is healed and looked at.
//!
//! ```text
//!   seed ─► schedule ─► plan ─► tracks ─► nemesis/* ─► rig (processes, disks, cuts, clocks)
//!                                  │
//!   load, workload ─► operations ──┴─► trail ─► history.jsonl ─► verdict
//! ```
//!
//! Floors, lowest first: [`plan`], [`dice`], [`arguments`], [`schedule`] (from a seed to a plan), [`machines`], [`ways`] (what a cut
//! drops), [`cuts`], [`clocks`], [`lives`] (of nodes that began anew), [`record`] (what became of a fault), [`workload`], [`served`] (racks and DHCP clients), [`rig`] (what faults are done to), [`membership`],
//! [`nemesis`] (one kind of fault a file), [`tracks`], [`healing`], [`trail`], [`verdict`], [`report`] (what is left of a run), [`life`] (a run), [`smaller`] (plans that fail with fewer faults). [`clean`]
//! stands apart.

pub mod arguments;
pub mod clean;
pub mod clocks;
pub mod cuts;
pub mod dice;
pub mod healing;
pub mod life;
pub mod lives;
pub mod machines;
pub mod membership;
pub mod nemesis;
pub mod plan;
pub mod record;
pub mod report;
pub mod rig;
pub mod schedule;
pub mod served;
pub mod smaller;
pub mod tracks;
pub mod trail;
pub mod verdict;
pub mod ways;
pub mod workload;

use crate::chaos::arguments::ChaosArguments;
use crate::chaos::life::{Lived, Stage};
use crate::chaos::machines::Machines;
use crate::chaos::plan::{Kind, Plan};
use crate::chaos::trail::Trail;
use crate::cluster::node;
use crate::cluster::place::Place;
use crate::judgement::Judgement;
use crate::lab::tool;
use crate::power::evidence;
use crate::probe::ability::{self, Ability};
use crate::seclusion;
use crate::stop::Stop;
use crate::tell::tell;
use anyhow::Context as _;
use clap::ValueEnum as _;
use regent_check::verdict::Outcome;
use regent_report::about::{About, Tier};
use std::fs::{self, File};
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// What runs of this kind are called in the book of runs.
const TIER: Tier = Tier::Netns;

/// Runs one plan.
///
/// # Errors
/// When the harness itself cannot go on; that says nothing about the cluster.
pub fn run(arguments: &ChaosArguments) -> anyhow::Result<Judgement> {
    match &arguments.inside {
        Some(work) => inside(work, arguments),
        None => {
            let judgement = seclusion::start_again(skipped)?;
            if arguments.shrink && judgement == Judgement::Failed {
                smaller::shrink(arguments)?;
            }
            Ok(judgement)
        }
    }
}

fn inside(work: &Path, arguments: &ChaosArguments) -> anyhow::Result<Judgement> {
    let began = SystemTime::now();
    seclusion::enter()?;
    let plan = plan_of(arguments)?;
    let folder = arguments.results.join(plan.seed.to_string());
    fs::create_dir_all(&folder)?;
    fs::write(folder.join("plan.json"), serde_json::to_vec_pretty(&plan)?)?;
    for ability in [Ability::Namespaces, Ability::Disks] {
        if let Some(why) = ability.missing(work) {
            return Ok(skipped(&format!("absent: {} ({why})", ability.about())));
        }
    }
    let (faults, shown) = (plan.faults.len(), folder.join("plan.json"));
    let Plan { seed, nodes, seconds, .. } = plan;
    tell(&format!(
        "netns: seed {seed}, {nodes} nodes, {faults} faults in {seconds} s: {}",
        shown.display()
    ));
    let executable = node::executable(arguments.executable.as_deref())?;
    // Before there are other threads: those will be on the clients' machine, too.
    let machines = Machines::make(plan.nodes)?;
    let can_cut = Ability::Cuts.missing(work).is_none();
    let beside = executable.with_file_name("rack-agent");
    let rack_executable = arguments.rack_executable.clone().unwrap_or(beside);
    if plan.racks
        && let Some(why) = tool::missing(&served::PROGRAMS)
    {
        return Ok(skipped(&why));
    }
    let (work, plan, machines) = (work, &plan, &machines);
    let (executable, faketime) = (executable.as_path(), ability::faketime().ok());
    let rack_executable = rack_executable.as_path();
    let stage = Stage { executable, rack_executable, work, machines, plan, faketime, can_cut };
    // One thread only: nodes die with the thread that started them, which has to be the main one.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (lived, disks) = runtime.block_on(async {
        let mut stop = Stop::new(ChaosArguments::time_limit(plan.seconds))?;
        tokio::select! {
            lived = stage.live() => lived,
            () = stop.asked() => anyhow::bail!("stopped by a signal, or out of time"),
        }
    })?;
    let judgement = conclude(&lived, plan, arguments, &folder, began)?;
    drop(disks);
    Ok(judgement)
}

fn plan_of(arguments: &ChaosArguments) -> anyhow::Result<Plan> {
    if let Some(file) = &arguments.plan {
        let text = fs::read(file).with_context(|| file.display().to_string())?;
        return serde_json::from_slice(&text).context("this is no plan");
    }
    let kinds = match arguments.nemeses.as_slice() {
        [] => Kind::value_variants(),
        some => some,
    };
    Ok(schedule::draw(arguments.seed, arguments.nodes, arguments.seconds, kinds, arguments.racks))
}

/// Keeps what is left and tells what it came to.
fn conclude(
    lived: &Lived,
    plan: &Plan,
    arguments: &ChaosArguments,
    folder: &Path,
    began: SystemTime,
) -> anyhow::Result<Judgement> {
    let history = folder.join("history.jsonl");
    let trail = Trail {
        seed: plan.seed,
        writes: &lived.writes,
        operations: &lived.operations,
        records: &lived.records,
        seen: &lived.seen,
        lives: &lived.lives,
        end: lived.end.as_ref(),
    };
    trail.write(BufWriter::new(File::create(&history)?)).context("the history")?;
    fs::write(folder.join("faults.json"), serde_json::to_vec_pretty(&lived.records)?)?;
    for Place { name, log, .. } in &lived.places {
        fs::copy(log, folder.join(format!("{name}.log")))?;
    }
    for (name, said) in &lived.racks_said {
        fs::write(folder.join(format!("{name}.log")), said)?;
    }
    tell(&lived.summary());
    let judged = verdict::of(&history, plan)?;
    let verdict = &judged.verdict;
    let about = About::new(TIER, plan.seed, plan.nodes as u64, began, began.elapsed()?);
    report::leave(folder, about, &judged, &lived.violations, arguments.runs.as_deref())?;
    tell(&verdict::told(verdict));
    if !lived.violations.is_empty() {
        let kept: PathBuf = evidence::keep(&lived.places)?;
        tell(&format!("what is left of the nodes is in {}", kept.display()));
    }
    let is_passed = match verdict.outcome {
        Outcome::Pass => true,
        Outcome::Fail => false,
        // What was not demanded with a word may be missing, but nothing may be open.
        Outcome::Unknown => arguments.require.is_none() && verdict.doubts == 0,
    };
    let is_whole = is_passed && lived.violations.is_empty();
    Ok(if is_whole { Judgement::Passed } else { Judgement::Failed })
}

fn skipped(reason: &str) -> Judgement {
    tell(&format!("SKIPPED netns: {reason}"));
    Judgement::Skipped
}
