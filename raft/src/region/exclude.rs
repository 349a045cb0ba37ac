//! How a node leaves for good: it learns that it was removed or that its state is wrong, writes that down, stops.

use crate::digest_check::{Agreement, Tally, tally};
use crate::exclusion::Exclusion;
use crate::network::refusal::Refusal;
use crate::region::handle::{Region, Shared};
use crate::runtime::elapsed;
use regent_core::command::Command;
use regent_core::command::digest::DigestCommand;
use regent_core::revision::Revision;
use regent_core::state::digest::Digest;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{interval, sleep};

/// What proposing a step of the comparison may take.
const STEP_MAX: Duration = Duration::from_secs(2);
/// What all voters get to reach a check.
const ANSWER_MAX: Duration = Duration::from_secs(3);
/// How often a node without a leader asks around.
const ASK_AROUND_EVERY: Duration = Duration::from_secs(1);
/// How long no leader must have been heard for that.
const SILENT_FOR: Duration = Duration::from_secs(2);
/// How often it is tried to write down why a node is out, before it stops without.
const WRITE_TRIES: u32 = 10;
/// Pause between two such tries.
const WRITE_AGAIN: Duration = Duration::from_millis(500);
/// Pause before a voter that has not reached it is asked again.
const ASK_AGAIN: Duration = Duration::from_millis(100);

impl Region {
    /// As leader, has all replicas compared now and then, and says so when they differ.
    pub(crate) async fn compare_digests(self) {
        let mut next = interval(self.shared.config.digest_every);
        next.tick().await;
        loop {
            next.tick().await;
            if self.leadership().is_leader {
                self.compare_once().await;
            }
        }
    }

    pub(crate) async fn compare_once(&self) {
        let Some(checked) = self.shared.propose_digest_step(DigestCommand::Check).await else {
            return;
        };
        let voters: Vec<_> = self.published().membership.membership().voter_ids().collect();
        let answers = voters.iter().map(|voter| self.digest_of(*voter, checked));
        let digests: Vec<Digest> =
            futures::future::join_all(answers).await.into_iter().flatten().collect();
        let digest = match tally(&digests, voters.len()) {
            Tally::NothingToSay => return,
            Tally::Unanimous(digest) if self.is_contested() => {
                tracing::warn!(%checked, "the region's nodes hold the same state again");
                let settled = DigestCommand::Verdict { checked, digest: Some(digest) };
                self.shared.propose_digest_step(settled).await;
                return;
            }
            Tally::Unanimous(_) => return,
            Tally::Majority(digest) => Some(digest),
            Tally::NoMajority => None,
        };
        tracing::error!(%checked, ?digests, "ALARM: the region's nodes hold different states");
        self.shared.propose_digest_step(DigestCommand::Verdict { checked, digest }).await;
    }

    async fn digest_of(&self, voter: u64, checked: Revision) -> Option<Digest> {
        let deadline = elapsed::now() + ANSWER_MAX;
        while elapsed::now() < deadline {
            let report = self.report_of(voter).await;
            let kept = report.iter().flat_map(|report| &report.checks);
            if let Some((_, digest)) = kept.into_iter().find(|(revision, _)| *revision == checked) {
                return Some(*digest);
            }
            sleep(ASK_AGAIN).await;
        }
        None
    }
}

impl Shared {
    pub(crate) async fn propose_digest_step(&self, step: DigestCommand) -> Option<Revision> {
        let proposed = self.submit_as_node(Command::Digest(step), elapsed::now() + STEP_MAX);
        proposed.await.ok().map(|reply| reply.revision)
    }

    /// Stops the node. Nobody reads from it any more at once, however long the disk takes; whoever waits for its end waits
    /// until it is written down why, or the next start would take it for a member.
    pub(crate) fn leave(&self, why: Exclusion) {
        tracing::error!(%why, "this node stops for good");
        self.excluded.get_or_init(|| why);
        self.tasks.spawn(write_down(why, self.data_dir.path().to_owned()));
        self.stopping.cancel();
    }
}

async fn write_down(why: Exclusion, directory: PathBuf) {
    for _ in 0..WRITE_TRIES {
        match why.write(&directory) {
            Ok(()) => return,
            Err(error) => tracing::error!(%error, "why this node is out is not written down"),
        }
        sleep(WRITE_AGAIN).await;
    }
}

/// Leaves when the comparison says that this replica is wrong.
pub(crate) async fn leave_when_diverged(shared: Arc<Shared>) {
    let mut agreement = shared.checks.agreement();
    if agreement.wait_for(|agreement| *agreement == Agreement::Diverged).await.is_ok() {
        shared.leave(Exclusion::Diverged);
    }
}

/// Asks around when nobody leads this node any more: a node that was removed hears of it in no other way.
pub(crate) async fn ask_whether_removed(shared: Arc<Shared>) {
    let mut look = interval(ASK_AROUND_EVERY);
    loop {
        look.tick().await;
        if shared.last_contact().is_some_and(|contact| contact < SILENT_FOR) {
            continue;
        }
        let members = shared.publisher.load().membership.membership().clone();
        for (node, _) in members.nodes().filter(|(node, _)| **node != shared.identity.node_id) {
            if let Some(address) = shared.peer_address(*node) {
                // Only a refusal matters, and that is noted where all are.
                shared.calls.read_index(&address, STEP_MAX).await.ok();
            }
        }
    }
}

/// Leaves when a peer says that this node was removed.
pub(crate) async fn leave_when_removed(shared: Arc<Shared>) {
    let mut refusals = shared.contacts.watch_refusals();
    let removed = refusals.wait_for(|refused| {
        refused.as_ref().is_some_and(|refused| refused.refusal == Refusal::SenderRemoved)
    });
    if removed.await.is_ok() {
        shared.leave(Exclusion::Removed);
    }
}
