//! After the last fault everything is made whole again, whatever a fault left half done, and the cluster has to come back.

use crate::chaos::membership::{self, REMOVED};
use crate::chaos::nemesis::disk_full;
use crate::chaos::rig::Rig;
use rustix::process::Signal;
use std::time::{Duration, Instant};
use tokio::time::sleep;

/// What a cluster may take to come back once nothing is in its way.
const BACK_MAX: Duration = Duration::from_secs(120);
/// Pause between two looks.
const LOOK_PAUSE: Duration = Duration::from_millis(100);

/// Makes everything whole and waits until all nodes vote and are up to date.
///
/// # Errors
/// If they do not come to it.
pub async fn heal(rig: &Rig) -> anyhow::Result<()> {
    if let Some(cuts) = &rig.cuts {
        cuts.mend_all()?;
    }
    if let Some(queues) = &rig.queues {
        queues.end_all()?;
    }
    if let Some(cables) = &rig.cables {
        cables.widen_all();
    }
    if let Some(shim) = &rig.shim {
        shim.work_all()?;
    }
    if let Some(clocks) = &rig.clocks {
        clocks.set_all_right()?;
    }
    rig.disks.iter().try_for_each(|disk| disk_full::empty(disk.path()))?;
    let all: Vec<_> = (0..rig.count()).collect();
    for node in &all {
        // It may not run, or not be paused.
        drop(rig.signal(*node, Signal::CONT));
    }
    for node in &all {
        come_back(rig, *node).await?;
    }
    rig.ready(&all).await?;
    all_vote(rig).await
}

/// Starts a node that does not run; one that is no member any more joins.
async fn come_back(rig: &Rig, node: usize) -> anyhow::Result<()> {
    if rig.runs(node) {
        return Ok(());
    }
    if rig.exit_code(node) == Some(REMOVED) {
        rig.wipe(node)?;
    }
    if !rig.is_prepared(node) {
        // Its old self may stand in everybody's list.
        membership::remove(rig, node).await?;
    }
    rig.start(node)
}

async fn all_vote(rig: &Rig) -> anyhow::Result<()> {
    let (until, count) = (Instant::now() + BACK_MAX, rig.count());
    for node in 0..count {
        loop {
            let status = rig.status_of(node).await;
            let is_whole = |healthy: usize, listed: usize| healthy == count && listed == count;
            if status.as_ref().is_some_and(|all| is_whole(all.healthy_voters, all.nodes.len())) {
                break;
            }
            let name = &rig.places[node].name;
            let late = Instant::now() >= until;
            anyhow::ensure!(!late, "not all vote within {BACK_MAX:?}, {name} says: {status:?}");
            sleep(LOOK_PAUSE).await;
        }
    }
    Ok(())
}
