//! Each sync of a disk takes longer for a while. Nothing may follow from it but that writes do.

use crate::chaos::plan::{Planned, Whom};
use crate::chaos::record::{NO_TARGET, Record};
use crate::chaos::rig::Rig;
use crate::lab::shim::Orders;
use tokio::time::sleep;

/// Does it.
///
/// # Errors
/// When a disk cannot be told, or a node does not catch up.
pub async fn strike(
    rig: &Rig,
    planned: &Planned,
    (whom, sync_ms): (Whom, u32),
    record: &mut Record,
) -> anyhow::Result<()> {
    let Some(shim) = &rig.shim else {
        record.is_skipped("disks cannot be slow on this machine");
        return Ok(());
    };
    let Some(claim) = rig.claim(whom, planned.dice).await else {
        record.is_skipped(NO_TARGET);
        return Ok(());
    };
    record.begins(rig.now(), rig.names(&claim.nodes));
    claim.nodes.iter().try_for_each(|node| shim.order(*node, Orders::Linger(sync_ms)))?;
    record.is_done();
    sleep(planned.hold()).await;
    claim.nodes.iter().try_for_each(|node| shim.order(*node, Orders::Work))?;
    rig.ready(&claim.nodes).await?;
    record.healed = Some(rig.now());
    Ok(())
}
