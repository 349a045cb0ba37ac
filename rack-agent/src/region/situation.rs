//! What a rack says of itself when it opens a session.

use crate::region::interface;
use crate::region::interface::Interface;
use crate::remembered::Identity;
use regent_core::lease::server::Incarnation;
use regent_proto::rack;
use std::fmt;

/// Which view a rack has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ViewPlace {
    /// The cluster's epoch.
    pub epoch: u64,
    /// The region's revision.
    pub revision: u64,
}

/// What a rack has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Possessions {
    /// The life whose records it has; none if it has none and begins another.
    pub life: Option<Incarnation>,
    /// The view it has, if any.
    pub view: Option<ViewPlace>,
}

/// A rack as it is now.
#[derive(Clone, Debug)]
pub struct Situation {
    /// Who it is.
    pub identity: Identity,
    /// The agent's version, for people.
    pub version: String,
    /// What it has.
    pub possessions: Possessions,
    /// Its interfaces.
    pub interfaces: Vec<Interface>,
    /// A life that the region has ended. It is never spoken of again.
    ended_life: Option<Incarnation>,
}

/// A `Hello`. Has a secret in it: cannot be printed.
#[derive(Clone)]
pub struct Hello(pub(in crate::region) rack::Hello);

impl fmt::Debug for Hello {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hello of {}", self.0.system_id)
    }
}

impl Situation {
    /// A rack as its process begins.
    #[must_use]
    pub const fn new(
        identity: Identity,
        version: String,
        possessions: Possessions,
        interfaces: Vec<Interface>,
    ) -> Self {
        Self { identity, version, possessions, interfaces, ended_life: None }
    }

    /// What the rack says first in a session.
    #[must_use]
    pub fn hello(&self) -> Hello {
        let place = |ViewPlace { epoch, revision }: ViewPlace| rack::ViewPlace { epoch, revision };
        Hello(rack::Hello {
            cluster_id: self.identity.cluster_id.clone(),
            system_id: self.identity.system_id.clone(),
            key: self.identity.key.clone().into(),
            life: self.life().map(|life| life.0),
            view: self.possessions.view.map(place),
            version: self.version.clone(),
            interfaces: interface::write(&self.interfaces),
        })
    }

    /// The region has ended the life of which the rack has records.
    pub const fn end_life(&mut self) {
        self.ended_life = self.possessions.life;
    }

    fn life(&self) -> Option<Incarnation> {
        self.possessions.life.filter(|life| Some(*life) != self.ended_life)
    }
}
