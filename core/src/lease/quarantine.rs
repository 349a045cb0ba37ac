//! The time after a restore: racks may have given what the restored state has forgotten (rule R20).
//!
//! Its blocks are gone with the restore: a rack that had one lets go of it, tells what it gave and asks anew. Were a
//! restored block extended, it could hold an address that has since gone to somebody else.

use crate::id::NodeId;
use crate::lease::server::Server;
use crate::lease::terms::Terms;
use crate::time::ClusterTime;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Until everybody has told what was forgotten, nothing goes to anybody new.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Quarantine {
    /// Racks that have not told yet.
    awaited: BTreeSet<Server>,
    /// When whatever they may have given has ended.
    until: ClusterTime,
}

impl Quarantine {
    /// A quarantine that begins now, for all racks that were ever enrolled, with the longest terms that ever held here.
    ///
    /// A rack that was enrolled after the state was saved is not among them: whoever restores has to name it, or the
    /// quarantine must end by time alone.
    #[must_use]
    pub fn begin(racks: BTreeSet<Server>, now: ClusterTime, terms: &Terms) -> Self {
        Self { awaited: racks, until: terms.everything_over(now) }
    }

    /// When it ends if nobody tells anything; none if it is over.
    #[must_use]
    pub fn until(&self, now: ClusterTime) -> Option<ClusterTime> {
        (!self.awaited.is_empty() && now < self.until).then_some(self.until)
    }

    /// When it ends at the latest.
    #[must_use]
    pub const fn end(&self) -> ClusterTime {
        self.until
    }

    /// A rack has told all it gave. It had let go of all its rights before, durably.
    pub fn told(&mut self, server: Server) {
        self.awaited.remove(&server);
    }

    /// A rack will never act again: somebody has made sure of that.
    pub fn fence(&mut self, rack: NodeId) {
        self.awaited.retain(|server| server.rack != rack);
    }
}
