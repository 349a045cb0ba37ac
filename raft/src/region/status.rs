//! How the group is, as one node sees it.

use crate::region::handle::Region;
use crate::region::message::NodeReport;
use crate::runtime::elapsed;
use crate::type_config::NodeId;
use regent_core::codec;
use regent_core::version::VERSION;
use std::collections::BTreeSet;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// What asking another node for its report may take.
const REPORT_MAX: Duration = Duration::from_millis(500);

/// One node of the group.
#[derive(Clone, Debug)]
pub struct NodeStatus {
    /// Its number.
    pub node_id: NodeId,
    /// Its name.
    pub name: String,
    /// Its peer port.
    pub peer: String,
    /// Its HTTP API.
    pub api: String,
    /// Whether it votes.
    pub is_voter: bool,
    /// Whether it leads, as far as the asked node knows.
    pub is_leader: bool,
    /// When the asked node last heard from it.
    pub last_contact: Option<Duration>,
    /// What it says of itself, if it answered.
    pub report: Option<NodeReport>,
}

/// The group.
#[derive(Clone, Debug)]
pub struct GroupStatus {
    /// The cluster's identity.
    pub cluster_id: String,
    /// The node that was asked.
    pub asked: NodeId,
    /// The term it is in.
    pub term: u64,
    /// The leader it knows.
    pub leader: Option<NodeId>,
    /// The sets of voters of which each must have a majority for a write: one, or two while a change of the group is in
    /// flight (a joint configuration, Raft section 6).
    pub voter_sets: Vec<BTreeSet<NodeId>>,
    /// All nodes, by number.
    pub nodes: Vec<NodeStatus>,
}

impl GroupStatus {
    /// Voters.
    #[must_use]
    pub fn voters(&self) -> usize {
        self.nodes.iter().filter(|node| node.is_voter).count()
    }

    /// Voters that answered.
    #[must_use]
    pub fn healthy_voters(&self) -> usize {
        self.nodes.iter().filter(|node| node.is_voter && node.report.is_some()).count()
    }

    /// How many more voters may fail before writes stop.
    #[must_use]
    pub fn failures_tolerated(&self) -> usize {
        let healthy = |voter: &&NodeId| {
            self.nodes.iter().any(|node| node.node_id == **voter && node.report.is_some())
        };
        let tolerated = |voters: &BTreeSet<NodeId>| {
            let quorum = voters.len() / 2 + 1;
            voters.iter().filter(healthy).count().saturating_sub(quorum)
        };
        self.voter_sets.iter().map(tolerated).min().unwrap_or_default()
    }
}

impl Region {
    /// What this node says of itself.
    #[must_use]
    pub fn report(&self) -> NodeReport {
        let published = self.published();
        let uptime_ms = elapsed::since(self.shared.started).as_millis();
        NodeReport {
            node_id: self.identity().node_id,
            version: VERSION.into(),
            applied_index: published.applied_index(),
            term: self.leadership().term,
            digest: published.state.digest().to_string(),
            uptime_ms: u64::try_from(uptime_ms).unwrap_or(u64::MAX),
            disk_full: self.shared.disk_full.load(Ordering::Relaxed),
            checks: self.shared.checks.kept(),
        }
    }

    /// Asks all nodes how they are.
    pub async fn status(&self) -> GroupStatus {
        let leadership = self.leadership();
        let membership = self.shared.membership();
        let voters: Vec<NodeId> = membership.voter_ids().collect();
        let asked = self.identity().node_id;
        let nodes = membership.nodes().map(|(id, node)| async move {
            NodeStatus {
                node_id: *id,
                name: node.name.clone(),
                peer: node.peer.clone(),
                api: node.api.clone(),
                is_voter: false,
                is_leader: leadership.leader == Some(*id),
                last_contact: self.last_contact_with(*id),
                report: self.report_of(*id).await,
            }
        });
        let mut nodes = futures::future::join_all(nodes).await;
        for node in &mut nodes {
            node.is_voter = voters.contains(&node.node_id);
        }
        let cluster_id = self.identity().cluster_id.clone();
        GroupStatus {
            cluster_id,
            asked,
            term: leadership.term,
            leader: leadership.leader,
            voter_sets: membership.get_joint_config().clone(),
            nodes,
        }
    }

    fn last_contact_with(&self, node: NodeId) -> Option<Duration> {
        if node == self.identity().node_id {
            return Some(Duration::ZERO);
        }
        self.shared.contacts.age(node)
    }

    pub(crate) async fn report_of(&self, node: NodeId) -> Option<NodeReport> {
        if node == self.identity().node_id {
            return Some(self.report());
        }
        let address = self.shared.peer_address(node)?;
        let bytes = self.shared.calls.status(&address, REPORT_MAX).await.ok()?;
        codec::open(&bytes).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::{GroupStatus, NodeStatus};
    use crate::region::message::NodeReport;

    fn node(node_id: u64, answers: bool) -> NodeStatus {
        let report = NodeReport {
            node_id,
            version: String::new(),
            applied_index: 1,
            term: 1,
            digest: String::new(),
            uptime_ms: 1,
            disk_full: false,
            checks: Vec::new(),
        };
        NodeStatus {
            node_id,
            name: String::new(),
            peer: String::new(),
            api: String::new(),
            is_voter: true,
            is_leader: node_id == 1,
            last_contact: None,
            report: answers.then_some(report),
        }
    }

    #[test]
    fn change_in_flight_tolerates_what_its_weaker_half_does() {
        let mut status = GroupStatus {
            cluster_id: String::new(),
            asked: 1,
            term: 1,
            leader: Some(1),
            voter_sets: vec![[1, 2, 3].into()],
            nodes: vec![node(1, true), node(2, true), node(3, true), node(4, false)],
        };
        assert_eq!(status.failures_tolerated(), 1);
        status.voter_sets.push([1, 2, 4].into());
        assert_eq!(status.failures_tolerated(), 0);
    }
}
