//! `regent-jepsen faults`: kills and pauses nodes of a real cluster under load, then judges what is left.
//!
//! Floors, lowest first: [`arguments`], [`arrival`] (when a snapshot begins to arrive), [`fault`] (what was done and what it met), [`injector`] (does it), [`trail`]
//! (the run as a history), [`requirements`] (what a run must have seen), [`report`], [`phase`] (one cluster from start to judgement). Two phases: in `leader`
//! all nodes keep their whole logs; in `snapshot` they purge them early, so that a node that was away needs a snapshot, all
//! but one. Both are judged from a whole log.

pub mod arguments;
pub mod arrival;
pub mod fault;
pub mod injector;
pub mod phase;
pub mod report;
pub mod requirements;
pub mod trail;

use crate::faults::arguments::FaultsArguments;
use crate::faults::phase::Phase;
use crate::judgement::Judgement;
use crate::stop::Stop;
use crate::tell::tell;

/// Runs all phases that were asked for.
///
/// # Errors
/// When the harness itself cannot go on; that says nothing about the cluster.
pub fn run(arguments: &FaultsArguments) -> anyhow::Result<Judgement> {
    let wanted = [Phase::Leader, Phase::Snapshot].map(|phase| phase.faults(arguments));
    anyhow::ensure!(wanted != [0, 0], "no fault is asked for, so there is nothing to find out");
    // One thread only: nodes die with the thread that started them, which has to be the main one.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut stop = Stop::new(arguments.time_limit())?;
        let mut judgement = Judgement::Passed;
        for phase in [Phase::Leader, Phase::Snapshot] {
            if phase.faults(arguments) == 0 {
                continue;
            }
            let report = phase::run(phase, arguments, &mut stop).await?;
            tell(&report.to_string());
            if !report.passed(arguments.require) {
                judgement = Judgement::Failed;
            }
        }
        Ok(judgement)
    })
}
