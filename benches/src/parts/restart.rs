//! How long a killed node takes until it serves again, and what it holds in memory then.
//!
//! Three cases by turns of the log: as the import left it, right after a snapshot, and just before the next one.

use crate::arguments::Arguments;
use crate::load::crowd::{Numbers, Pressure, Target, Way, press};
use crate::load::wanted::Wanted;
use crate::process::memory;
use crate::spread::Spread;
use crate::table::Table;
use anyhow::Context as _;
use regent_jepsen::cluster::group::Group;
use regent_jepsen::cluster::status;
use std::path::Path;
use std::time::{Duration, Instant};
use tokio::time::sleep;

/// Applied entries between two snapshots, as shipped.
const SNAPSHOT_ENTRIES: u64 = 50_000;
/// Entries after a snapshot up to which it counts as fresh, and from which on the next one is near.
const FRESH_ENTRIES: u64 = 5_000;
const NEAR_ENTRIES: u64 = 40_000;
/// Clients that write where entries are wanted, and for how long before the next look.
const CLIENTS: usize = 64;
const WRITING: Duration = Duration::from_millis(500);
/// Looks before a state of the log counts as out of reach.
const LOOKS_MAX: u32 = 240;
/// Pause between looks where nothing is written.
const LOOK_PAUSE: Duration = Duration::from_millis(500);
/// What a restart may take, and the pause between two looks whether it is over.
const READY_MAX: Duration = Duration::from_secs(300);
const READY_PAUSE: Duration = Duration::from_millis(20);

/// What a node has to replay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Case {
    AsImported,
    FreshSnapshot,
    NearNextSnapshot,
}

impl Case {
    const fn name(self) -> &'static str {
        match self {
            Self::AsImported => "as the import left it",
            Self::FreshSnapshot => "a snapshot just written",
            Self::NearNextSnapshot => "the next snapshot near",
        }
    }

    const fn holds(self, snapshot: &Snapshot, behind: u64) -> bool {
        match self {
            Self::AsImported => true,
            Self::FreshSnapshot => snapshot.index > 0 && behind < FRESH_ENTRIES,
            Self::NearNextSnapshot => behind >= NEAR_ENTRIES && behind < SNAPSHOT_ENTRIES,
        }
    }
}

/// Measures a follower.
///
/// # Errors
/// When a node does not come back.
pub async fn run(
    arguments: &Arguments,
    group: &mut Group,
    numbers: &Numbers,
) -> anyhow::Result<Table> {
    const COLUMNS: [&str; 6] =
        ["log", "entries to replay", "ready, s", "resident MiB", "peak MiB", "snapshot MB"];
    let mut table = Table::new("restart of a follower", &COLUMNS);
    table.note(
        "from the start of the process until /readyz is ok, after kill -9, the others running",
    );
    for case in [Case::AsImported, Case::FreshSnapshot, Case::NearNextSnapshot] {
        let number = (group.leader().await? + 1) % group.nodes.len();
        let mut rounds = Vec::new();
        for _ in 0..arguments.rounds {
            write_until(arguments, group, number, case, numbers).await?;
            rounds.push(restart(group, number).await?);
        }
        let spread = |figure: fn(&Restart) -> f64| Spread::of(rounds.iter().map(figure)).into();
        table.rows.push(vec![
            case.name().into(),
            spread(|restart| restart.entries),
            spread(|restart| restart.ready.as_secs_f64()),
            spread(|restart| restart.resident_mib),
            spread(|restart| restart.peak_mib),
            spread(|restart| restart.snapshot_mb),
        ]);
    }
    Ok(table)
}

struct Restart {
    entries: f64,
    ready: Duration,
    resident_mib: f64,
    peak_mib: f64,
    snapshot_mb: f64,
}

async fn restart(group: &mut Group, number: usize) -> anyhow::Result<Restart> {
    let snapshot = newest_snapshot(&group.nodes[number].snapshots())?;
    let entries = applied(group, number).await?.saturating_sub(snapshot.index);
    group.nodes[number].kill().await?;
    let started = Instant::now();
    group.nodes[number].start(None)?;
    await_ready(group, number).await?;
    let ready = started.elapsed();
    let memory = group.nodes[number].process_id().and_then(memory).context("the node is gone")?;
    Ok(Restart {
        entries: entries as f64,
        ready,
        resident_mib: memory.resident_mib,
        peak_mib: memory.peak_mib,
        snapshot_mb: snapshot.bytes as f64 / 1e6,
    })
}

async fn await_ready(group: &mut Group, number: usize) -> anyhow::Result<()> {
    let until = Instant::now() + READY_MAX;
    while !status::is_ready(&group.http, &group.nodes[number].place.api).await {
        anyhow::ensure!(group.nodes[number].runs(), "the node ended");
        anyhow::ensure!(Instant::now() < until, "the node is not ready after {READY_MAX:?}");
        sleep(READY_PAUSE).await;
    }
    Ok(())
}

/// Changes machines until the node's log is as wanted.
async fn write_until(
    arguments: &Arguments,
    group: &Group,
    number: usize,
    case: Case,
    numbers: &Numbers,
) -> anyhow::Result<()> {
    let target = Target {
        hosts: group.nodes.iter().map(|node| node.place.api.clone()).collect(),
        way: Way::Http(Wanted::ChangedMachine { machines: arguments.machines.into() }),
        processes: Vec::new(),
    };
    let pressure = Pressure { clients: CLIENTS, warm_up: Duration::ZERO, measured: WRITING };
    for _ in 0..LOOKS_MAX {
        let snapshot = newest_snapshot(&group.nodes[number].snapshots())?;
        let behind = applied(group, number).await?.saturating_sub(snapshot.index);
        if case.holds(&snapshot, behind) {
            return Ok(());
        }
        // Once the next snapshot is due, its file takes a while to appear.
        match case == Case::FreshSnapshot && behind >= SNAPSHOT_ENTRIES {
            true => sleep(LOOK_PAUSE).await,
            false => drop(press(&target, pressure, numbers).await?),
        }
    }
    anyhow::bail!("the log did not become: {}", case.name())
}

async fn applied(group: &Group, number: usize) -> anyhow::Result<u64> {
    let status = group.status_of(number).await.context("a node does not answer")?;
    let indices = status.nodes.iter().filter_map(|node| node.applied_index);
    indices.max().context("no node tells what it applied")
}

#[derive(Clone, Copy, Default)]
struct Snapshot {
    index: u64,
    bytes: u64,
}

/// The newest snapshot in a node's folder; index 0 if there is none.
fn newest_snapshot(folder: &Path) -> anyhow::Result<Snapshot> {
    let mut newest = Snapshot::default();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let index = name.to_str().and_then(|name| name.strip_suffix(".snapshot")?.parse().ok());
        // One that was purged meanwhile is not the newest.
        let bytes = entry.metadata().map(|metadata| metadata.len());
        if let (Some(index), Ok(bytes)) = (index, bytes)
            && index >= newest.index
        {
            newest = Snapshot { index, bytes };
        }
    }
    Ok(newest)
}
