//! The network is cut: packets of one kind in some directions get lost, all or some of them, or come late, and
//! nobody is told.

use crate::chaos::aim::{Aim, aim};
use crate::chaos::cuts::Toll;
use crate::chaos::plan::{Planned, Shape, Wire};
use crate::chaos::record::Record;
use crate::chaos::rig::Rig;
use tokio::time::sleep;

/// Does it.
///
/// # Errors
/// When packets cannot be dropped, or go on being.
pub async fn strike(
    rig: &Rig,
    planned: &Planned,
    (shape, wire, toll): (Shape, Wire, Toll),
    record: &mut Record,
) -> anyhow::Result<()> {
    let Some(cuts) = &rig.cuts else {
        record.is_skipped("packets cannot be dropped on this machine");
        return Ok(());
    };
    let Aim { few, ways } = match aim(rig, (shape, wire), planned.dice).await {
        Ok(aim) => aim,
        Err(why) => {
            record.is_skipped(why);
            return Ok(());
        }
    };
    record.begins(rig.now(), few);
    let cut = cuts.cut(ways, toll)?;
    record.is_done();
    sleep(planned.hold()).await;
    cuts.mend(cut)?;
    record.healed = Some(rig.now());
    Ok(())
}
