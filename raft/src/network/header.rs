//! Who speaks to whom, and whether we listen: a pure check of a request's header against what we are and know.
//!
//! openraft does not check that the node that answers is the one that was meant, nor that it belongs to this
//! cluster. This does. It is identification, not authentication: that is TLS's part.

use crate::network::refusal::Refusal;
use crate::runtime::elapsed;
use crate::type_config::NodeId;
use regent_core::planted::{self, Planted};
use regent_proto::peer;
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

/// Target of a request meant for whoever answers: the sender knows an address, not yet a node.
pub const ANY_NODE: NodeId = 0;

/// How long a member's word for where it is counts, if it does not repeat it.
const HINT_MAX: Duration = Duration::from_secs(10);

/// What a node is, towards its peers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The cluster it belongs to; empty before it has joined one.
    pub cluster: String,
    /// The cluster's epoch: it rises with each restore from a backup.
    pub epoch: u64,
    /// Its number; [`ANY_NODE`] before it has joined.
    pub node: NodeId,
    /// The identity of its data directory.
    pub store: String,
}

/// What a node knows of its peers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Roster {
    /// Where each member is reached, `host:port`: the latest this node has heard of, applied or not.
    pub addresses: BTreeMap<NodeId, String>,
    /// The data directory each node has been seen with. Nodes that are not listed yet may speak.
    pub stores: BTreeMap<NodeId, String>,
    /// Nodes that were removed. Their ids are never used again.
    pub removed: BTreeSet<NodeId>,
}

/// Where a member says it is reached now, which the membership does not say yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// `host:port`.
    pub address: String,
    /// When it said so. A node that moved repeats itself, so an old hint is worth nothing.
    pub given: Instant,
}

/// By whom we are spoken to and what we answer to: our identity and the roster it is checked against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admission {
    /// Who we are.
    pub identity: Identity,
    /// Whom we know.
    pub roster: Roster,
    /// Members that moved. No more than a way to reach them: who answers there is checked as everywhere.
    pub hints: BTreeMap<NodeId, Hint>,
}

impl Roster {
    /// Whether this is the number of a member.
    #[must_use]
    pub fn knows(&self, node: NodeId) -> bool {
        self.addresses.contains_key(&node) || self.stores.contains_key(&node)
    }
}

impl Identity {
    /// The header of a request from this node to `to`.
    #[must_use]
    pub fn header_to(&self, to: NodeId) -> peer::Header {
        peer::Header {
            cluster: self.cluster.clone(),
            epoch: self.epoch,
            from_node: self.node,
            from_store: self.store.clone(),
            to_node: to,
        }
    }
}

impl Admission {
    /// A node that knows nobody yet.
    #[must_use]
    pub fn new(identity: Identity) -> Self {
        Self { identity, roster: Roster::default(), hints: BTreeMap::new() }
    }

    /// Where a node is reached, as far as we know.
    #[must_use]
    pub fn address_of(&self, node: NodeId) -> Option<&str> {
        let hint = self.hints.get(&node).filter(|hint| elapsed::since(hint.given) < HINT_MAX);
        let hinted = hint.map(|hint| &hint.address);
        hinted.or_else(|| self.roster.addresses.get(&node)).map(String::as_str)
    }

    /// The same, having heard that the member with this data directory is reached at `address`. Strangers are not
    /// remembered.
    #[must_use]
    pub fn hinted(&self, store: &str, address: &str) -> Self {
        let mut next = self.clone();
        let node = self.roster.stores.iter().find(|(_, known)| *known == store);
        if let Some((node, _)) = node {
            let hint = Hint { address: address.to_owned(), given: elapsed::now() };
            next.hints.insert(*node, hint);
        }
        next
    }

    /// The same with a newer roster. A hint the membership has come to agree with is no longer needed.
    #[must_use]
    pub fn with_roster(&self, roster: Roster) -> Self {
        let mut next = Self { roster, ..self.clone() };
        let Self { roster, hints, .. } = &mut next;
        let pending = |node: &NodeId, hint: &Hint| {
            roster.knows(*node) && roster.addresses.get(node) != Some(&hint.address)
        };
        hints.retain(|node, hint| pending(node, hint));
        next
    }

    /// Whether a request with this header is for us, from a member we know as it says it is.
    ///
    /// # Errors
    /// The first thing that is wrong, cluster before epoch before target before sender.
    pub fn check(&self, header: &peer::Header) -> Result<(), Refusal> {
        self.check_cluster(header)?;
        if header.to_node != self.identity.node {
            return Err(Refusal::WrongTarget { ours: self.identity.node });
        }
        self.check_sender(header)
    }

