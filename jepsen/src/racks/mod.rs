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
use crate::lab::{kea, kea_pair, reply_watch, tool};
use crate::racks::arguments::{Against, RacksArguments, Scenario, Scope};
use crate::racks::findings::Findings;
use crate::racks::site::Executables;
use crate::stop::Stop;
use crate::tell::tell;
use clap::ValueEnum as _;
use std::fs;

/// The programs of the system that every scenario in the lab needs.
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
        let (mut judgements, mut reports) = (Vec::new(), Vec::new());
        for scenario in named {
            if let Some(reason) = missing(*scenario, arguments.against) {
                tell(&format!("SKIPPED racks {}: {reason}", scenario.name()));
                judgements.push(Judgement::Skipped);
                continue;
            }
            let findings = tokio::select! {
                findings = play(*scenario, &executables, arguments.scope()) => findings?,
                () = stop.asked() => anyhow::bail!("stopped by a signal, or out of time"),
            };
            tell(&format!("racks {}:\n{findings}", scenario.name()));
            reports.push(findings.json(scenario.name()));
            judgements.push(findings.judgement());
        }
        if let Some(file) = &arguments.json {
            fs::write(file, serde_json::to_vec_pretty(&reports)?)?;
        }
        let worst = [Judgement::Failed, Judgement::Skipped];
        let worst = worst.into_iter().find(|judgement| judgements.contains(judgement));
        Ok(worst.unwrap_or(Judgement::Passed))
    })
}

/// Why a scenario cannot be played on this machine, and compared if that was asked for; `None` if it can.
#[must_use]
pub fn missing(scenario: Scenario, against: Option<Against>) -> Option<String> {
    if !scenario.needs_lab() {
        return None;
    }
    let absent = tool::missing(&programs(scenario, against));
    absent.or_else(|| compares(scenario, against).then(kea_pair::missing_hook)?)
}

fn programs(scenario: Scenario, against: Option<Against>) -> Vec<&'static str> {
    let mut programs = PROGRAMS.to_vec();
    match scenario {
        Scenario::Cutover => programs.push(kea::PROGRAM),
        Scenario::Everyday
        | Scenario::Outage
        | Scenario::Away
        | Scenario::Apart
        | Scenario::Storm
        | Scenario::Fleet => {}
    }
    if compares(scenario, against) {
        programs.extend([kea_pair::PROGRAM, kea_pair::ASKER]);
    }
    programs
}

/// Whether Kea servers in high availability have a part in it.
fn compares(scenario: Scenario, against: Option<Against>) -> bool {
    match against {
        Some(Against::KeaHa) => scenario == Scenario::Outage,
        None => false,
    }
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

#[cfg(test)]
mod tests {
    use super::{PROGRAMS, programs};
    use crate::lab::{kea, kea_pair};
    use crate::racks::arguments::{Against, Scenario};

    #[test]
    fn scenario_needs_kea_only_where_it_cannot_be_played_without() {
        assert!(programs(Scenario::Cutover, None).contains(&kea::PROGRAM));
        assert_eq!(programs(Scenario::Outage, None), PROGRAMS);
        let compared = programs(Scenario::Outage, Some(Against::KeaHa));
        assert!(compared.contains(&kea_pair::PROGRAM) && compared.contains(&kea_pair::ASKER));
        assert_eq!(programs(Scenario::Away, Some(Against::KeaHa)), PROGRAMS);
    }
}
