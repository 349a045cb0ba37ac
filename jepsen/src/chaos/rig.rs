//! A cluster as faults are done to it: several at a time, each to nodes of its own.
//!
//! Nothing is borrowed across a wait, so that two tracks can use it by turns on one thread.

use crate::chaos::cables::Cables;
use crate::chaos::clocks::Clocks;
use crate::chaos::cuts::Cuts;
use crate::chaos::dice::Dice;
use crate::chaos::lives::Lives;
use crate::chaos::plan::Whom;
use crate::chaos::queues::Queues;
use crate::chaos::served::Served;
use crate::chaos::ways::minority;
use crate::cluster::group::Group;
use crate::cluster::place::Place;
use crate::cluster::status::{self, ClusterStatus};
use crate::judge::violation::Violation;
use crate::lab::shim::Shim;
use crate::load::meter::Meter;
use regent_check::history::line;
use regent_power::disk::Disk;
use rustix::process::Signal;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::time::sleep;

/// How long nodes are waited for that another fault has, or a leader.
const CLAIM_MAX: Duration = Duration::from_secs(15);
/// How long a killed process may take to be gone.
const END_MAX: Duration = Duration::from_secs(30);
/// How long nodes may take to be up to date: they apply their whole logs again, on a machine that has much else to do.
pub const READY_MAX: Duration = Duration::from_secs(120);
/// Pause between two looks.
const LOOK_PAUSE: Duration = Duration::from_millis(20);

/// A cluster.
pub struct Rig {
    /// Where its nodes live.
    pub places: Vec<Place>,
    /// The disks they are on; none if they share ours.
    pub disks: Vec<Disk>,
    /// The cuts of their network; none where packets cannot be dropped.
    pub cuts: Option<Cuts>,
    /// The queues its packets can be held in; none where there can be none.
    pub queues: Option<Queues>,
    /// Its cables; none where those cannot be narrowed.
    pub cables: Option<Cables>,
    /// What stands before their disks; none where that cannot be made.
    pub shim: Option<Shim>,
    /// Their wall clocks; none where those cannot jump.
    pub clocks: Option<Clocks>,
    /// The racks and their clients, if there are any.
    pub served: Option<Served>,
    /// For questions.
    pub http: reqwest::Client,
    /// The load on it, and the clock of the harness.
    pub meter: Arc<Meter>,
    /// A node that no fault takes alone: it is to keep a whole log, and would need a snapshot if it were away while others
    /// write.
    pub spared: Option<usize>,
    /// Nodes that were made to forget, and said so.
    pub forgetful: RefCell<BTreeSet<usize>>,
    /// What is wrong and only whoever did a fault could see.
    pub found: RefCell<Vec<Violation>>,
    /// Nodes that began anew.
    pub lives: RefCell<Lives>,
    group: RefCell<Group>,
    claimed: RefCell<BTreeSet<usize>>,
}

/// Nodes that one fault has to itself, until it is dropped.
pub struct Claim<'a> {
    /// Which.
    pub nodes: Vec<usize>,
    rig: &'a Rig,
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        self.rig.claimed.borrow_mut().retain(|node| !self.nodes.contains(node));
    }
}

impl Rig {
    /// A cluster that runs.
    #[must_use]
    pub fn new(group: Group, disks: Vec<Disk>, meter: Arc<Meter>) -> Self {
        Self {
            places: group.nodes.iter().map(|node| node.place.clone()).collect(),
            disks,
            cuts: None,
            queues: None,
            cables: None,
            shim: None,
            clocks: None,
            served: None,
            http: group.http.clone(),
            meter,
            spared: None,
            forgetful: RefCell::default(),
            found: RefCell::default(),
            lives: RefCell::default(),
            group: RefCell::new(group),
            claimed: RefCell::default(),
        }
    }

    /// What is left when no fault is done any more: the nodes, and the disks they are on.
    #[must_use]
    pub fn into_parts(self) -> (Group, Vec<Disk>) {
        (self.group.into_inner(), self.disks)
    }

