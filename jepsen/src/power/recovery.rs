//! Power is back: the nodes are started, and what the documents ask of the operator is done for those that were
//! leaving or joining.

use crate::cluster::group::{Group, tail};
use crate::cluster::log_lines::LogLines;
use crate::cluster::place::NODES;
use crate::judge::violation::Violation;
use crate::power::members;
use std::time::{Duration, Instant};
use tokio::time::sleep;

/// What a cluster may take to come back.
const BACK_MAX: Duration = Duration::from_secs(120);
/// What a removed node may take to end.
const LEAVE_MAX: Duration = Duration::from_secs(30);
/// Pause between two looks.
const LOOK_PAUSE: Duration = Duration::from_millis(20);
/// Exit code of a node that was removed.
const REMOVED: i32 = 70;

/// What an operator had begun when power went, and does again since there was no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Errand {
    /// Nothing.
    None,
    /// To remove a node, which then joins again.
    Remove {
        /// Its place.
        node: usize,
        /// Its number.
        id: u64,
    },
    /// To have a node join, which may have nothing yet, or hear that it was removed.
    Join {
        /// Its place.
        node: usize,
    },
}

/// A node whose process has ended.
#[derive(Clone, Copy, Debug)]
struct Ended {
    /// Whether it said that it was removed.
    was_removed: bool,
    /// Whether its directory holds a node.
    is_prepared: bool,
}

/// What follows from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Consequence {
    /// Nothing: it was to be removed.
    None,
    /// It should not have ended.
    Broken,
    /// It was joining, and joins again.
    JoinAgain,
}

impl Ended {
    const fn under(self, errand: Errand, number: usize) -> Consequence {
        if self.was_removed && errand.removes(number) {
            Consequence::None
        } else if errand.joins(number) && (self.was_removed || !self.is_prepared) {
            Consequence::JoinAgain
        } else {
            Consequence::Broken
        }
    }
}

/// How a cluster came back.
#[derive(Clone, Debug, Default)]
pub struct Back {
    /// Why it did not.
    pub violation: Option<Violation>,
    /// Nodes that had to join anew.
    pub rejoined: usize,
    /// Whether a removal that was asked for had been begun when power went; `None` if none was.
    pub removal_was_begun: Option<bool>,
}

impl Errand {
    const fn removes(self, number: usize) -> bool {
        match self {
            Self::None | Self::Join { .. } => false,
            Self::Remove { node, .. } => node == number,
        }
    }

    /// Whether this node was joining: the only one that may come back without having been anybody.
    #[must_use]
    pub const fn joins(self, number: usize) -> bool {
        match self {
            Self::None | Self::Remove { .. } => false,
            Self::Join { node } => node == number,
        }
    }
}

/// Starts a node: on what it has, or, if power went before it was prepared, by joining.
///
/// # Errors
/// When there is no room for a process.
pub fn start(group: &mut Group, number: usize) -> anyhow::Result<()> {
    let founder = group.nodes[other(number)].place.peer.clone();
    group.nodes[number].start(Some(&founder))
}

/// Waits until a node that was removed has ended for that reason.
///
/// # Errors
/// When it does not.
pub async fn has_left(group: &mut Group, number: usize) -> anyhow::Result<()> {
    let until = Instant::now() + LEAVE_MAX;
    loop {
        let node = &mut group.nodes[number];
        if let Some(status) = node.ended() {
            let log = tail(&node.place.log);
            anyhow::ensure!(status.code() == Some(REMOVED), "{status}, although removed: {log}");
            return Ok(());
        }
        anyhow::ensure!(Instant::now() < until, "a removed node does not end");
        sleep(LOOK_PAUSE).await;
    }
}

/// Empties a node's directory and has it join.
///
/// # Errors
/// When there is no room for a process.
pub async fn join_again(group: &mut Group, number: usize) -> anyhow::Result<()> {
    let node = &mut group.nodes[number];
    // It has ended, or is of no use.
    drop(node.kill().await);
    drop(std::fs::remove_dir_all(&node.place.directory));
    start(group, number)
}

