//! A disk says that it failed. Nobody knows what is on it then, so its node has to end rather than go on; when the disk works
//! again, it starts with what is there.

use crate::chaos::plan::{DiskCall, Planned, Whom};
use crate::chaos::record::{NO_TARGET, Record};
use crate::chaos::rig::Rig;
use crate::lab::shim::Orders;
use std::time::Duration;
use tokio::time::sleep;

/// How long a node may take to be given something to write, to find that it cannot, and to end.
const END_MAX: Duration = Duration::from_secs(30);

/// Does it.
///
/// # Errors
/// When a node goes on although its disk failed, or does not come back.
pub async fn strike(
    rig: &Rig,
    planned: &Planned,
    (whom, what): (Whom, DiskCall),
    record: &mut Record,
) -> anyhow::Result<()> {
    let Some(shim) = &rig.shim else {
        record.is_skipped("disks cannot fail on this machine");
        return Ok(());
    };
    let Some(claim) = rig.claim(whom, planned.dice).await else {
        record.is_skipped(NO_TARGET);
        return Ok(());
    };
    record.begins(rig.now(), rig.names(&claim.nodes));
    let failing = match what {
        DiskCall::Sync => Orders::FailSyncs,
        DiskCall::Write => Orders::FailWrites,
    };
    claim.nodes.iter().try_for_each(|node| shim.order(*node, failing))?;
    let ended = rig.gone(&claim.nodes, END_MAX).await;
    claim.nodes.iter().try_for_each(|node| shim.order(*node, Orders::Work))?;
    ended?;
    record.is_done();
    sleep(planned.hold()).await;
    claim.nodes.iter().try_for_each(|node| rig.start(*node))?;
    rig.ready(&claim.nodes).await?;
    record.healed = Some(rig.now());
    Ok(())
}
