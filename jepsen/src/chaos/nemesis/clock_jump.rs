//! Wall clocks jump, and jump back later. Nothing is to follow from it.

use crate::chaos::plan::{Planned, Whom};
use crate::chaos::record::{NO_TARGET, Record};
use crate::chaos::rig::Rig;
use tokio::time::sleep;

/// Does it.
///
/// # Errors
/// When a clock cannot be set.
pub async fn strike(
    rig: &Rig,
    planned: &Planned,
    (whom, seconds): (Whom, i64),
    record: &mut Record,
) -> anyhow::Result<()> {
    let Some(clocks) = &rig.clocks else {
        record.is_skipped("clocks cannot jump on this machine");
        return Ok(());
    };
    let Some(claim) = rig.claim(whom, planned.dice).await else {
        record.is_skipped(NO_TARGET);
        return Ok(());
    };
    record.begins(rig.now(), rig.names(&claim.nodes));
    claim.nodes.iter().try_for_each(|node| clocks.jump(*node, seconds))?;
    record.is_done();
    sleep(planned.hold()).await;
    claim.nodes.iter().try_for_each(|node| clocks.set_right(*node))?;
    record.healed = Some(rig.now());
    Ok(())
}