    /// Now, on the clock of the harness.
    #[must_use]
    pub fn now(&self) -> line::Instant {
        self.meter.now()
    }

    /// How many nodes there are.
    #[must_use]
    pub const fn count(&self) -> usize {
        self.places.len()
    }

    /// Nodes by name.
    #[must_use]
    pub fn names(&self, nodes: &[usize]) -> Vec<String> {
        nodes.iter().map(|node| self.places[*node].name.clone()).collect()
    }

    /// What a node says of the group.
    pub async fn status_of(&self, node: usize) -> Option<ClusterStatus> {
        status::ask(&self.http, &self.places[node].api).await
    }

    /// Who leads: of those that say so, the one in the highest term.
    pub async fn leader(&self) -> Option<usize> {
        let mut leading = None;
        for node in 0..self.count() {
            let status = self.status_of(node).await.filter(ClusterStatus::leads);
            leading = leading.max(status.map(|status| (status.term, node)));
        }
        leading.map(|(_, node)| node)
    }

    /// All nodes, those that are meant first; none if somebody should lead and nobody does for long.
    pub async fn order(&self, whom: Whom, dice: u64) -> Option<Vec<usize>> {
        let until = Instant::now() + CLAIM_MAX;
        loop {
            let order = self.order_now(whom, dice).await;
            if order.is_some() || Instant::now() >= until {
                return order;
            }
            sleep(LOOK_PAUSE).await;
        }
    }

    async fn order_now(&self, whom: Whom, dice: u64) -> Option<Vec<usize>> {
        let mut order: Vec<_> = (0..self.count()).collect();
        Dice::new(dice).shuffle(&mut order);
        match whom {
            Whom::Minority | Whom::Majority | Whom::All => {}
            Whom::Leader => {
                let leader = self.leader().await?;
                order.sort_by_key(|node| *node != leader);
            }
            Whom::Follower => {
                let leader = self.leader().await?;
                order.sort_by_key(|node| *node == leader);
            }
        }
        order.sort_by_key(|node| Some(*node) == self.spared);
        Some(order)
    }

