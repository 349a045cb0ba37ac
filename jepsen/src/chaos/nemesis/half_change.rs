//! A change of members is begun, and somebody it needs is killed in the middle of it: the leader as it takes a node out, or
//! another voter as a new one is about to vote.

use crate::chaos::membership;
use crate::chaos::plan::{Half, Planned, Whom};
use crate::chaos::record::{NO_TARGET, Record};
use crate::chaos::rig::{Claim, Rig};
use std::time::Duration;
use tokio::time::sleep;

/// How far into the change the kill comes, at most.
const INTO_MS_MAX: u64 = 60;
/// How long a removed node may take to hear of it and end.
const LEAVE_MAX: Duration = Duration::from_secs(30);

/// Does it to any node but the last, whose log is to stay whole.
///
/// # Errors
/// When the change does not come to its end, or a node does not come back.
pub async fn strike(
    rig: &Rig,
    planned: &Planned,
    half: Half,
    record: &mut Record,
) -> anyhow::Result<()> {
    let whom = match half {
        Half::LeaderGone => Whom::Leader,
        Half::VoterGone => Whom::Follower,
    };
    let Some((killed, changing)) = targets(rig, planned, whom).await else {
        record.is_skipped(NO_TARGET);
        return Ok(());
    };
    if !rig.is_whole().await {
        record.is_skipped("the region could not do without another node");
        return Ok(());
    }
    let (other, node) = (killed.nodes[0], changing.nodes[0]);
    record.begins(rig.now(), rig.names(&[node, other]));
    let into = Duration::from_millis(planned.dice % INTO_MS_MAX);
    match half {
        Half::LeaderGone => {
            let kill = async {
                sleep(into).await;
                rig.kill(&[other]).await
            };
            // Whoever was asked may be dead by then; it is asked again.
            let (_, killed) = tokio::join!(membership::ask_to_remove(rig, node), kill);
            killed?;
            record.is_done();
            sleep(planned.hold()).await;
            rig.start(other)?;
            leave(rig, node).await?;
            membership::join(rig, node).await?;
        }
        Half::VoterGone => {
            leave(rig, node).await?;
            rig.wipe(node)?;
            rig.start(node)?;
            membership::is_listed(rig, node).await?;
            sleep(into).await;
            rig.kill(&[other]).await?;
            record.is_done();
            sleep(planned.hold()).await;
            rig.start(other)?;
            rig.ready(&[node]).await?;
            membership::votes(rig, node).await?;
        }
    }
    rig.ready(&[other]).await?;
    record.healed = Some(rig.now());
    Ok(())
}

/// Who is killed, and who leaves or comes.
async fn targets<'a>(
    rig: &'a Rig,
    planned: &Planned,
    whom: Whom,
) -> Option<(Claim<'a>, Claim<'a>)> {
    let killed = rig.claim(whom, planned.dice).await?;
    let witness = rig.count() - 1;
    let free = (0..witness).filter(|node| !killed.nodes.contains(node)).collect::<Vec<_>>();
    let chosen = usize::try_from(planned.dice % free.len() as u64).ok()?;
    let changing = rig.claim_node(free[chosen]).await?;
    Some((killed, changing))
}

/// Takes it out, and waits until it has heard of it.
async fn leave(rig: &Rig, node: usize) -> anyhow::Result<()> {
    membership::remove(rig, node).await?;
    rig.gone(&[node], LEAVE_MAX).await?;
    let code = rig.exit_code(node);
    anyhow::ensure!(code == Some(membership::REMOVED), "a removed node ended with {code:?}");
    Ok(())
}
