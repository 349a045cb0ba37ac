//! Disks lose what was not synced, microseconds apart; then the processes end. Power comes back for all at once.

use crate::chaos::plan::{Planned, Whom};
use crate::chaos::record::{NO_TARGET, Record};
use crate::chaos::rig::Rig;
use tokio::time::sleep;

/// Does it.
///
/// # Errors
/// When a disk or a node does not come back.
pub async fn strike(
    rig: &Rig,
    planned: &Planned,
    whom: Whom,
    record: &mut Record,
) -> anyhow::Result<()> {
    if rig.disks.is_empty() {
        record.is_skipped("nodes have no disks of their own");
        return Ok(());
    }
    let Some(claim) = rig.claim(whom, planned.dice).await else {
        record.is_skipped(NO_TARGET);
        return Ok(());
    };
    record.begins(rig.now(), rig.names(&claim.nodes));
    let cut = claim.nodes.iter().try_for_each(|node| rig.disks[*node].cut_power());
    rig.kill(&claim.nodes).await?;
    claim.nodes.iter().try_for_each(|node| rig.disks[*node].restart())?;
    cut?;
    record.is_done();
    sleep(planned.hold()).await;
    claim.nodes.iter().try_for_each(|node| rig.start(*node))?;
    rig.ready(&claim.nodes).await?;
    record.healed = Some(rig.now());
    Ok(())
}
