//! What a rack is told of an address somebody has or had. It may be a moment old: the region has the last word at commit.

use crate::lease::binding::{Client, Tenure};
use serde::{Deserialize, Serialize};

/// How far an address is from being free.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Standing {
    /// Its owner has it.
    Held,
    /// Its owner has let go, or should have; racks may not all know that yet.
    Resting,
    /// Somebody unknown uses it.
    Declined,
    /// Nobody has it. Its last owner gets it again if it comes back in time.
    Free,
}

/// An address somebody has or had.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// Who; none if the address was declined before anybody had it, or an admin took it from its owner.
    pub client: Option<Client>,
    /// Whether it still has it.
    pub standing: Standing,
    /// For how long it got it.
    pub tenure: Tenure,
}
