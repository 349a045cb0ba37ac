//! The network is bad for a while: packets of one kind in some directions come late and overtake each other, and some get lost
//! or come twice. What becomes of each is counted: it was done only if there were such packets.

use crate::chaos::aim::{Aim, aim};
use crate::chaos::plan::{Planned, Shape, Wire};
use crate::chaos::record::Record;
use crate::chaos::rig::Rig;
use crate::lab::packet_queue::Manner;
use tokio::time::sleep;

/// Does it.
///
/// # Errors
/// When packets cannot be held, go on being, or there were none.
pub async fn strike(
    rig: &Rig,
    planned: &Planned,
    (shape, wire, manner): (Shape, Wire, Manner),
    record: &mut Record,
) -> anyhow::Result<()> {
    let Some(queues) = &rig.queues else {
        record.is_skipped("packets cannot be held on this machine");
        return Ok(());
    };
    let Aim { few, ways } = match aim(rig, (shape, wire), planned.dice).await {
        Ok(aim) => aim,
        Err(why) => {
            record.is_skipped(why);
            return Ok(());
        }
    };
    if queues.is_taken(&ways) {
        record.is_skipped("another fault has these packets");
        return Ok(());
    }
    record.begins(rig.now(), few);
    let held = queues.hold(&ways, manner)?;
    sleep(planned.hold()).await;
    let fates = held.end()?;
    record.packets = Some(fates);
    anyhow::ensure!(fates.held > 0, "no packet went these ways");
    record.is_done();
    record.healed = Some(rig.now());
    Ok(())
}
