//! Cuts made where all cables meet: nftables in the bridge family, any direction, each change at once.

use crate::chaos::cuts::{ALL_PERCENT, Cut, Scissors, Toll};
use crate::chaos::machines::{API_PORT, Machines, PEER_PORT};
use crate::chaos::ways::Way;
use crate::lab::tool::run;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// The rules of the network's namespace.
pub struct Rules {
    switch: PathBuf,
    file: PathBuf,
    ports: Ports,
}

/// Where cables end.
struct Ports {
    nodes: Vec<String>,
    clients: String,
    racks: Vec<String>,
}

impl Rules {
    /// Those of the network of these machines, where the cables of racks end at these ports.
    #[must_use]
    pub fn of(machines: &Machines, racks: Vec<String>, folder: &Path) -> Self {
        let (nodes, clients) = (machines.ports().collect(), machines.clients_port().to_owned());
        let ports = Ports { nodes, clients, racks };
        Self { switch: machines.switch(), file: folder.join("cuts.nft"), ports }
    }
}

impl Scissors for Rules {
    fn enforce(&self, cuts: &[Cut]) -> anyhow::Result<()> {
        let is_late = |cut: &Cut| matches!(cut.toll, Toll::Late(_));
        anyhow::ensure!(!cuts.iter().any(is_late), "packets cannot be held back by rules");
        fs::write(&self.file, table(cuts, &self.ports))?;
        run(&format!("nsenter --net={} nft -f {}", self.switch.display(), self.file.display()))
            .map(drop)
    }
}

/// One transaction: what is in force from now on, in place of what was.
fn table(cuts: &[Cut], ports: &Ports) -> String {
    let rules: String = cuts.iter().map(|cut| rules(cut, ports)).collect();
    format!(
        "table bridge chaos {{}}
delete table bridge chaos
table bridge chaos {{
  chain through {{
    type filter hook forward priority 0; policy accept;
{rules}  }}
}}
"
    )
}

fn rules(cut: &Cut, ports: &Ports) -> String {
    let (mut peers, mut api) = (Vec::new(), Vec::new());
    for way in &cut.ways {
        match *way {
            Way::Peers { from, to } => peers.push(pair(&ports.nodes[from], &ports.nodes[to])),
            Way::ToNode(node) => api.push(pair(&ports.clients, &ports.nodes[node])),
            Way::FromNode(node) => api.push(pair(&ports.nodes[node], &ports.clients)),
            Way::RacksToNode(node) => {
                api.extend(ports.racks.iter().map(|rack| pair(rack, &ports.nodes[node])));
            }
            Way::NodeToRacks(node) => {
                api.extend(ports.racks.iter().map(|rack| pair(&ports.nodes[node], rack)));
            }
        }
    }
    let chance = match cut.toll {
        Toll::Lost(ALL_PERCENT..) => String::new(),
        Toll::Lost(percent) => format!("numgen random mod 100 < {percent} "),
        Toll::Late(_) => return String::new(),
    };
    let mut rules = String::new();
    for (pairs, port) in [(peers, PEER_PORT), (api, API_PORT)] {
        // A connection may have been opened from either end.
        for end in ["dport", "sport"].into_iter().filter(|_| !pairs.is_empty()) {
            let pairs = pairs.join(", ");
            let packets = format!("iifname . oifname {{ {pairs} }} tcp {end} {port}");
            writeln!(rules, "    {packets} {chance}drop").expect("a string takes everything");
        }
    }
    rules
}

fn pair(from: &str, to: &str) -> String {
    format!("\"{from}\" . \"{to}\"")
}

#[cfg(test)]
mod tests {
    use super::{Ports, rules, table};
    use crate::chaos::cuts::{ALL_PERCENT, Cut, Toll};
    use crate::chaos::ways::Way;
    use std::collections::BTreeSet;

    fn ruled(ways: &[Way], percent: u8) -> Vec<String> {
        let named = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let (nodes, racks) = (named(&["p2", "p3"]), named(&["p4", "p5"]));
        let ports = Ports { nodes, clients: "p1".to_owned(), racks };
        let toll = Toll::Lost(percent);
        let cut = Cut { ways: ways.iter().copied().collect::<BTreeSet<_>>(), toll };
        rules(&cut, &ports).lines().map(|line| line.trim().to_owned()).collect()
    }

    #[test]
    fn cut_drops_both_ends_of_the_ports_of_its_ways() {
        let lines = [
            r#"iifname . oifname { "p2" . "p3" } tcp dport 7441 drop"#,
            r#"iifname . oifname { "p2" . "p3" } tcp sport 7441 drop"#,
            r#"iifname . oifname { "p1" . "p3" } tcp dport 7440 drop"#,
            r#"iifname . oifname { "p1" . "p3" } tcp sport 7440 drop"#,
        ];
        let ways = [Way::Peers { from: 0, to: 1 }, Way::ToNode(1)];
        assert_eq!(ruled(&ways, ALL_PERCENT), lines);
        assert_eq!(ruled(&[], ALL_PERCENT), [""; 0]);
    }

    #[test]
    fn way_of_racks_is_that_of_each_and_what_is_lost_in_part_is_lost_by_chance() {
        let lines = ruled(&[Way::NodeToRacks(0)], 20);
        let packets = r#"iifname . oifname { "p2" . "p4", "p2" . "p5" }"#;
        assert_eq!(lines[0], format!("{packets} tcp dport 7440 numgen random mod 100 < 20 drop"));
    }

    #[test]
    fn what_is_in_force_replaces_what_was() {
        let ports = Ports { nodes: Vec::new(), clients: String::new(), racks: Vec::new() };
        let text = table(&[], &ports);
        assert!(text.contains("delete table bridge chaos") && !text.contains("drop"), "{text}");
    }
}
