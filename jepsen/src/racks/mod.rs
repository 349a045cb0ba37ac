//! `regent-jepsen racks`: racks and real DHCP clients in the lab, through everyday life and what goes wrong.
//!
//! Every node and rack is a process as it is shipped, on a machine (network namespace) of its own where it has to meet real
//! clients, else on the loopback. Whether an address had two holders is judged by what the clients themselves saw, never by what
//! racks or region say.
//!
//! Floors, lowest first: [`arguments`], [`findings`], [`site`] (where it plays), [`loopback`] (where many play), then the scenarios,
//! which do not know each other: [`everyday`], [`outage`], [`away`], [`apart`], [`cutover`]; [`storm`] and [`fleet`] on the loopback.

pub mod apart;
pub mod arguments;
pub mod away;
pub mod cutover;
pub mod everyday;
pub mod findings;
pub mod fleet;
pub mod loopback;
pub mod outage;
pub mod site;
pub mod storm;

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

/// The programs of the system that scenarios in the lab need.
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
        let (mut has_failed, mut has_skipped, mut reports) = (false, false, Vec::new());
        for scenario in named {
            if let Some(reason) = missing(*scenario) {
                tell(&format!("SKIPPED racks {}: {reason}", scenario.name()));
                has_skipped = true;
                continue;
            }
            let findings = tokio::select! {
                findings = play(*scenario, &executables, arguments.scope()) => findings?,
                () = stop.asked() => anyhow::bail!("stopped by a signal, or out of time"),
            };
            tell(&format!("racks {}:\n{findings}", scenario.name()));
            reports.push(findings.json(scenario.name()));
            has_failed |= !findings.broken.is_empty();
        }
        if let Some(file) = &arguments.json {
            fs::write(file, serde_json::to_vec_pretty(&reports)?)?;
        }
        Ok(match (has_failed, has_skipped) {
            (true, _) => Judgement::Failed,
            (false, true) => Judgement::Skipped,
            (false, false) => Judgement::Passed,
        })
    })
}

/// Why a scenario cannot be played on this machine; `None` if it can.
#[must_use]
pub fn missing(scenario: Scenario) -> Option<String> {
    scenario.needs_lab().then(|| tool::missing(&PROGRAMS))?
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
        Scenario::Storm => storm::play(executables, scope.extent).await,
        Scenario::Fleet => fleet::play(executables, scope).await,
        Scenario::Cutover => cutover::play(executables, scope.extent).await,
    }
}
