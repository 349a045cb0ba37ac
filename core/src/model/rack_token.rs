//! A token that lets one machine enrol as a rack, once. The token's text lives in `rack_token_text`.

use crate::id::NodeId;
use crate::model::secret_digest::SecretDigest;
use crate::time::{ClusterTime, Millis};
use serde::{Deserialize, Serialize};

/// Tokens alive at the same time.
pub const RACK_TOKENS_MAX: usize = 10_000;
/// The shortest time a token may be good for.
pub const RACK_TOKEN_LIFE_MILLIS_MIN: Millis = Millis::from_secs(1);
/// The longest time a token may be good for: thirty days.
pub const RACK_TOKEN_LIFE_MILLIS_MAX: Millis = Millis::from_secs(30 * 86_400);

/// A token that was not used yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RackToken {
    /// Of the token's secret, which only its holder has.
    pub digest: SecretDigest,
    /// The rack as which its holder goes on; none if it becomes a new one.
    pub rack: Option<NodeId>,
    /// From when on it is not good any more.
    pub expires: ClusterTime,
    /// Who made it.
    pub created_by: String,
}
