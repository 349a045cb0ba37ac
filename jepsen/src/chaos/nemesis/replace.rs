//! A node leaves the region and comes back as another member: removed by an operator, or after it lost its log.

use crate::chaos::membership::{self, REMOVED};
use crate::chaos::plan::{Leave, Planned};
use crate::chaos::record::{NO_TARGET, Record};
use crate::chaos::rig::Rig;
use crate::cluster::status;
use regent_raft::log_store::store::LOG_FOLDER;
use std::fs;
use std::time::Duration;
use tokio::time::sleep;

/// How long a removed node may take to hear of it and end.
const LEAVE_MAX: Duration = Duration::from_secs(30);

/// Does it to any node but the last, whose log is to stay whole.
///
/// # Errors
/// When the node does not leave or does not come back.
pub async fn strike(
    rig: &Rig,
    planned: &Planned,
    leave: Leave,
    record: &mut Record,
) -> anyhow::Result<()> {
    let witness = rig.count() - 1;
    let node = usize::try_from(planned.dice % witness as u64)?;
    let Some(claim) = rig.claim_node(node).await else {
        record.is_skipped(NO_TARGET);
        return Ok(());
    };
    if !rig.is_whole().await {
        record.is_skipped("the region could not do without another node");
        return Ok(());
    }
    record.begins(rig.now(), rig.names(&claim.nodes));
    match leave {
        Leave::Removed => removed(rig, planned, node).await?,
        Leave::Wiped => wiped(rig, planned, node).await?,
    }
    record.is_done();
    membership::join(rig, node).await?;
    record.healed = Some(rig.now());
    Ok(())
}

/// The region is smaller until it comes back.
async fn removed(rig: &Rig, planned: &Planned, node: usize) -> anyhow::Result<()> {
    membership::remove(rig, node).await?;
    rig.gone(&[node], LEAVE_MAX).await?;
    let code = rig.exit_code(node);
    anyhow::ensure!(code == Some(REMOVED), "a removed node ended with {code:?}");
    sleep(planned.hold()).await;
    Ok(())
}

/// It still knows who it was, but nothing else, and must not pass for a member.
async fn wiped(rig: &Rig, planned: &Planned, node: usize) -> anyhow::Result<()> {
    rig.kill(&[node]).await?;
    rig.forgetful.borrow_mut().insert(node);
    fs::remove_dir_all(rig.places[node].directory.join(LOG_FOLDER))?;
    rig.start(node)?;
    sleep(planned.hold()).await;
    let is_ready = status::is_ready(&rig.http, &rig.places[node].api).await;
    anyhow::ensure!(!is_ready, "a node without its log says that it is up to date");
    rig.kill(&[node]).await?;
    membership::remove(rig, node).await
}
