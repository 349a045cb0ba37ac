//! What an operator does to the members of the region: take a node out, and find it in the list.

use crate::cluster::group::Group;
use crate::cluster::status::MemberStatus;
use reqwest::StatusCode;
use std::time::Duration;

/// What one request may take.
const REQUEST_MAX: Duration = Duration::from_secs(12);

/// A member of the region as others see it, and who leads them.
#[derive(Clone, Debug)]
pub struct Listed {
    /// The member.
    pub member: MemberStatus,
    /// The API of the leader.
    pub leader: String,
}

/// The node at this place as another one lists it; `None` if it is not in the list, or nobody leads. It is not asked
/// itself: while it starts, it does not answer.
pub async fn listed(group: &Group, node: usize) -> Option<Listed> {
    let name = &group.nodes[node].place.name;
    for other in (0..group.nodes.len()).filter(|other| *other != node) {
        let Some(status) = group.status_of(other).await else { continue };
        let leader = status.nodes.iter().find(|member| status.leader == Some(member.id));
        let places = group.nodes.iter().map(|node| &node.place);
        let leader =
            leader.and_then(|leader| places.clone().find(|place| place.name == leader.name));
        if let (Some(member), Some(leader)) = (status.member(name), leader) {
            return Some(Listed { member: member.clone(), leader: leader.api.clone() });
        }
    }
    None
}

/// Whether member `id`, the node at this place, votes, as another one that knows a leader says; `None` if none does.
pub async fn votes(group: &Group, node: usize, id: u64) -> Option<bool> {
    for other in (0..group.nodes.len()).filter(|other| *other != node) {
        let Some(status) = group.status_of(other).await else { continue };
        if status.leader.is_some() {
            let member = status.nodes.iter().find(|member| member.id == id);
            return Some(member.is_some_and(|member| !member.is_learner()));
        }
    }
    None
}

/// Asks the node with this API, which should lead, to have member `id` vote.
pub async fn promote(http: reqwest::Client, api: String, id: u64) {
    let url = format!("http://{api}/v1/cluster/members/{id}/promote");
    // Whether it voted already or power went: what comes of it is judged later.
    drop(http.post(url).timeout(REQUEST_MAX).send().await);
}

/// Asks the node with this API, which should lead, to take member `id` out. Whether it is out now.
pub async fn remove(http: reqwest::Client, api: String, id: u64) -> bool {
    let url = format!("http://{api}/v1/cluster/members/{id}");
    let answer = http.delete(url).timeout(REQUEST_MAX).send().await;
    // Not found: an earlier request, which got no answer, has done it.
    answer.is_ok_and(|answer| {
        answer.status().is_success() || answer.status() == StatusCode::NOT_FOUND
    })
}
