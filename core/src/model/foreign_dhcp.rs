//! DHCP servers that are not racks of this region, as racks heard them answer on a VLAN. Whether one answers still, nobody
//! knows: silence clears nothing, and when each was heard last speaks for itself.

use crate::time::{ClusterTime, Millis};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::net::IpAddr;

/// Servers remembered of a VLAN; another one pushes out the one that was silent longest.
pub const FOREIGN_SERVERS_MAX: usize = 4;
/// A server that goes on answering is written down once in so long: no entry of the log for every packet.
pub const SEEN_AGAIN_MILLIS: Millis = Millis::from_secs(60);
/// A server that is replaced is looked for once in so long: each minute, with the time a look takes.
pub const LOOKED_FOR_AGAIN_MILLIS: Millis = Millis::from_secs(70);
/// A server that pushes out one that was heard within so long is told in no event: who makes up servers fills no log of events.
pub const PUSHED_OUT_TOLD_MILLIS: Millis = Millis::from_secs(3_600);

/// The servers heard on a VLAN. The VLAN is its key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForeignDhcp {
    /// When each was heard last.
    pub seen: BTreeMap<IpAddr, ClusterTime>,
}

/// What a sighting is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sighting {
    /// Of a server that was written down a moment ago: nothing to do.
    Repeated,
    /// Of a server that is known.
    Again,
    /// Of one that was not known.
    New,
    /// Of one that was not known, where another one new has just been told.
    NewAmongMany,
}

impl ForeignDhcp {
    /// When one of them was heard last.
    #[must_use]
    pub fn last_seen(&self) -> Option<ClusterTime> {
        self.seen.values().max().copied()
    }

    /// Writes down that a server was heard now.
    pub fn saw(&mut self, server: IpAddr, now: ClusterTime) -> Sighting {
        if let Some(last) = self.seen.get_mut(&server) {
            if now < last.after(SEEN_AGAIN_MILLIS) {
                return Sighting::Repeated;
            }
            *last = now;
            return Sighting::Again;
        }
        let pushed_out = self.push_out();
        self.seen.insert(server, now);
        let is_recent = |last: ClusterTime| now < last.after(PUSHED_OUT_TOLD_MILLIS);
        if pushed_out.is_some_and(is_recent) { Sighting::NewAmongMany } else { Sighting::New }
    }

    /// Makes room for another one. When the one that goes was heard last.
    fn push_out(&mut self) -> Option<ClusterTime> {
        if self.seen.len() < FOREIGN_SERVERS_MAX {
            return None;
        }
        let (oldest, last) = self.seen.iter().min_by_key(|(_, last)| **last)?;
        let (oldest, last) = (*oldest, *last);
        self.seen.remove(&oldest);
        Some(last)
    }
}
