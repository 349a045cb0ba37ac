//! One cluster from its start to its judgement.

use crate::cluster::group::Group;
use crate::cluster::node::{self, ALL_ENTRIES, Settings};
use crate::faults::arguments::FaultsArguments;
use crate::faults::fault::Fault;
use crate::faults::injector::{Injector, WITNESS};
use crate::faults::report::{self, Report, Tally};
use crate::faults::requirements::{self, Seen};
use crate::faults::trail::{self, End};
use crate::judge::after_load::{self, WholeLog};
use crate::judge::violation::Violation;
use crate::load::client::Door;
use crate::load::crowd::Crowd;
use crate::load::intent::{ADDRESSES, Weight};
use crate::load::meter::Meter;
use crate::load::record::WriteRecord;
use crate::stop::Stop;
use anyhow::Context as _;
use regent_check::history::line::Instant;
use std::fs::File;
use std::io::BufWriter;
use std::time::Duration;

/// Entries between two snapshots where nodes are to need them.
const SNAPSHOT_ENTRIES: u64 = 2000;
/// Entries kept behind the older snapshot there.
const ENTRIES_KEPT: u64 = 50;
/// Writes after which a node that was away needs a snapshot: two of them and what is kept, and some for good measure.
const WRITES_AWAY: u64 = 4 * SNAPSHOT_ENTRIES;

/// Which cluster, and what is done to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// The leader is killed and paused. The log is kept whole.
    Leader,
    /// A follower is killed while it installs snapshots. The log is purged early, but for that of the witness.
    Snapshot,
}

impl Phase {
    /// How many faults are wanted.
    #[must_use]
    pub const fn faults(self, arguments: &FaultsArguments) -> usize {
        match self {
            Self::Leader => arguments.kills + arguments.pauses,
            Self::Snapshot => arguments.snapshot_kills,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Leader => "leader",
            Self::Snapshot => "snapshot",
        }
    }

    const fn settings(self) -> Settings {
        match self {
            Self::Leader => Settings { entries_kept: Some(ALL_ENTRIES), ..Settings::SHIPPED },
            Self::Snapshot => Settings {
                snapshot_entries: Some(SNAPSHOT_ENTRIES),
                entries_kept: Some(ENTRIES_KEPT),
                ..Settings::SHIPPED
            },
        }
    }
}

/// Runs a phase. Whatever happens, no process of it is left, and no file unless something went wrong.
///
/// # Errors
/// When the harness cannot go on, or was asked to stop.
pub async fn run(
    phase: Phase,
    arguments: &FaultsArguments,
    stop: &mut Stop,
) -> anyhow::Result<Report> {
    let executable = node::executable(arguments.executable.as_deref())?;
    let (mut group, folder) =
        Group::in_folder_of_its_own(&std::env::temp_dir(), &executable, phase.settings())?;
    let whole = Settings { entries_kept: Some(ALL_ENTRIES), ..phase.settings() };
    group.nodes[WITNESS].settle(whole);
    let lived = tokio::select! {
        lived = live(phase, arguments, &mut group) => Some(lived),
        () = stop.asked() => None,
    };
    group.end().await;
    let Some(lived) = lived else { anyhow::bail!("stopped by a signal, or out of time") };
    match lived {
        Ok(report) if report.violations.is_empty() => Ok(report),
        Ok(report) => Ok(Report { kept: Some(folder.keep()), ..report }),
        Err(error) => Err(error.context(format!("see {}", folder.keep().display()))),
    }
}

async fn live(
    phase: Phase,
    arguments: &FaultsArguments,
    group: &mut Group,
) -> anyhow::Result<Report> {
    group.start().await.context("the cluster did not come up")?;
    group.make_subnet(ADDRESSES).await?;
    let places = group.nodes.iter().map(|node| &node.place);
    let doors: Vec<_> =
        places.map(|place| Door { name: place.name.clone(), api: place.api.clone() }).collect();
    let crowd = Crowd::start(&doors, 0, Weight::Light)?;
    let meter = std::sync::Arc::clone(&crowd.meter);
    let (faults, violations) = inject(phase, arguments, group, &meter).await?;
    let ended = meter.now();
    let writes = crowd.end().await?;
    let mut report = Report {
        phase: phase.name(),
        wanted: phase.faults(arguments),
        faults: with_gaps(faults, &meter, ended),
        tally: Tally::of(&writes),
        follower_percent: meter.follower_percent(),
        codes: report::codes(&writes),
        violations,
        ..Report::default()
    };
    // Kept before anything else can go wrong, and again when the end is known.
    keep_history(arguments, &writes, &report, None)?;
    let found = after_load::judge(group, &writes, WholeLog::Demanded).await?;
    report.judged.extend(found.judged);
    report.violations.extend(found.violations);
    let (agreed, replayed) = (found.agreed, found.replayed.unwrap_or_default());
    let nodes = doors.into_iter().map(|door| door.name).collect();
    let end = End { at: meter.now(), agreed, nodes, keys: replayed.keys };
    keep_history(arguments, &writes, &report, Some(&end))?;
    report.unmet = requirements::unmet(&Seen {
        writes: &writes,
        follower_percent: report.follower_percent,
        // A follower that is killed leaves few answers open.
        repetitions: (phase == Phase::Leader).then_some(replayed.repetitions),
    });
    Ok(report)
}

async fn inject(
    phase: Phase,
    arguments: &FaultsArguments,
    group: &mut Group,
    meter: &Meter,
) -> anyhow::Result<(Vec<Fault>, Vec<Violation>)> {
    let load_max = Duration::from_secs(arguments.load_seconds_max);
    let mut injector =
        Injector { group, meter, load_max, faults: Vec::new(), violations: Vec::new() };
    match phase {
        Phase::Leader => {
            injector.kill_leader(arguments.kills).await?;
            injector.pause_leader(arguments.pauses, arguments.pause()).await?;
        }
        Phase::Snapshot => {
            injector.kill_install(arguments.snapshot_kills, WRITES_AWAY).await?;
        }
    }
    Ok((injector.faults, injector.violations))
}

/// Each fault with the longest time without an acknowledged write from it to the next one, or to when the load ended.
fn with_gaps(faults: Vec<Fault>, meter: &Meter, ended: Instant) -> Vec<(Fault, Option<Duration>)> {
    let began: Vec<_> = faults.iter().map(|fault| fault.began).collect();
    let ends = began.into_iter().skip(1).chain([ended]);
    let gap = |(fault, end): (Fault, _)| {
        let gap = meter.gap_between(fault.began, end);
        (fault, gap)
    };
    faults.into_iter().zip(ends).map(gap).collect()
}

fn keep_history(
    arguments: &FaultsArguments,
    writes: &[WriteRecord],
    report: &Report,
    end: Option<&End>,
) -> anyhow::Result<()> {
    let Some(folder) = &arguments.histories else { return Ok(()) };
    std::fs::create_dir_all(folder)?;
    let path = folder.join(format!("{}.ndjson", report.phase));
    let file = BufWriter::new(File::create(&path)?);
    trail::write(file, report.phase, writes, &report.faults, end).context("the history")?;
    Ok(())
}
