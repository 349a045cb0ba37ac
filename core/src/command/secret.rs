//! Commands about secrets of other objects. There is no way to read one back through an outcome.

use crate::id::{ApiTokenId, BmcId, UserId};
use crate::model::secret::Secret;
use serde::{Deserialize, Serialize};

/// Bytes of a secret.
pub const SECRET_BYTES_MAX: usize = 16 << 10;

/// Whose secret it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SecretOwner {
    /// A BMC's: a power parameter.
    Bmc(BmcId),
    /// A user's: the hash of the password.
    User(UserId),
    /// A token's: what requests are signed with.
    ApiToken(ApiTokenId),
}

/// A change of the secrets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SecretCommand {
    /// A new text.
    Set {
        /// Whose.
        owner: SecretOwner,
        /// Which.
        name: String,
        /// The text.
        secret: Secret,
    },
    /// Forgotten.
    Forget {
        /// Whose.
        owner: SecretOwner,
        /// Which.
        name: String,
    },
}
