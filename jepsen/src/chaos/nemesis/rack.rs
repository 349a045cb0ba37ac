//! A rack dies, stands still, or loses its cable to the region; its clients have another one, and their leases.

use crate::chaos::plan::{Planned, RackFault};
use crate::chaos::record::Record;
use crate::chaos::rig::Rig;
use tokio::time::sleep;

/// Does it.
///
/// # Errors
/// When it cannot be done, or ended.
pub async fn strike(
    rig: &Rig,
    planned: &Planned,
    what: RackFault,
    record: &mut Record,
) -> anyhow::Result<()> {
    let Some(served) = &rig.served else {
        record.is_skipped("there are no racks");
        return Ok(());
    };
    let names = served.names();
    let rack = usize::try_from(planned.dice % names.len() as u64)?;
    let Some(_claim) = rig.claim_rack(rack).await else {
        record.is_skipped("another fault has the rack");
        return Ok(());
    };
    record.begins(rig.now(), vec![names[rack].to_owned()]);
    served.strike(rack, what)?;
    record.is_done();
    sleep(planned.hold()).await;
    served.heal(rack, what)?;
    record.healed = Some(rig.now());
    Ok(())
}
