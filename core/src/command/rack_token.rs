//! Commands about tokens with which racks enrol.

use crate::id::{NodeId, RackTokenId};
use crate::model::secret_digest::SecretDigest;
use crate::time::Millis;
use serde::{Deserialize, Serialize};

/// A change of the tokens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RackTokenCommand {
    /// A new one.
    Create(NewRackToken),
    /// One that is good no more.
    Delete {
        /// Which.
        id: RackTokenId,
    },
}

/// A token to be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewRackToken {
    /// Of its secret, which is drawn before the proposal.
    pub digest: SecretDigest,
    /// The rack as which its holder goes on; none if it becomes a new one.
    pub rack: Option<NodeId>,
    /// How long it is good.
    pub life: Millis,
    /// Who makes it.
    pub created_by: String,
}
