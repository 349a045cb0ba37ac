//! Clients' idempotency keys: the second of the two ways a write is applied exactly once (DESIGN D5).

use crate::codec;
use crate::state::deadline::Deadline;
use crate::state::index::{Indexed, Listing};
use crate::state::key_id::KeyId;
use crate::state::session::KeptReply;
use crate::time::{ClusterTime, Millis};
use serde::{Deserialize, Serialize};

/// How long the outcome of a key is kept.
pub const KEY_LIFE: Millis = Millis::from_secs(24 * 3600);
/// Keys kept at the same time over all principals; more are refused, never evicted early.
pub const KEYS_MAX: usize = 1_000_000;
/// Bytes of all kept replies with their keys.
pub const KEYS_BYTES_MAX: u64 = 256 << 20;
/// Bytes of a key.
pub const KEY_BYTES_MAX: usize = 255;

/// The first use of a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyUse {
    /// Hash of the request the key was used with; another request under the same key is refused.
    pub request_hash: [u8; 32],
    /// What that request came to.
    pub reply: KeptReply,
    /// When the key is forgotten.
    pub expires: ClusterTime,
    /// How much the reply and its key count.
    pub bytes: u64,
}

/// How much a reply and its key count.
#[must_use]
pub fn size_bytes(id: &KeyId, reply: &KeptReply) -> u64 {
    (id.principal.len() + id.key.len() + codec::to_bare(reply).len()) as u64
}

impl Indexed<KeyId> for KeyUse {
    fn index(&self, id: &KeyId, listing: &mut Listing<'_>) {
        let due = Deadline::IdempotencyKey(id.clone());
        listing.entry(|indexes| &mut indexes.deadlines, self.expires, due);
    }
}
