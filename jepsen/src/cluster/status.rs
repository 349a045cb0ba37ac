//! What nodes say of themselves over HTTP.

use serde::Deserialize;
use std::time::Duration;

/// What one question may take.
const QUESTION_MAX: Duration = Duration::from_secs(2);

/// The group as one node sees it; what else the answer holds is not wanted here.
#[derive(Clone, Debug, Deserialize)]
pub struct ClusterStatus {
    /// The node that was asked.
    pub asked: u64,
    /// The term it is in.
    pub term: u64,
    /// The leader it knows.
    pub leader: Option<u64>,
    /// Voters.
    pub voters: usize,
    /// Voters that answered it.
    pub healthy_voters: usize,
    /// All nodes.
    pub nodes: Vec<MemberStatus>,
}

/// One node as it says itself.
#[derive(Clone, Debug, Deserialize)]
pub struct MemberStatus {
    /// Its number.
    pub id: u64,
    /// Its name.
    pub name: String,
    /// `leader`, `voter` or `learner`.
    pub role: String,
    /// The last index it has applied.
    pub applied_index: Option<u64>,
    /// Digest of its state there.
    pub digest: Option<String>,
}

/// One state all nodes are in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agreement {
    /// The last index all have applied.
    pub index: u64,
    /// The digest all have there.
    pub digest: String,
}

impl ClusterStatus {
    /// Whether the asked node leads, as far as it knows.
    #[must_use]
    pub fn leads(&self) -> bool {
        self.leader == Some(self.asked)
    }

    /// The node of this name.
    #[must_use]
    pub fn member(&self, name: &str) -> Option<&MemberStatus> {
        self.nodes.iter().find(|node| node.name == name)
    }

    /// The one state of all `nodes` nodes, if they are in one.
    #[must_use]
    pub fn agreement(&self, nodes: usize) -> Option<Agreement> {
        let mut states = self.nodes.iter().map(|node| {
            Some(Agreement { index: node.applied_index?, digest: node.digest.clone()? })
        });
        let first = states.next()??;
        let all = states.all(|state| state.as_ref() == Some(&first));
        (all && self.nodes.len() == nodes).then_some(first)
    }
}

impl MemberStatus {
    /// Whether it does not vote yet.
    #[must_use]
    pub fn is_learner(&self) -> bool {
        self.role == "learner"
    }
}

/// Asks the node with this API how the group is; `None` if it does not say.
pub async fn ask(http: &reqwest::Client, api: &str) -> Option<ClusterStatus> {
    let url = format!("http://{api}/v1/cluster");
    let answer = http.get(url).timeout(QUESTION_MAX).send().await.ok()?;
    answer.json().await.ok()
}

/// Whether the node with this API says that it is up to date.
pub async fn is_ready(http: &reqwest::Client, api: &str) -> bool {
    let url = format!("http://{api}/readyz");
    let answer = http.get(url).timeout(QUESTION_MAX).send().await;
    answer.is_ok_and(|answer| answer.status().is_success())
}

#[cfg(test)]
mod tests {
    use super::{Agreement, ClusterStatus, MemberStatus};

    fn status(states: &[(u64, &str)]) -> ClusterStatus {
        let member = |(index, digest): &(u64, &str)| MemberStatus {
            id: 1,
            name: "r1".into(),
            role: "voter".into(),
            applied_index: Some(*index),
            digest: Some((*digest).to_owned()),
        };
        let nodes: Vec<_> = states.iter().map(member).collect();
        ClusterStatus { asked: 1, term: 1, leader: None, voters: 3, healthy_voters: 3, nodes }
    }

    #[test]
    fn nodes_agree_only_on_one_index_with_one_digest() {
        let agreed = Some(Agreement { index: 7, digest: "a".into() });
        assert_eq!(status(&[(7, "a"), (7, "a"), (7, "a")]).agreement(3), agreed);
        assert_eq!(status(&[(7, "a"), (7, "b"), (7, "a")]).agreement(3), None);
        assert_eq!(status(&[(7, "a"), (8, "a"), (7, "a")]).agreement(3), None);
        assert_eq!(status(&[(7, "a"), (7, "a")]).agreement(3), None);
    }
}
