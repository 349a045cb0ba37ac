//! What an operator does to the members of the region: has one leave, and come back as a new one.

use crate::chaos::rig::Rig;
use crate::power::members;
use std::time::{Duration, Instant};
use tokio::time::sleep;

/// Exit code of a node that was removed.
pub const REMOVED: i32 = 70;
/// How long a removal is tried.
const REMOVE_MAX: Duration = Duration::from_secs(40);
/// How long a new node may take to vote.
const VOTE_MAX: Duration = Duration::from_secs(60);
/// Pause between two looks.
const LOOK_PAUSE: Duration = Duration::from_millis(50);

/// Has whoever leads take the member out that bears this node's name, if there is one.
///
/// # Errors
/// If nobody does in time.
pub async fn remove(rig: &Rig, node: usize) -> anyhow::Result<()> {
    let until = Instant::now() + REMOVE_MAX;
    loop {
        if ask_to_remove(rig, node).await {
            return Ok(());
        }
        anyhow::ensure!(Instant::now() < until, "nobody takes the member out in {REMOVE_MAX:?}");
        sleep(LOOK_PAUSE).await;
    }
}

/// Asks everybody once to take it out. Whether somebody who knows a leader does not list it any more.
pub async fn ask_to_remove(rig: &Rig, node: usize) -> bool {
    match listed(rig, node).await {
        Listed::Absent => return true,
        Listed::Member { id, .. } => {
            // Only the leader does it, and others say so; if it is to go itself, it hands over first.
            for other in 0..rig.count() {
                let api = rig.places[other].api.clone();
                if members::remove(rig.http.clone(), api, id).await {
                    break;
                }
            }
        }
        Listed::Untold => {}
    }
    false
}

/// Waits until a node that joins is a member.
///
/// # Errors
/// If it does not become one in time.
pub async fn is_listed(rig: &Rig, node: usize) -> anyhow::Result<()> {
    let until = Instant::now() + VOTE_MAX;
    while !matches!(listed(rig, node).await, Listed::Member { .. }) {
        anyhow::ensure!(Instant::now() < until, "a new node is no member in {VOTE_MAX:?}");
        sleep(LOOK_PAUSE).await;
    }
    Ok(())
}

/// Empties a node's directory and has it join; waits until it votes.
///
/// # Errors
/// If it does not in time.
pub async fn join(rig: &Rig, node: usize) -> anyhow::Result<()> {
    rig.kill(&[node]).await?;
    rig.wipe(node)?;
    rig.start(node)?;
    rig.ready(&[node]).await?;
    votes(rig, node).await
}

/// Waits until a node votes.
///
/// # Errors
/// If it does not in time.
pub async fn votes(rig: &Rig, node: usize) -> anyhow::Result<()> {
    let until = Instant::now() + VOTE_MAX;
    while !matches!(listed(rig, node).await, Listed::Member { votes: true, .. }) {
        anyhow::ensure!(Instant::now() < until, "a new node does not vote in {VOTE_MAX:?}");
        sleep(LOOK_PAUSE).await;
    }
    Ok(())
}

/// A member as others list it.
enum Listed {
    /// It is in the list of one that knows a leader.
    Member { id: u64, votes: bool },
    /// It is not.
    Absent,
    /// Nobody says.
    Untold,
}

async fn listed(rig: &Rig, node: usize) -> Listed {
    let name = &rig.places[node].name;
    for other in (0..rig.count()).filter(|other| *other != node) {
        let Some(status) = rig.status_of(other).await else { continue };
        if status.leader.is_none() {
            continue;
        }
        return status.member(name).map_or(Listed::Absent, |member| Listed::Member {
            id: member.id,
            votes: !member.is_learner(),
        });
    }
    Listed::Untold
}
