//! The network is cut: packets of one kind in some directions get lost, all or some of them, or come late, and
//! nobody is told.

use crate::chaos::cuts::Toll;
use crate::chaos::plan::{Planned, Shape, Whom, Wire};
use crate::chaos::record::{NO_TARGET, Record};
use crate::chaos::rig::Rig;
use crate::chaos::ways::{minority, ways};
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
    let whom = match shape {
        Shape::LeaderAlone | Shape::Deaf | Shape::Mute => Whom::Leader,
        Shape::Halves | Shape::Bridge | Shape::Ring => Whom::Minority,
    };
    let Some(order) = rig.order(whom, planned.dice).await else {
        record.is_skipped(NO_TARGET);
        return Ok(());
    };
    let few = &order[..minority(order.len())];
    let ways = ways(shape, wire, &order);
    if ways.is_empty() {
        record.is_skipped("there is nothing to cut among so few nodes");
        return Ok(());
    }
    record.begins(rig.now(), rig.names(few));
    let cut = cuts.cut(ways, toll)?;
    record.is_done();
    sleep(planned.hold()).await;
    cuts.mend(cut)?;
    record.healed = Some(rig.now());
    Ok(())
}
