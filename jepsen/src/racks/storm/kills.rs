//! The leader killed, again and again, under a storm.

use crate::cluster::group::Group;
use std::time::{Duration, Instant};
use tokio::time::sleep_until;

/// From one kill to the next.
const APART: Duration = Duration::from_secs(10);
/// From the beginning of the storm to the first: by then every client of the first minute has been heard.
const FIRST: Duration = Duration::from_secs(7);
/// How long the killed node stays away: the region has another leader by then.
const AWAY: Duration = Duration::from_secs(2);

/// A leader that was killed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kill {
    /// Its name.
    pub node: String,
    /// When.
    pub at: Instant,
    /// When it was up to date again.
    pub back: Instant,
}

/// Kills leaders of a group until a storm that began then has lasted so long.
///
/// # Errors
/// If the group has no leader, or a node does not come back.
pub async fn strike(
    group: &mut Group,
    begun: Instant,
    length: Duration,
) -> anyhow::Result<Vec<Kill>> {
    let mut kills = Vec::new();
    let mut next = begun + FIRST;
    // Whoever is killed must be back before the storm is over.
    while next + APART / 2 <= begun + length {
        sleep_until(next.into()).await;
        let leader = group.leader().await?;
        let at = Instant::now();
        group.nodes[leader].kill().await?;
        sleep_until((at + AWAY).into()).await;
        group.nodes[leader].start(None)?;
        group.ready(leader).await?;
        let node = group.nodes[leader].place.name.clone();
        kills.push(Kill { node, at, back: Instant::now() });
        next = (next + APART).max(Instant::now());
    }
    Ok(kills)
}
