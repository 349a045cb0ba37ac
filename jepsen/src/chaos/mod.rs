//! `regent-jepsen netns`: a cluster on machines of its own (network namespaces, disks that lose power) is broken by a plan, while
//! clients write, read, watch and ask names; then everything is healed and looked at. `regent-jepsen local`: the same without
//! root, all nodes on this machine, with fewer faults.
//!
//! ```text
//!   seed ─► schedule ─► plan ─► tracks ─► nemesis/* ─► rig (processes, disks, cuts, clocks)
//!                                  │
//!   load, workload ─► operations ──┴─► trail ─► history.jsonl ─► verdict
//! ```
//!
//! Floors, lowest first: [`plan`], [`dice`], [`arguments`], [`schedule`] (from a seed to a plan), [`machines`], [`ways`] (what a cut
//! drops), [`cuts`], [`rules`] and [`openers`], [`links`] (who cuts), [`queues`] (who holds back), [`cables`], [`clocks`], [`terrain`] (where nodes live), [`lives`] (of nodes that began anew), [`record`] (what became of a fault), [`workload`], [`served`] (racks and DHCP clients), [`rig`] (what faults are done to), [`aim`], [`membership`], [`other_site`], [`site_view`],
//! [`nemesis`] (one kind of fault a file), [`tracks`], [`healing`], [`trail`], [`verdict`], [`report`] (what is left of a run for people), [`life`] (a run), [`conclusion`], [`smaller`] (plans that fail with fewer faults). [`clean`]
//! stands apart.

pub mod aim;
pub mod arguments;
pub mod askers;
pub mod cables;
pub mod clean;
pub mod clocks;
pub mod conclusion;
pub mod cuts;
pub mod dice;
pub mod healing;
pub mod life;
pub mod links;
pub mod lives;
pub mod machines;
pub mod membership;
pub mod nemesis;
pub mod openers;
pub mod other_site;
pub mod plan;
pub mod queues;
pub mod record;
pub mod report;
pub mod rig;
pub mod rules;
pub mod schedule;
pub mod served;
pub mod site_view;
pub mod smaller;
pub mod terrain;
pub mod tracks;
pub mod trail;
pub mod verdict;
pub mod ways;
pub mod workload;

use crate::chaos::arguments::{ChaosArguments, Tier};
use crate::chaos::life::Stage;
use crate::chaos::machines::Machines;
use crate::chaos::plan::Plan;
use crate::chaos::terrain::{Ground, Here, Terrain};
use crate::cluster::node;
use crate::judgement::Judgement;
use crate::lab::tool;
use crate::probe::ability::{self, Ability};
use crate::seclusion;
use crate::stop::Stop;
use crate::tell::tell;
use anyhow::Context as _;
use regent_power::namespace::FOLDER_PREFIX;
use std::fs;
use std::path::Path;
use std::time::SystemTime;

/// Runs one plan on machines of its own.
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

/// Runs one plan on this machine alone.
///
/// # Errors
/// When the harness itself cannot go on; that says nothing about the cluster.
pub fn run_here(arguments: &ChaosArguments) -> anyhow::Result<Judgement> {
    let needs_machines =
        arguments.racks || arguments.shrink || arguments.require == Some(Tier::Netns);
    anyhow::ensure!(!needs_machines, "that needs machines of their own: netns");
    let plan = plan_of(arguments, Tier::Local)?;
    // As those of runs inside, so that `clean` finds it.
    let prefix = format!("{FOLDER_PREFIX}{}-", std::process::id());
    let work = tempfile::Builder::new().prefix(&prefix).tempdir()?;
    let terrain = Terrain::Here(Here::make(plan.nodes, work.path())?);
    play(&terrain, &plan, arguments, work.path())
}

fn inside(work: &Path, arguments: &ChaosArguments) -> anyhow::Result<Judgement> {
    seclusion::enter()?;
    let plan = plan_of(arguments, Tier::Netns)?;
    for ability in [Ability::Namespaces, Ability::Disks] {
        if let Some(why) = ability.missing(work) {
            return Ok(skipped(&format!("absent: {} ({why})", ability.about())));
        }
    }
    if plan.racks
        && let Some(why) = tool::missing(&served::PROGRAMS)
    {
        return Ok(skipped(&why));
    }
    // Before there are other threads: those will be on the clients' machine, too.
    let machines = Machines::make(plan.nodes)?;
    let can = |ability: Ability| ability.missing(work).is_none();
    let (can_cut, can_narrow) = (can(Ability::Cuts), can(Ability::Narrow));
    let can_hold = can(Ability::Delay);
    let terrain = Terrain::Machines(Ground { machines, can_cut, can_narrow, can_hold });
    play(&terrain, &plan, arguments, work)
}

/// Does what a plan says and judges what became of it.
fn play(
    terrain: &Terrain,
    plan: &Plan,
    arguments: &ChaosArguments,
    work: &Path,
) -> anyhow::Result<Judgement> {
    let began = SystemTime::now();
    let folder = arguments.results.join(plan.seed.to_string());
    fs::create_dir_all(&folder)?;
    let shown = folder.join("plan.json");
    fs::write(&shown, serde_json::to_vec_pretty(plan)?)?;
    let Plan { seed, nodes, seconds, faults, .. } = plan;
    let (tier, faults, shown) = (terrain.tier(), faults.len(), shown.display());
    tell(&format!("{tier}: seed {seed}, {nodes} nodes, {faults} faults in {seconds} s: {shown}"));
    let executable = node::executable(arguments.executable.as_deref())?;
    let beside = executable.with_file_name("rack-agent");
    let rack_executable = arguments.rack_executable.clone().unwrap_or(beside);
    let stage = Stage {
        executable: &executable,
        rack_executable: &rack_executable,
        work,
        terrain,
        plan,
        faketime: ability::faketime().ok(),
        can_shim: Ability::Shim.missing(work).is_none(),
    };
    // One thread only: nodes die with the thread that started them, which has to be the main one.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (lived, disks) = runtime.block_on(async {
        let mut stop = Stop::new(ChaosArguments::time_limit(plan.seconds))?;
        tokio::select! {
            lived = stage.live() => lived,
            () = stop.asked() => anyhow::bail!("stopped by a signal, or out of time"),
        }
    })?;
    let judgement = conclusion::draw(&lived, plan, arguments, &folder, (terrain.tier(), began))?;
    drop(disks);
    Ok(judgement)
}

fn plan_of(arguments: &ChaosArguments, tier: Tier) -> anyhow::Result<Plan> {
    if let Some(file) = &arguments.plan {
        let text = fs::read(file).with_context(|| file.display().to_string())?;
        return serde_json::from_slice(&text).context("this is no plan");
    }
    let possible = Terrain::kinds(tier);
    let asked_for = arguments.nemeses.iter().copied();
    let kinds: Vec<_> = asked_for.filter(|kind| possible.contains(kind)).collect();
    anyhow::ensure!(
        kinds.len() == arguments.nemeses.len(),
        "not all of these kinds can be had here: {:?}",
        arguments.nemeses
    );
    let kinds = if kinds.is_empty() { possible } else { kinds };
    Ok(schedule::draw(arguments.seed, arguments.nodes, arguments.seconds, &kinds, arguments.racks))
}

fn skipped(reason: &str) -> Judgement {
    tell(&format!("SKIPPED netns: {reason}"));
    Judgement::Skipped
}
