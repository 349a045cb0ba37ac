//! Processes stand still and go on later, as if nothing had been.

use crate::chaos::plan::{Planned, Whom};
use crate::chaos::record::{NO_TARGET, Record};
use crate::chaos::rig::Rig;
use rustix::process::Signal;
use tokio::time::sleep;

/// Does it.
///
/// # Errors
/// When a node does not run, or does not catch up.
pub async fn strike(
    rig: &Rig,
    planned: &Planned,
    whom: Whom,
    record: &mut Record,
) -> anyhow::Result<()> {
    let Some(claim) = rig.claim(whom, planned.dice).await else {
        record.is_skipped(NO_TARGET);
        return Ok(());
    };
    record.begins(rig.now(), rig.names(&claim.nodes));
    claim.nodes.iter().try_for_each(|node| rig.signal(*node, Signal::STOP))?;
    record.is_done();
    sleep(planned.hold()).await;
    claim.nodes.iter().try_for_each(|node| rig.signal(*node, Signal::CONT))?;
    rig.ready(&claim.nodes).await?;
    record.healed = Some(rig.now());
    Ok(())
}