/// Waits until all nodes are up to date and vote. Tells why not.
///
/// # Errors
/// When the harness cannot go on.
pub async fn come_back(
    group: &mut Group,
    logs: &[LogLines],
    errand: Errand,
) -> anyhow::Result<Back> {
    let until = Instant::now() + BACK_MAX;
    let (mut errand, mut back) = (errand, Back::default());
    loop {
        back.violation = broken(group, logs, errand, &mut back.rejoined).await?;
        if back.violation.is_some() {
            return Ok(back);
        }
        if let (Errand::Remove { node, id }, None) = (errand, back.removal_was_begun) {
            back.removal_was_begun = members::votes(group, node, id).await.map(|votes| !votes);
        }
        // What was begun is looked at before it is done again.
        if back.removal_was_begun.is_some() {
            errand = run(group, errand).await?;
        }
        let is_done = !matches!(errand, Errand::Remove { .. });
        if is_done && all_vote(group).await {
            let half = logs.iter().any(LogLines::tells_of_half_a_change);
            back.removal_was_begun = back.removal_was_begun.map(|begun| begun || half);
            return Ok(back);
        }
        if Instant::now() >= until {
            back.violation = Some(state_of(group).await);
            return Ok(back);
        }
        sleep(LOOK_PAUSE).await;
    }
}

/// A node that has ended, or says that it has lost its memory. Only one that was joining may have been removed, or have
/// nothing yet; then it joins anew.
async fn broken(
    group: &mut Group,
    logs: &[LogLines],
    errand: Errand,
    rejoined: &mut usize,
) -> anyhow::Result<Option<Violation>> {
    for (number, log) in logs.iter().enumerate() {
        let node = &mut group.nodes[number];
        let name = node.place.name.clone();
        if let Some(why) = log.alarm() {
            return Ok(Some(Violation::Amnesia { node: name, why }));
        }
        let Some(status) = node.ended() else { continue };
        let ended = Ended {
            was_removed: status.code() == Some(REMOVED) && node.is_prepared(),
            is_prepared: node.is_prepared(),
        };
        match ended.under(errand, number) {
            Consequence::None => {}
            Consequence::Broken => {
                let why = format!("{status}: {}", tail(&node.place.log));
                return Ok(Some(Violation::Down { node: name, why }));
            }
            Consequence::JoinAgain => {
                *rejoined += 1;
                if ended.was_removed {
                    join_again(group, number).await?;
                } else {
                    // With what it has: a preparation that was cut short can be gone on with.
                    start(group, number)?;
                }
            }
        }
    }
    Ok(None)
}

async fn run(group: &mut Group, errand: Errand) -> anyhow::Result<Errand> {
    let Errand::Remove { node, id } = errand else { return Ok(errand) };
    // Only the leader does it; if it is the one to go, it hands over first and wants to be asked again.
    for number in 0..group.nodes.len() {
        let api = group.nodes[number].place.api.clone();
        if members::remove(group.http.clone(), api, id).await {
            has_left(group, node).await?;
            join_again(group, node).await?;
            return Ok(Errand::Join { node });
        }
    }
    Ok(errand)
}

async fn all_vote(group: &Group) -> bool {
    for number in 0..group.nodes.len() {
        let status = group.status_of(number).await;
        let complete = status
            .is_some_and(|status| status.healthy_voters == NODES && status.nodes.len() == NODES);
        if !complete {
            return false;
        }
    }
    true
}

async fn state_of(group: &Group) -> Violation {
    let mut why = String::new();
    for (number, node) in group.nodes.iter().enumerate() {
        let status = group.status_of(number).await;
        why += &format!("\n{}: {status:?}\n{}", node.place.name, tail(&node.place.log));
    }
    Violation::Down { node: "the group".into(), why }
}

const fn other(number: usize) -> usize {
    if number == 0 { 1 } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::{Consequence, Ended, Errand};

    const REMOVED: Ended = Ended { was_removed: true, is_prepared: true };
    const EMPTY: Ended = Ended { was_removed: false, is_prepared: false };
    const FAILED: Ended = Ended { was_removed: false, is_prepared: true };

    #[test]
    fn only_a_node_that_was_joining_may_come_back_removed_or_empty() {
        let joins = Errand::Join { node: 1 };
        assert_eq!(REMOVED.under(joins, 1), Consequence::JoinAgain);
        assert_eq!(EMPTY.under(joins, 1), Consequence::JoinAgain);
        assert_eq!(FAILED.under(joins, 1), Consequence::Broken);
        for (errand, number) in [(joins, 2), (Errand::None, 1)] {
            for ended in [REMOVED, EMPTY, FAILED] {
                assert_eq!(ended.under(errand, number), Consequence::Broken);
            }
        }
    }

    #[test]
    fn node_that_is_to_be_removed_may_hear_of_it_and_no_other_may() {
        let removes = Errand::Remove { node: 1, id: 7 };
        assert_eq!(REMOVED.under(removes, 1), Consequence::None);
        assert_eq!(REMOVED.under(removes, 2), Consequence::Broken);
        assert_eq!(EMPTY.under(removes, 1), Consequence::Broken);
    }
}
