//! Cables carry little: what nodes say comes late, and some of it not at all.

use crate::chaos::plan::{Planned, Whom};
use crate::chaos::record::{NO_TARGET, Record};
use crate::chaos::rig::Rig;
use tokio::time::sleep;

/// Does it.
///
/// # Errors
/// When a cable cannot be narrowed, or stays so.
pub async fn strike(
    rig: &Rig,
    planned: &Planned,
    (whom, kbit): (Whom, u32),
    record: &mut Record,
) -> anyhow::Result<()> {
    let Some(cables) = &rig.cables else {
        record.is_skipped("cables cannot be slow on this machine");
        return Ok(());
    };
    let Some(claim) = rig.claim(whom, planned.dice).await else {
        record.is_skipped(NO_TARGET);
        return Ok(());
    };
    record.begins(rig.now(), rig.names(&claim.nodes));
    claim.nodes.iter().try_for_each(|node| cables.narrow(*node, kbit))?;
    record.is_done();
    sleep(planned.hold()).await;
    claim.nodes.iter().try_for_each(|node| cables.widen(*node))?;
    rig.ready(&claim.nodes).await?;
    record.healed = Some(rig.now());
    Ok(())
}
