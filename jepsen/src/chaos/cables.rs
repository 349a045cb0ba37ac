//! The cables of nodes, which can be made to carry little: what is too much for them waits, and is dropped if it waits for
//! long (token buckets, `tc-tbf(8)`, at both ends).

use crate::chaos::machines::Machines;
use crate::lab::tool::run;
use std::path::PathBuf;

/// What a cable carries at once before it counts.
const BURST: &str = "16kb";
/// How long something may wait.
const LATENCY: &str = "400ms";

/// One cable a node.
pub struct Cables {
    switch: PathBuf,
    ends: Vec<End>,
}

/// Where one ends: on its machine, and where all meet.
struct End {
    network: PathBuf,
    port: String,
}

impl Cables {
    /// Those of all nodes, as wide as they are.
    #[must_use]
    pub fn of(machines: &Machines) -> Self {
        let end = |(node, port)| End { network: machines.network(node), port };
        let ends = machines.ports().enumerate().map(end).collect();
        Self { switch: machines.switch(), ends }
    }

    /// Has a node's cable carry so many kilobits a second, each way.
    ///
    /// # Errors
    /// If this machine cannot.
    pub fn narrow(&self, node: usize, kbit: u32) -> anyhow::Result<()> {
        let bucket = format!("root tbf rate {kbit}kbit burst {BURST} latency {LATENCY}");
        self.at_both_ends(node, "replace", &bucket)
    }

    /// Has it carry everything again.
    ///
    /// # Errors
    /// If it was not narrowed.
    pub fn widen(&self, node: usize) -> anyhow::Result<()> {
        self.at_both_ends(node, "del", "root")
    }

    /// The same with all, narrowed or not.
    pub fn widen_all(&self) {
        for node in 0..self.ends.len() {
            // Most are not narrowed.
            drop(self.widen(node));
        }
    }

    fn at_both_ends(&self, node: usize, verb: &str, what: &str) -> anyhow::Result<()> {
        let End { network, port } = &self.ends[node];
        for (place, device) in [(network, "eth0"), (&self.switch, port)] {
            let place = place.display();
            run(&format!("nsenter --net={place} tc qdisc {verb} dev {device} {what}"))?;
        }
        Ok(())
    }
}