    /// Takes the nodes that are meant, once no other fault has them; none if that does not come about.
    pub async fn claim(&self, whom: Whom, dice: u64) -> Option<Claim<'_>> {
        let until = Instant::now() + CLAIM_MAX;
        loop {
            let order = self.order_now(whom, dice).await;
            let nodes = order.map(|order| order[..self.size(whom)].to_vec());
            if let Some(claim) = nodes.and_then(|nodes| self.take(nodes)) {
                return Some(claim);
            }
            if Instant::now() >= until {
                return None;
            }
            sleep(LOOK_PAUSE).await;
        }
    }

    /// Takes one certain node, once no other fault has it; none if that does not come about.
    pub async fn claim_node(&self, node: usize) -> Option<Claim<'_>> {
        let until = Instant::now() + CLAIM_MAX;
        loop {
            let claim = self.take(vec![node]);
            if claim.is_some() || Instant::now() >= until {
                return claim;
            }
            sleep(LOOK_PAUSE).await;
        }
    }

    /// Takes a rack: racks are counted behind the nodes.
    pub async fn claim_rack(&self, rack: usize) -> Option<Claim<'_>> {
        self.claim_node(self.count() + rack).await
    }

    fn take(&self, nodes: Vec<usize>) -> Option<Claim<'_>> {
        let mut claimed = self.claimed.borrow_mut();
        if nodes.iter().any(|node| claimed.contains(node)) {
            return None;
        }
        claimed.extend(&nodes);
        Some(Claim { nodes, rig: self })
    }

    const fn size(&self, whom: Whom) -> usize {
        match whom {
            Whom::Leader | Whom::Follower => 1,
            Whom::Minority => minority(self.count()),
            Whom::Majority => minority(self.count()) + 1,
            Whom::All => self.count(),
        }
    }

    /// Sends a node's process a signal.
    ///
    /// # Errors
    /// If it does not run.
    pub fn signal(&self, node: usize, signal: Signal) -> anyhow::Result<()> {
        self.group.borrow().nodes[node].signal(signal)
    }

    /// Whether a node's process runs.
    #[must_use]
    pub fn runs(&self, node: usize) -> bool {
        self.group.borrow_mut().nodes[node].runs()
    }

    /// The exit code of a node's process, if it has ended by itself.
    #[must_use]
    pub fn exit_code(&self, node: usize) -> Option<i32> {
        self.group.borrow_mut().nodes[node].ended().and_then(|status| status.code())
    }

    /// Whether all nodes vote and are well, as one that leads sees them.
    pub async fn is_whole(&self) -> bool {
        let Some(leader) = self.leader().await else { return false };
        let status = self.status_of(leader).await;
        status.is_some_and(|status| {
            status.healthy_voters == self.count() && status.nodes.len() == self.count()
        })
    }

    /// The file a node's log is in.
    #[must_use]
    pub fn log_on_disk(&self, node: usize) -> PathBuf {
        self.group.borrow().nodes[node].log_on_disk()
    }

    /// Whether a node's directory holds a node.
    #[must_use]
    pub fn is_prepared(&self, node: usize) -> bool {
        self.group.borrow().nodes[node].is_prepared()
    }

    /// Takes away what a node has. Its process must have ended.
    ///
    /// # Errors
    /// If its directory cannot be removed.
    pub fn wipe(&self, node: usize) -> io::Result<()> {
        let Place { name, directory, .. } = &self.places[node];
        if directory.exists() {
            fs::remove_dir_all(directory)?;
        }
        self.lives.borrow_mut().end(name, self.now());
        Ok(())
    }

    /// Starts a node: it goes on with what it has, or joins through another one that runs.
    ///
    /// # Errors
    /// If its process cannot be started.
    pub fn start(&self, node: usize) -> anyhow::Result<()> {
        let others = (0..self.count()).filter(|other| *other != node && self.runs(*other));
        let founder = others.min_by_key(|other| self.claimed.borrow().contains(other));
        let founder = founder.map(|founder| self.places[founder].peer.clone());
        let founder = founder.unwrap_or_else(|| self.places[usize::from(node == 0)].peer.clone());
        self.group.borrow_mut().nodes[node].start(Some(&founder))
    }

    /// Kills nodes at the same moment and waits until they are gone. Those that do not run are left alone.
    ///
    /// # Errors
    /// If one does not go.
    pub async fn kill(&self, nodes: &[usize]) -> anyhow::Result<()> {
        for node in nodes {
            // It may have ended by itself.
            drop(self.signal(*node, Signal::KILL));
        }
        self.gone(nodes, END_MAX).await
    }

    /// Waits until processes have ended.
    ///
    /// # Errors
    /// If one does not in time.
    pub async fn gone(&self, nodes: &[usize], patience: Duration) -> anyhow::Result<()> {
        let is_gone = || nodes.iter().all(|node| !self.runs(*node));
        anyhow::ensure!(come_true(patience, is_gone).await, "a node does not end");
        Ok(())
    }

    /// Waits until nodes say that they are up to date.
    ///
    /// # Errors
    /// If one ends, or does not in time.
    pub async fn ready(&self, nodes: &[usize]) -> anyhow::Result<()> {
        let until = Instant::now() + READY_MAX;
        for node in nodes {
            let Place { name, api, .. } = &self.places[*node];
            while !status::is_ready(&self.http, api).await {
                anyhow::ensure!(self.runs(*node), "{name} ended: {:?}", self.exit_code(*node));
                anyhow::ensure!(
                    Instant::now() < until,
                    "{name} is not up to date in {READY_MAX:?}"
                );
                sleep(LOOK_PAUSE).await;
            }
        }
        Ok(())
    }
}

/// Looks again and again; whether it came true.
pub async fn come_true(patience: Duration, is_true: impl Fn() -> bool) -> bool {
    let until = Instant::now() + patience;
    while !is_true() {
        if Instant::now() >= until {
            return false;
        }
        sleep(LOOK_PAUSE).await;
    }
    true
}