    /// The same for a sender that may not know the node it asks, or even the cluster.
    ///
    /// # Errors
    /// As [`Admission::check`], for what the header does say.
    pub fn check_stranger(&self, header: &peer::Header) -> Result<(), Refusal> {
        if !header.cluster.is_empty() {
            self.check_cluster(header)?;
        }
        if header.to_node != ANY_NODE && header.to_node != self.identity.node {
            return Err(Refusal::WrongTarget { ours: self.identity.node });
        }
        if header.cluster.is_empty() { Ok(()) } else { self.check_sender(header) }
    }

    fn check_cluster(&self, header: &peer::Header) -> Result<(), Refusal> {
        if header.cluster != self.identity.cluster {
            return Err(Refusal::WrongCluster { ours: self.identity.cluster.clone() });
        }
        if header.epoch != self.identity.epoch {
            return Err(Refusal::WrongEpoch { ours: self.identity.epoch });
        }
        Ok(())
    }

    fn check_sender(&self, header: &peer::Header) -> Result<(), Refusal> {
        let is_removed = self.roster.removed.contains(&header.from_node);
        if is_removed && !planted::is(Planted::RemovedMemberVotes) {
            return Err(Refusal::SenderRemoved);
        }
        match self.roster.stores.get(&header.from_node) {
            Some(known) if *known != header.from_store => Err(Refusal::StoreChanged),
            Some(_) | None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{ANY_NODE, Admission, Identity, Roster};
    use crate::network::refusal::Refusal;
    use regent_proto::peer::Header;

    fn node_two() -> Admission {
        let identity =
            Identity { cluster: "c1".into(), epoch: 3, node: 2, store: "store-2".into() };
        let roster = Roster {
            stores: [(1, "store-1".into())].into(),
            removed: [7].into(),
            ..Roster::default()
        };
        Admission { roster, ..Admission::new(identity) }
    }

    fn from_one() -> Header {
        Header {
            cluster: "c1".into(),
            epoch: 3,
            from_node: 1,
            from_store: "store-1".into(),
            to_node: 2,
        }
    }

    #[test]
    fn member_with_its_own_store_is_heard() {
        assert_eq!(node_two().check(&from_one()), Ok(()));
    }

    #[test]
    fn node_that_is_not_listed_yet_is_heard() {
        let newcomer = Header { from_node: 4, from_store: "store-4".into(), ..from_one() };
        assert_eq!(node_two().check(&newcomer), Ok(()));
    }

    #[test]
    fn each_mismatch_has_its_own_refusal() {
        let cases = [
            (
                Header { cluster: "c2".into(), ..from_one() },
                Refusal::WrongCluster { ours: "c1".into() },
            ),
            (Header { epoch: 2, ..from_one() }, Refusal::WrongEpoch { ours: 3 }),
            (Header { to_node: 3, ..from_one() }, Refusal::WrongTarget { ours: 2 }),
            (Header { to_node: ANY_NODE, ..from_one() }, Refusal::WrongTarget { ours: 2 }),
            (Header { from_store: "wiped".into(), ..from_one() }, Refusal::StoreChanged),
            (Header { from_node: 7, ..from_one() }, Refusal::SenderRemoved),
        ];
        for (header, refusal) in cases {
            assert_eq!(node_two().check(&header), Err(refusal), "{header:?}");
        }
    }

    #[test]
    fn stranger_may_leave_out_what_it_cannot_know() {
        let stranger = Header { from_store: "new".into(), ..Header::default() };
        assert_eq!(node_two().check_stranger(&stranger), Ok(()));
        assert_eq!(node_two().check_stranger(&from_one()), Ok(()));
    }

    #[test]
    fn stranger_is_held_to_what_it_does_say() {
        let other_cluster = Header { cluster: "c2".into(), ..Header::default() };
        let other_node = Header { to_node: 3, ..Header::default() };
        let removed = Header { from_node: 7, to_node: ANY_NODE, ..from_one() };
        let admission = node_two();
        assert_eq!(
            admission.check_stranger(&other_cluster),
            Err(Refusal::WrongCluster { ours: "c1".into() })
        );
        assert_eq!(admission.check_stranger(&other_node), Err(Refusal::WrongTarget { ours: 2 }));
        assert_eq!(admission.check_stranger(&removed), Err(Refusal::SenderRemoved));
    }

    #[test]
    fn member_that_moved_is_looked_for_where_it_says_until_the_membership_says_so_too() {
        let told = node_two().hinted("store-1", "new:7441");
        assert_eq!(told.address_of(1), Some("new:7441"));
        let roster = |address: &str| Roster {
            addresses: [(1, address.to_owned())].into(),
            ..node_two().roster
        };
        let still = told.with_roster(roster("old:7441"));
        assert_eq!(still.address_of(1), Some("new:7441"));
        assert!(still.with_roster(roster("new:7441")).hints.is_empty());
    }

    #[test]
    fn stranger_that_moved_is_not_remembered() {
        assert!(node_two().hinted("unheard-of", "new:7441").hints.is_empty());
    }
}
