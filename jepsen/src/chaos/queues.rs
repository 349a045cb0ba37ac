//! Which packets of a cluster go through queues on the machines they come to, where they are held, lost or repeated.
//!
//! A fault has a queue number of its own. Of two faults that want the same packets only the older one would get them.

use crate::chaos::machines::{API_PORT, Machines, PEER_PORT};
use crate::chaos::ways::Way;
use crate::lab::packet_queue::{Fates, Manner, PacketQueue};
use crate::lab::tool::run;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// The queues of a cluster.
pub struct Queues {
    nodes: Vec<Stop>,
    clients: Stop,
    racks: Vec<Stop>,
    file: PathBuf,
    next: Cell<u16>,
    in_force: RefCell<BTreeMap<u16, Vec<Rule>>>,
}

/// A machine that packets come to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stop {
    /// The file of its network namespace.
    pub network: PathBuf,
    /// Its address on the network of the cluster.
    pub address: String,
}

/// Packets that come to a queue: those that a machine gets from these others, from a port or to it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Rule {
    to: Stop,
    from: Vec<Stop>,
    port: u16,
}

/// A fault that has its queues, until it is dropped.
pub struct Holding<'a> {
    number: u16,
    all: &'a Queues,
    stops: BTreeSet<Stop>,
    open: Vec<PacketQueue>,
}

impl Queues {
    /// Those of the network of these machines and racks; no packet comes to one yet.
    #[must_use]
    pub fn of(machines: &Machines, racks: Vec<Stop>, folder: &Path) -> Self {
        let nodes = (0..machines.count())
            .map(|node| Stop { network: machines.network(node), address: machines.address(node) });
        let clients =
            Stop { network: machines.clients_network(), address: machines.clients_address() };
        let (nodes, file) = (nodes.collect(), folder.join("queues.iptables"));
        Self { nodes, clients, racks, file, next: Cell::new(0), in_force: RefCell::default() }
    }

    /// Whether something that goes these ways is held already.
    #[must_use]
    pub fn is_taken(&self, ways: &BTreeSet<Way>) -> bool {
        let in_force = self.in_force.borrow();
        let is_in_force = |rule: &Rule| in_force.values().any(|rules| rules.contains(rule));
        ways.iter().flat_map(|way| self.rules(*way)).any(|rule| is_in_force(&rule))
    }

    /// Has everything that goes these ways come as a manner says.
    ///
    /// # Errors
    /// If that cannot be done; then it is not.
    pub fn hold(&self, ways: &BTreeSet<Way>, manner: Manner) -> anyhow::Result<Holding<'_>> {
        let number = self.next.replace(self.next.get().wrapping_add(1));
        let rules: Vec<_> = ways.iter().flat_map(|way| self.rules(*way)).collect();
        let stops: BTreeSet<_> = rules.iter().map(|rule| rule.to.clone()).collect();
        let open = stops.iter().map(|stop| PacketQueue::open(&stop.network, number, manner));
        let open = open.collect::<anyhow::Result<_>>()?;
        let holding = Holding { number, all: self, stops, open };
        self.in_force.borrow_mut().insert(number, rules);
        self.enforce(&holding.stops)?;
        Ok(holding)
    }

    /// Has no packet come to a queue any more.
    ///
    /// # Errors
    /// If a machine keeps its rules.
    pub fn end_all(&self) -> anyhow::Result<()> {
        self.in_force.borrow_mut().clear();
        let clients = std::iter::once(&self.clients);
        self.enforce(self.nodes.iter().chain(clients).chain(&self.racks))
    }

    fn rules(&self, way: Way) -> Vec<Rule> {
        let rule =
            |to: &Stop, from: &[Stop], port| Rule { to: to.clone(), from: from.to_vec(), port };
        let clients = std::slice::from_ref(&self.clients);
        let node = |node: usize| std::slice::from_ref(&self.nodes[node]);
        match way {
            Way::Peers { from, to } => vec![rule(&self.nodes[to], node(from), PEER_PORT)],
            Way::ToNode(to) => vec![rule(&self.nodes[to], clients, API_PORT)],
            Way::FromNode(from) => vec![rule(&self.clients, node(from), API_PORT)],
            Way::RacksToNode(to) => vec![rule(&self.nodes[to], &self.racks, API_PORT)],
            Way::NodeToRacks(from) => {
                self.racks.iter().map(|rack| rule(rack, node(from), API_PORT)).collect()
            }
        }
    }

    /// Has machines do what is in force, and nothing else.
    fn enforce<'a>(&self, stops: impl IntoIterator<Item = &'a Stop>) -> anyhow::Result<()> {
        for stop in stops {
            let table = table(&self.in_force.borrow(), stop);
            fs::write(&self.file, table)?;
            let (network, file) = (stop.network.display(), self.file.display());
            run(&format!("nsenter --net={network} iptables-restore {file}"))?;
        }
        Ok(())
    }
}

