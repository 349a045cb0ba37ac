//! `regent-jepsen racks`: racks and real DHCP clients in the lab, through everyday life and what goes wrong.
//!
//! Everything is a process as it is shipped, on a machine (network namespace) of its own. Whether an address had two holders
//! is judged by what the clients themselves saw, never by what racks or region say.
//!
//! Floors, lowest first: [`arguments`], [`findings`], [`site`] (where it plays), then the scenarios, which do not know each
//! other: [`everyday`], [`outage`], [`away`], [`apart`].

pub mod apart;
pub mod arguments;
pub mod away;
pub mod everyday;
pub mod findings;
pub mod outage;
pub mod site;

use crate::cluster::node;
use crate::judgement::Judgement;
use crate::lab::{reply_watch, tool};
use crate::racks::arguments::{RacksArguments, Scenario, Scope};
use crate::racks::findings::Findings;
use crate::racks::site::Executables;
use crate::stop::Stop;
use crate::tell::tell;
use clap::ValueEnum as _;
use std::fs;

/// The programs of the system that scenarios need.
pub const PROGRAMS: [&str; 10] = [
    "ip",
    "ethtool",
    "dig",
    "udhcpc",
    "dhclient",
    "dhcpcd",
    everyday::relayed::PROGRAM,
    reply_watch::PROGRAM,
    outage::offer::TRAFFIC_CONTROL,
    outage::offer::NUDGE,
];

/// Plays all scenarios that were asked for.
///
/// # Errors
/// When the harness itself cannot go on; that says nothing about the racks.
pub fn run(arguments: &RacksArguments) -> anyhow::Result<Judgement> {
    if let Some(reason) = tool::missing(&PROGRAMS) {
        tell(&format!("SKIPPED racks: {reason}"));
        return Ok(Judgement::Skipped);
    }
    let regent = node::executable(arguments.executable.as_deref())?;
    let beside = regent.with_file_name("rack-agent");
    let rack_agent = arguments.rack_executable.clone().unwrap_or(beside);
    anyhow::ensure!(rack_agent.is_file(), "{} is not there", rack_agent.display());
    let executables = Executables { regent, rack_agent };
    let named = match arguments.scenarios.as_slice() {
        [] => Scenario::value_variants(),
        named => named,
    };
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        let mut stop = Stop::new(arguments.time_limit())?;
        let (mut judgement, mut reports) = (Judgement::Passed, Vec::new());
        for scenario in named {
            let findings = tokio::select! {
                findings = play(*scenario, &executables, arguments.scope()) => findings?,
                () = stop.asked() => anyhow::bail!("stopped by a signal, or out of time"),
            };
            tell(&format!("racks {}:\n{findings}", scenario.name()));
            reports.push(findings.json(scenario.name()));
            if !findings.broken.is_empty() {
                judgement = Judgement::Failed;
            }
        }
        if let Some(file) = &arguments.json {
            fs::write(file, serde_json::to_vec_pretty(&reports)?)?;
        }
        Ok(judgement)
    })
}

/// Plays one.
///
/// # Errors
/// If it could not be played; that says nothing about the racks.
pub async fn play(
    scenario: Scenario,
    executables: &Executables,
    scope: Scope,
) -> anyhow::Result<Findings> {
    match scenario {
        Scenario::Everyday => everyday::play(executables, scope.extent).await,
        Scenario::Outage => outage::play(executables, scope).await,
        Scenario::Away => away::play(executables, scope.extent).await,
        Scenario::Apart => apart::play(executables, scope.extent).await,
    }
}
