//! The looks for foreign DHCP servers that a session's rack is asked for, and its answers. Pure.

use crate::rack_board::probe::{NotLooked, ProbeKey, SERVERS_MAX, Wish};
use crate::rack_board::status::kept;
use regent_core::id::NodeId;
use regent_proto::rack;
use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

/// Looks a rack is asked for at once.
pub const OPEN_MAX: usize = 4;

/// The looks of a session.
#[derive(Debug, Default)]
pub struct Probing {
    last: u64,
    open: BTreeMap<u64, Wish>,
    /// Those of the wishes that there are which the rack was asked for.
    asked: BTreeSet<ProbeKey>,
}

/// What a rack found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probed {
    /// Servers that offered something.
    pub servers: BTreeSet<Ipv4Addr>,
    /// Why nobody was asked.
    pub trouble: Option<NotLooked>,
}

impl Probing {
    /// What the rack is to be asked for, of all that is wished. Each wish is asked for once.
    pub fn wished(&mut self, rack: NodeId, wishes: &[Wish]) -> Vec<rack::Probe> {
        let own = wishes.iter().filter(|wish| wish.rack == rack);
        let own: BTreeMap<ProbeKey, Wish> = own.map(|wish| (wish.key, *wish)).collect();
        self.asked.retain(|key| own.contains_key(key));
        // A rack that does not answer is not waited for longer than whoever wishes.
        self.open.retain(|_, wish| own.contains_key(&wish.key));
        let mut probes = Vec::new();
        for (key, wish) in own {
            if self.open.len() < OPEN_MAX && self.asked.insert(key) {
                self.last += 1;
                self.open.insert(self.last, wish);
                probes.push(rack::Probe { id: self.last, link: wish.link.to_bits() });
            }
        }
        probes
    }

    /// The rack has looked. The wish, if somebody waits for it still, and what was found.
    ///
    /// # Errors
    /// What no honest rack says.
    pub fn ended(&mut self, probed: rack::Probed) -> Result<(Option<Wish>, Probed), &'static str> {
        let rack::Probed { id, servers, trouble, unable } = probed;
        if id == 0 || id > self.last {
            return Err("an answer to no question");
        }
        let wish = self.open.remove(&id);
        let servers = servers.into_iter().map(Ipv4Addr::from_bits).take(SERVERS_MAX);
        let is_server = |server: &Ipv4Addr| {
            !server.is_unspecified() && !server.is_multicast() && !server.is_broadcast()
        };
        let why = if unable { NotLooked::Unable } else { NotLooked::Failed };
        let trouble = trouble.map(|text| why(kept(text)));
        Ok((wish, Probed { servers: servers.filter(is_server).collect(), trouble }))
    }
}

#[cfg(test)]
mod tests {
    use super::Probing;
    use crate::rack_board::probe::{ProbeKey, Wish};
    use regent_core::id::{NodeId, VlanId};
    use regent_proto::rack;

    fn wish(number: u64, rack: u32) -> Wish {
        let (key, link) = (ProbeKey { node: 1, number }, [10, 0, 0, 2].into());
        Wish { key, rack: NodeId(rack), vlan: VlanId(5001), link }
    }

    #[test]
    fn rack_is_asked_once_for_each_wish_of_it() {
        let mut probing = Probing::default();
        let wishes = [wish(1, 3), wish(2, 4), wish(3, 3)];
        let ids = |probes: Vec<rack::Probe>| probes.iter().map(|p| p.id).collect::<Vec<_>>();
        assert_eq!(ids(probing.wished(NodeId(3), &wishes)), [1, 2]);
        assert_eq!(ids(probing.wished(NodeId(3), &wishes)), [0; 0]);
        let answer = |id| rack::Probed { id, ..rack::Probed::default() };
        assert_eq!(probing.ended(answer(2)).unwrap().0, Some(wish(3, 3)));
        assert_eq!(probing.ended(answer(2)).unwrap().0, None, "it was answered before");
        assert!(probing.ended(answer(3)).is_err(), "it was not asked");
    }

    #[test]
    fn answer_that_nobody_waits_for_any_more_is_of_no_wish() {
        let mut probing = Probing::default();
        assert_eq!(probing.wished(NodeId(3), &[wish(1, 3)]).len(), 1);
        assert_eq!(probing.wished(NodeId(3), &[]).len(), 0);
        let late = rack::Probed { id: 1, ..rack::Probed::default() };
        assert_eq!(probing.ended(late).unwrap().0, None);
    }
}
