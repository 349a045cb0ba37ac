//! What a rack proves with that it is this one. A row of its own and not a field of its life: a rack that lost its records
//! begins another life with the same key, and a rack that was replaced has another key at once.

use crate::id::SystemId;
use crate::model::secret_digest::SecretDigest;
use serde::{Deserialize, Serialize};

/// The key of a rack that enrolled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RackKey {
    /// The rack's system id: an import may bring another rack under the same number.
    pub system_id: SystemId,
    /// Of the key, which only the rack has.
    pub digest: SecretDigest,
}
