//! `regent-jepsen powercut`: all disks of a real cluster lose power at the same moment, again and again.
//!
//! Each node is a process of its own on an ext4 of its own (a loop file), written to by many clients over HTTP. The
//! file systems are shut down without their logs, the processes killed, the disks mounted again, the nodes started. The
//! nodes are the shipped executable, since what counts is what people run; load and judgement are those of `faults`. The
//! controls run the very same rig on nodes of this executable whose log leaves out some care ([`weak_node`]): it must
//! see that data is lost, or it proves nothing.
//!
//! Floors, lowest first: [`arguments`], [`moment`] (when power goes), [`disks`], [`watch`] (what nodes are
//! about), [`report`], [`evidence`], [`members`], [`recovery`] (what an operator does), [`approach`] (bringing a moment about),
//! [`life`] (one cluster through several cuts).

pub mod approach;
pub mod arguments;
pub mod disks;
pub mod evidence;
pub mod life;
pub mod members;
pub mod moment;
pub mod recovery;
pub mod report;
pub mod watch;
pub mod weak_node;

use crate::cluster::node::{self, ALL_ENTRIES, Settings};
use crate::judgement::Judgement;
use crate::power::arguments::{PowerArguments, Weakness};
use crate::power::life::Life;
use crate::power::moment::{CONTROL_LIFE, Moment, PURGING_LIFE, WHOLE_LIFE};
use crate::power::report::Report;
use crate::seclusion;
use crate::stop::Stop;
use crate::tell::tell;
use regent_power::absence::is_absence;
use regent_power::{disk, namespace};
use std::path::Path;

/// A log that is kept whole. Who joins stays a learner for a while, so that power can go meanwhile.
const WHOLE: Settings =
    Settings { snapshot_entries: None, entries_kept: Some(ALL_ENTRIES), promote_after_ms: 1500 };
/// A log that is purged every second or two.
const PURGED: Settings =
    Settings { snapshot_entries: Some(200), entries_kept: Some(50), promote_after_ms: 1500 };

/// Runs all cuts that were asked for.
///
/// # Errors
/// When the harness itself cannot go on; that says nothing about the cluster.
pub fn run(arguments: &PowerArguments) -> anyhow::Result<Judgement> {
    match &arguments.inside {
        Some(work) => inside(work, arguments),
        None => seclusion::start_again(skipped),
    }
}

fn inside(work: &Path, arguments: &PowerArguments) -> anyhow::Result<Judgement> {
    namespace::end_with_outside()?;
    match disk::probe(work) {
        Ok(()) => {}
        Err(reason) if is_absence(&reason) => {
            return Ok(skipped(&format!("absent: disks that lose power ({reason})")));
        }
        Err(broken) => return Err(broken.into()),
    }
    // One thread only: nodes die with the thread that started them, which has to be the main one.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut rig = Rig { work, arguments, stop: Stop::new(arguments.time_limit())? };
        let report = rig.shipped().await?;
        tell(&report.to_string());
        let mut passed =
            !report.is_broken() && report.idle() == 0 && report.in_flight() >= arguments.in_flight;
        if arguments.control_cuts_max > 0 {
            for weakness in [Weakness::WithoutFdatasync, Weakness::WithoutCap] {
                passed &= rig.control(weakness).await?;
            }
        }
        Ok(if passed { Judgement::Passed } else { Judgement::Failed })
    })
}

/// Where cuts are made, and until when.
struct Rig<'a> {
    work: &'a Path,
    arguments: &'a PowerArguments,
    stop: Stop,
}

impl Rig<'_> {
    /// Cuts under nodes as they are shipped, up to the first broken promise.
    async fn shipped(&mut self) -> anyhow::Result<Report> {
        let mut report = Report::on("shipped");
        let kinds = [(PURGED, PURGING_LIFE.as_slice()), (WHOLE, WHOLE_LIFE.as_slice())];
        for (settings, moments) in kinds.into_iter().cycle() {
            let left = self.arguments.cuts - report.cuts.len();
            if left == 0 || report.is_broken() {
                break;
            }
            let moments = &moments[..left.min(moments.len())];
            self.life(settings, moments, None, &mut report).await?;
        }
        Ok(report)
    }

    /// Cuts under nodes that leave something out; whether a loss was seen.
    async fn control(&mut self, weakness: Weakness) -> anyhow::Result<bool> {
        let mut report = Report::on(weakness.name());
        let most = self.arguments.control_cuts_max;
        while !report.saw_loss() && report.cuts.len() < most {
            let moments = &CONTROL_LIFE[..CONTROL_LIFE.len().min(most - report.cuts.len())];
            self.life(PURGED, moments, Some(weakness), &mut report).await?;
        }
        tell(&report.to_string());
        if !report.saw_loss() {
            tell(&format!("powercut {}: VOID, this control must lose data", weakness.name()));
        }
        Ok(report.saw_loss())
    }

    async fn life(
        &mut self,
        settings: Settings,
        moments: &[Moment],
        weakness: Option<Weakness>,
        report: &mut Report,
    ) -> anyhow::Result<()> {
        let executable = node::executable(self.arguments.executable.as_deref())?;
        let done = report.cuts.len();
        tell(&format!("powercut {}: a cluster, {done} cuts so far", report.title));
        let mut life = Life::prepare(self.work, &executable, settings, report)?;
        let lived = tokio::select! {
            lived = life.live(moments, weakness) => Some(lived),
            () = self.stop.asked() => None,
        };
        life.abandon().await;
        let places = life.places();
        let Some(lived) = lived else { anyhow::bail!("stopped by a signal, or out of time") };
        if lived.is_err() || (life.is_broken() && weakness.is_none()) {
            let kept = evidence::keep(&places)?;
            tell(&format!("what is left of the nodes is in {}", kept.display()));
        }
        lived
    }
}

fn skipped(reason: &str) -> Judgement {
    tell(&format!("SKIPPED powercut-of-a-cluster: {reason}"));
    Judgement::Skipped
}
