//! Looks for DHCP servers that are not ours: what region nodes wish of racks, and what racks found. A rack may be connected to
//! another node than the one that was asked, so both travel in what nodes tell each other.

use rand::random;
use regent_core::id::{NodeId, VlanId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

/// Looks that one node wishes for at a time.
pub const WISHES_MAX: usize = 16;
/// Servers that are told of one look.
pub const SERVERS_MAX: usize = 16;
/// Findings a node remembers.
const FINDINGS_MAX: usize = 64;
/// How long: what others need to be told.
const REMEMBERED: Duration = Duration::from_secs(15);

/// A look, by whoever wishes for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ProbeKey {
    /// The region node.
    pub node: u64,
    /// Its number of the look; another one after a restart.
    pub number: u64,
}

/// A rack is to look for servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wish {
    /// Which look.
    pub key: ProbeKey,
    /// The rack.
    pub rack: NodeId,
    /// The VLAN that is looked at.
    pub vlan: VlanId,
    /// The rack's address there.
    pub link: Ipv4Addr,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Which look.
    pub key: ProbeKey,
    /// Servers that offered something and are no racks of the VLAN.
    pub servers: Vec<Ipv4Addr>,
    /// Why nobody was asked; none if somebody would have been heard.
    pub trouble: Option<NotLooked>,
}

/// Why nobody was asked, for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum NotLooked {
    /// The rack can never look there.
    Unable(String),
    /// It might have: another look may come to more.
    Failed(String),
}

/// What this node wishes, and what its racks found.
#[derive(Debug)]
pub struct Probes {
    next: u64,
    wishes: Vec<Wish>,
    findings: BTreeMap<ProbeKey, (Instant, Finding)>,
}

impl Default for Probes {
    /// Numbers begin anywhere, so that a finding from before a restart answers nobody's wish.
    fn default() -> Self {
        Self { next: random(), wishes: Vec::new(), findings: BTreeMap::new() }
    }
}

impl Probes {
    /// Wishes for a look by a rack; none if too many are under way.
    pub fn wish(
        &mut self,
        node: u64,
        (rack, vlan, link): (NodeId, VlanId, Ipv4Addr),
    ) -> Option<ProbeKey> {
        if self.wishes.len() >= WISHES_MAX {
            return None;
        }
        let key = ProbeKey { node, number: self.next };
        self.next = self.next.wrapping_add(1);
        self.wishes.push(Wish { key, rack, vlan, link });
        Some(key)
    }

    /// Nobody waits for it any more.
    pub fn over(&mut self, key: ProbeKey) {
        self.wishes.retain(|wish| wish.key != key);
    }

    /// A rack of this node found this.
    pub fn found(&mut self, mut finding: Finding) {
        finding.servers.truncate(SERVERS_MAX);
        self.forget();
        if self.findings.len() >= FINDINGS_MAX {
            let oldest = self.findings.iter().min_by_key(|(_, (since, _))| *since);
            let oldest = oldest.map(|(key, _)| *key);
            oldest.map(|key| self.findings.remove(&key));
        }
        self.findings.insert(finding.key, (Instant::now(), finding));
    }

    /// What others are to be told.
    #[must_use]
    pub fn told(&mut self) -> (Vec<Wish>, Vec<Finding>) {
        self.forget();
        let findings = self.findings.values().map(|(_, finding)| finding.clone());
        (self.wishes.clone(), findings.collect())
    }

    fn forget(&mut self) {
        self.findings.retain(|_, (since, _)| since.elapsed() < REMEMBERED);
    }
}

#[cfg(test)]
mod tests {
    use super::{FINDINGS_MAX, Finding, Probes, WISHES_MAX};
    use regent_core::id::{NodeId, VlanId};

    #[test]
    fn so_many_looks_are_under_way_and_no_more() {
        let mut probes = Probes::default();
        let mut wish = || probes.wish(1, (NodeId(3), VlanId(5001), [10, 0, 0, 2].into()));
        let keys: Vec<_> = (0..WISHES_MAX).map(|_| wish().unwrap()).collect();
        assert_eq!(wish(), None);
        probes.over(keys[0]);
        assert_eq!(probes.told().0.len(), WISHES_MAX - 1);
        let finding = |key| Finding { key, servers: Vec::new(), trouble: None };
        for number in 0..FINDINGS_MAX + 1 {
            let mut key = keys[0];
            key.number = number as u64;
            probes.found(finding(key));
        }
        assert_eq!(probes.told().1.len(), FINDINGS_MAX);
    }
}