impl Holding<'_> {
    /// Lets everything through, and tells what became of all that came.
    ///
    /// # Errors
    /// If a machine keeps its rules, or lost its queue.
    pub fn end(mut self) -> anyhow::Result<Fates> {
        self.all.in_force.borrow_mut().remove(&self.number);
        self.all.enforce(&self.stops)?;
        let open = std::mem::take(&mut self.open);
        open.into_iter().try_fold(Fates::default(), |sum, queue| Ok(sum.and(queue.close()?)))
    }
}

impl Drop for Holding<'_> {
    fn drop(&mut self) {
        if self.all.in_force.borrow_mut().remove(&self.number).is_some() {
            // It was not ended well; whoever heals in the end tries again, and tells why if it fails.
            drop(self.all.enforce(&self.stops));
        }
    }
}

/// All rules of a machine, as `iptables-restore(8)` reads them: they replace what was.
fn table(in_force: &BTreeMap<u16, Vec<Rule>>, stop: &Stop) -> String {
    let mut text = String::from("*filter\n:INPUT ACCEPT [0:0]\n");
    for (number, rules) in in_force {
        for Rule { from, port, .. } in rules.iter().filter(|rule| rule.to == *stop) {
            let from: Vec<_> = from.iter().map(|stop| &*stop.address).collect();
            // A connection may have been opened from either end.
            for end in ["dport", "sport"].into_iter().filter(|_| !from.is_empty()) {
                let from = from.join(",");
                // What comes from the machine itself is what came before.
                let packets = format!("-A INPUT ! -i lo -s {from} -p tcp --{end} {port}");
                let queue = format!("-j NFQUEUE --queue-num {number} --queue-bypass");
                writeln!(text, "{packets} {queue}").expect("a string takes everything");
            }
        }
    }
    text + "COMMIT\n"
}

#[cfg(test)]
mod tests {
    use super::{Rule, Stop, table};
    use std::collections::BTreeMap;

    #[test]
    fn machine_queues_what_comes_to_it_from_either_end_of_a_connection() {
        let stop = |host: &str| Stop { network: host.into(), address: format!("10.9.0.{host}") };
        let rule = |to: &str, from: &[&str], port| {
            let from = from.iter().map(|host| stop(host)).collect();
            Rule { to: stop(to), from, port }
        };
        let rules = vec![rule("11", &["12", "13"], 7441), rule("12", &["1"], 7440)];
        let in_force = BTreeMap::from([(3, rules), (4, vec![rule("11", &[], 7440)])]);
        let text = table(&in_force, &stop("11"));
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines.len(), 5, "{text}");
        let whole = "-A INPUT ! -i lo -s 10.9.0.12,10.9.0.13 -p tcp --dport 7441 -j NFQUEUE --queue-num 3 --queue-bypass";
        assert_eq!(lines[2], whole);
        assert!(lines[3].contains("--sport 7441"), "{text}");
        assert_eq!(table(&in_force, &stop("14")).lines().count(), 3);
    }
}
