//! The lives of racks: each is a rack with its records. One that loses them begins another life, and never comes back to
//! the one before.

use crate::id::{NodeId, RackLifeId, SystemId};
use crate::lease::server::{Incarnation, Server};
use crate::model::rack_fault::RackFault;
use crate::time::ClusterTime;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Lives that are remembered of one rack.
pub const LIVES_PER_RACK_MAX: usize = 64;

/// A life of a rack. Its number is its key, and no other life of any rack ever has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RackLife {
    /// The rack.
    pub rack: NodeId,
    /// Its system id: an import may bring another rack under the same number.
    pub system_id: SystemId,
    /// Revision at which its session was opened; none while there is no session. What comes in another one is refused:
    /// another process may have the rack's identity.
    pub session: Option<u64>,
    /// When whatever it may have given has ended, once the life is over.
    pub over: Option<ClusterTime>,
    /// When each kind of fault was told last: that of another life is told anew.
    pub faults: BTreeMap<RackFault, ClusterTime>,
}

/// A session of a rack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RackSession {
    /// The rack's life.
    pub life: Incarnation,
    /// The session's number.
    pub session: u64,
}

impl RackLife {
    /// How the lease protocol calls this life.
    #[must_use]
    pub const fn server(&self, id: RackLifeId) -> Server {
        Server { rack: self.rack, incarnation: Incarnation(id.0) }
    }
}
