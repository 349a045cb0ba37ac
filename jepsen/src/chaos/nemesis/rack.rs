//! A rack dies, stands still, boots anew, or loses its cable to the region; its clients have another one, and their leases.

use crate::chaos::plan::{Planned, RackFault};
use crate::chaos::record::Record;
use crate::chaos::rig::{Rig, come_true};
use crate::chaos::served::Served;
use std::time::Duration;
use tokio::time::sleep;

/// How long a killed agent may take to be gone.
const END_MAX: Duration = Duration::from_secs(10);

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
    match what {
        RackFault::Kill => is_gone(served, rack).await?,
        RackFault::Reboot => {
            is_gone(served, rack).await?;
            served.boot_anew(rack)?;
        }
        RackFault::Pause | RackFault::Cut => {}
    }
    record.is_done();
    sleep(planned.hold()).await;
    let has_ended = what != RackFault::Kill && !served.runs(rack);
    served.heal(rack, what)?;
    anyhow::ensure!(!has_ended, "the rack's agent ended by itself");
    record.healed = Some(rig.now());
    Ok(())
}

async fn is_gone(served: &Served, rack: usize) -> anyhow::Result<()> {
    let is_gone = come_true(END_MAX, || !served.runs(rack)).await;
    anyhow::ensure!(is_gone, "a rack's agent does not end");
    Ok(())
}
