//! Brings a moment about: returns when what power is to interrupt is under way, or was not to be had.

use crate::cluster::group::Group;
use crate::cluster::node::{Node, Settings};
use crate::load::meter::Meter;
use crate::power::members::{self, Listed};
use crate::power::moment::Moment;
use crate::power::recovery::{self, Errand};
use crate::power::watch;
use std::time::{Duration, Instant};
use tokio::time::sleep;

/// Power goes within this time of the moment that was waited for, so that it falls differently each time.
const LOAD_WITHIN: Duration = Duration::from_millis(400);
const WRITE_WITHIN: Duration = Duration::from_millis(20);
const PURGE_WITHIN: Duration = Duration::from_millis(10);
const REMOVAL_WITHIN: Duration = Duration::from_millis(150);
const SHOWN_WITHIN: Duration = Duration::from_millis(10);
const PROMOTION_WITHIN: Duration = Duration::from_millis(40);
/// A new node is promoted by hand within this time of its being listed.
const LEARNER_FOR: Duration = Duration::from_millis(60);
/// How long writes that a node misses, or its being listed, are waited for.
const PATIENCE: Duration = Duration::from_secs(20);
/// Pause between two looks.
const LOOK_PAUSE: Duration = Duration::from_millis(3);

/// A cluster under load, shortly before power goes.
pub struct Approach<'a> {
    /// The cluster.
    pub group: &'a mut Group,
    /// How it is run.
    pub settings: Settings,
    /// The load on it.
    pub meter: &'a Meter,
    /// Changes with each cut, so that another node is chosen.
    pub turn: usize,
}

/// What was under way when power went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Met {
    /// The moment; `Load` if the one that was wanted was missed.
    pub moment: Moment,
    /// What the operator will have to do again.
    pub errand: Errand,
}

impl Met {
    const fn of(moment: Moment) -> Self {
        Self { moment, errand: Errand::None }
    }
}

impl Approach<'_> {
    /// Waits for `wanted`.
    ///
    /// # Errors
    /// When the harness cannot go on.
    pub async fn to(&mut self, wanted: Moment) -> anyhow::Result<Met> {
        let folders: Vec<_> = self.group.nodes.iter().map(Node::snapshots).collect();
        let seen = |seen: bool| Met::of(if seen { wanted } else { Moment::Load });
        match wanted {
            Moment::Idle | Moment::Load | Moment::Restart => {
                sleep(within(LOAD_WITHIN)).await;
                let logs: Vec<_> = self.group.nodes.iter().map(Node::log_on_disk).collect();
                let writing = watch::writing(&logs).await;
                sleep(within(WRITE_WITHIN)).await;
                Ok(Met::of(if writing { wanted } else { Moment::Idle }))
            }
            Moment::Building => Ok(seen(watch::building(&folders).await)),
            Moment::Purging => {
                let purges = watch::purging(&folders).await;
                sleep(within(PURGE_WITHIN)).await;
                Ok(seen(purges))
            }
            Moment::Installing => {
                let follower = self.some_follower().await?;
                self.send_away(follower).await?;
                Ok(seen(watch::installing(&folders[follower]).await))
            }
            Moment::Removing => self.removal().await,
            Moment::Joining => self.joining().await,
        }
    }

    async fn some_follower(&self) -> anyhow::Result<usize> {
        let leader = self.group.leader().await?;
        Ok((leader + 1 + self.turn % 2) % self.group.nodes.len())
    }

    /// Has a node miss so much that it needs a snapshot, and starts it again.
    async fn send_away(&mut self, node: usize) -> anyhow::Result<()> {
        self.group.nodes[node].kill().await?;
        let snapshot = self.settings.snapshot_entries.unwrap_or_default();
        // Two snapshots and what is kept behind the older one, and some for good measure.
        let missed = 3 * snapshot + 2 * self.settings.entries_kept.unwrap_or_default();
        let wanted = self.meter.count() + usize::try_from(missed)?;
        let until = Instant::now() + PATIENCE;
        while self.meter.count() < wanted && Instant::now() < until {
            sleep(LOOK_PAUSE).await;
        }
        self.group.nodes[node].start(None)
    }

    async fn removal(&mut self) -> anyhow::Result<Met> {
        let node = self.some_follower().await?;
        let Some(Listed { member, leader }) = members::listed(self.group, node).await else {
            return Ok(Met::of(Moment::Load));
        };
        let moment = tokio::select! {
            _ = members::remove(self.group.http.clone(), leader, member.id) => Moment::Load,
            () = self.removal_begins(node, member.id) => Moment::Removing,
        };
        Ok(Met { moment, errand: Errand::Remove { node, id: member.id } })
    }

    /// Waits some time after a removal was asked for; about every other time until another node shows that it has begun.
    async fn removal_begins(&self, node: usize, id: u64) {
        if rand::random() {
            return sleep(within(REMOVAL_WITHIN)).await;
        }
        while members::votes(self.group, node, id).await != Some(false) {
            sleep(LOOK_PAUSE).await;
        }
        sleep(within(SHOWN_WITHIN)).await;
    }

    async fn joining(&mut self) -> anyhow::Result<Met> {
        let node = self.some_follower().await?;
        let until = Instant::now() + PATIENCE;
        // Shortly after a cut the leader may change, or not have heard of everybody yet.
        loop {
            let Some(Listed { member, leader }) = members::listed(self.group, node).await else {
                return Ok(Met::of(Moment::Load));
            };
            if members::remove(self.group.http.clone(), leader, member.id).await {
                break;
            }
            if Instant::now() >= until {
                let errand = Errand::Remove { node, id: member.id };
                return Ok(Met { moment: Moment::Load, errand });
            }
        }
        recovery::has_left(self.group, node).await?;
        recovery::join_again(self.group, node).await?;
        let errand = Errand::Join { node };
        let until = Instant::now() + PATIENCE;
        while Instant::now() < until {
            match members::listed(self.group, node).await {
                Some(listed) if listed.member.is_learner() => {
                    return Ok(Met { moment: self.promotion(listed).await, errand });
                }
                Some(_) => break,
                None => sleep(LOOK_PAUSE).await,
            }
        }
        Ok(Met { moment: Moment::Load, errand })
    }

    /// Power goes while the node is a learner, or while it is being promoted.
    async fn promotion(&self, learner: Listed) -> Moment {
        let promotion = async {
            sleep(within(LEARNER_FOR)).await;
            members::promote(self.group.http.clone(), learner.leader, learner.member.id).await;
        };
        tokio::select! {
            () = promotion => Moment::Load,
            () = sleep(within(PROMOTION_WITHIN)) => Moment::Joining,
        }
    }
}

/// Some time below `time`.
#[must_use]
pub fn within(time: Duration) -> Duration {
    time.mul_f64(rand::random())
}
