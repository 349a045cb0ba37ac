//! What the state knows about itself: whose it is, what time it is, and which ids come next.

use crate::model::serial::Serial;
use crate::object::Kind;
use crate::revision::Revision;
use crate::time::{ClusterTime, Millis};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Identity, clock and counters of a state.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meta {
    /// Identity of the cluster, made once at `init`.
    pub cluster_id: String,
    /// Rises at every restore and recovery: what was promised under an older epoch is void (DESIGN D22).
    pub epoch: u64,
    /// Added to the log index to get the revision; grows at restore (DESIGN D6).
    pub revision_offset: u64,
    /// Cluster time of the last applied entry.
    pub now: ClusterTime,
    /// Revision of the last applied entry.
    pub revision: Revision,
    /// Revision of the last change that watchers are told of.
    pub changed_revision: Revision,
    /// The highest number ever used, by kind.
    pub last_ids: BTreeMap<Kind, u32>,
    /// The longest terms of leases that ever were, those of now aside.
    pub longest_terms: LongestTerms,
    /// How many system ids were drawn from the walk of [`SystemId::nth`](crate::id::SystemId::nth).
    pub system_ids_drawn: u64,
    /// Changes held in the ring.
    pub ring_changes: u64,
    /// Bytes of the changes held in the ring.
    pub ring_bytes: u64,
    /// Revision before the oldest one in the ring: a watcher that has seen this much can go on.
    pub ring_floor: Revision,
    /// Bytes of the kept replies of idempotency keys.
    pub key_bytes: u64,
    /// The check after which the replicas differed with none in the majority, until they are alike again.
    pub contested: Option<Revision>,
    /// The serial a new DNS zone starts with: above that of any zone that went.
    pub zone_serials_start: Serial,
}

/// Lengths of time that something was granted for at the most, once. They only grow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LongestTerms {
    /// Of a lease.
    pub life: Millis,
    /// Of a rack's right to renew it alone, beyond that.
    pub autonomy: Millis,
    /// Of a block.
    pub block_term: Millis,
}
