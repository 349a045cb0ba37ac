//! Every node is stopped as it should be and started again, one after the other, as for an upgrade.

use crate::chaos::record::{NO_TARGET, Record};
use crate::chaos::rig::Rig;
use rustix::process::Signal;
use std::time::Duration;

/// What a node gets to stop in order.
const STOP_MAX: Duration = Duration::from_secs(20);

/// Does it.
///
/// # Errors
/// When a node does not stop as it should, or does not come back.
pub async fn strike(rig: &Rig, record: &mut Record) -> anyhow::Result<()> {
    let all: Vec<_> = (0..rig.count()).collect();
    record.begins(rig.now(), rig.names(&all));
    for node in all {
        let Some(claim) = rig.claim_node(node).await else { anyhow::bail!(NO_TARGET) };
        rig.signal(node, Signal::TERM)?;
        rig.gone(&claim.nodes, STOP_MAX).await?;
        let code = rig.exit_code(node);
        anyhow::ensure!(code == Some(0), "a node that was asked to stop ended with {code:?}");
        rig.start(node)?;
        rig.ready(&claim.nodes).await?;
    }
    record.is_done();
    record.healed = Some(rig.now());
    Ok(())
}
