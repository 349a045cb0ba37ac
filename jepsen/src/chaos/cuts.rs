//! Cuts of the network, made where all cables meet: nftables in the bridge family, any direction, each change at once.
//!
//! Several cuts may be in force; what is dropped is all of them together.

use crate::chaos::machines::{API_PORT, Machines, PEER_PORT};
use crate::chaos::ways::Way;
use crate::lab::tool::run;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// The cuts in force.
pub struct Cuts {
    switch: PathBuf,
    rules: PathBuf,
    ports: Vec<String>,
    clients: String,
    next: Cell<u64>,
    in_force: RefCell<BTreeMap<u64, BTreeSet<Way>>>,
}

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CutId(u64);

impl Cuts {
    /// None yet.
    ///
    /// # Errors
    /// If this machine cannot drop packets.
    pub fn prepare(machines: &Machines, folder: &Path) -> anyhow::Result<Self> {
        let cuts = Self {
            switch: machines.switch(),
            rules: folder.join("cuts.nft"),
            ports: machines.ports().collect(),
            clients: machines.clients_port().to_owned(),
            next: Cell::new(0),
            in_force: RefCell::default(),
        };
        cuts.apply(&table())?;
        Ok(cuts)
    }

    /// Cuts these ways, whatever else is cut.
    ///
    /// # Errors
    /// If that cannot be done; then it is not.
    pub fn cut(&self, ways: BTreeSet<Way>) -> anyhow::Result<CutId> {
        let id = CutId(self.next.replace(self.next.get() + 1));
        self.in_force.borrow_mut().insert(id.0, ways);
        self.enforce().inspect_err(|_| drop(self.in_force.borrow_mut().remove(&id.0)))?;
        Ok(id)
    }

    /// Ends one.
    ///
    /// # Errors
    /// If that cannot be done.
    pub fn mend(&self, id: CutId) -> anyhow::Result<()> {
        self.in_force.borrow_mut().remove(&id.0);
        self.enforce()
    }

    /// Ends all.
    ///
    /// # Errors
    /// If that cannot be done.
    pub fn mend_all(&self) -> anyhow::Result<()> {
        self.in_force.borrow_mut().clear();
        self.enforce()
    }

    fn enforce(&self) -> anyhow::Result<()> {
        let ways: BTreeSet<Way> = self.in_force.borrow().values().flatten().copied().collect();
        self.apply(&elements(&ways, &self.ports, &self.clients))
    }

    fn apply(&self, rules: &str) -> anyhow::Result<()> {
        fs::write(&self.rules, rules)?;
        run(&format!("nsenter --net={} nft -f {}", self.switch.display(), self.rules.display()))
            .map(drop)
    }
}

fn table() -> String {
    let drop = |set: &str, port: u16| {
        // A connection may have been opened from either end.
        ["dport", "sport"]
            .map(|end| format!("    iifname . oifname @{set} tcp {end} {port} drop\n"))
    };
    let rules = [drop("peers", PEER_PORT), drop("api", API_PORT)].concat().concat();
    format!(
        "table bridge chaos {{
  set peers {{ type ifname . ifname; }}
  set api {{ type ifname . ifname; }}
  chain through {{
    type filter hook forward priority 0; policy accept;
{rules}  }}
}}
"
    )
}

/// One transaction: what is in force from now on.
fn elements(ways: &BTreeSet<Way>, ports: &[String], clients: &str) -> String {
    let pair = |from: &str, to: &str| format!("\"{from}\" . \"{to}\"");
    let (mut peers, mut api) = (Vec::new(), Vec::new());
    for way in ways {
        match *way {
            Way::Peers { from, to } => peers.push(pair(&ports[from], &ports[to])),
            Way::ToNode(node) => api.push(pair(clients, &ports[node])),
            Way::FromNode(node) => api.push(pair(&ports[node], clients)),
        }
    }
    let mut rules = String::new();
    for (set, pairs) in [("peers", peers), ("api", api)] {
        writeln!(rules, "flush set bridge chaos {set}").expect("a string takes everything");
        if !pairs.is_empty() {
            let pairs = pairs.join(", ");
            writeln!(rules, "add element bridge chaos {set} {{ {pairs} }}")
                .expect("a string takes everything");
        }
    }
    rules
}

#[cfg(test)]
mod tests {
    use super::elements;
    use crate::chaos::ways::Way;
    use std::collections::BTreeSet;

    #[test]
    fn what_is_in_force_replaces_what_was() {
        let ports = ["p2".to_owned(), "p3".to_owned()];
        let ways = BTreeSet::from([Way::Peers { from: 0, to: 1 }, Way::ToNode(1)]);
        let lines = [
            "flush set bridge chaos peers",
            r#"add element bridge chaos peers { "p2" . "p3" }"#,
            "flush set bridge chaos api",
            r#"add element bridge chaos api { "p1" . "p3" }"#,
        ];
        assert_eq!(elements(&ways, &ports, "p1").lines().collect::<Vec<_>>(), lines);
        let none = elements(&BTreeSet::new(), &ports, "p1");
        assert_eq!(none.lines().count(), 2, "{none}");
    }
}
