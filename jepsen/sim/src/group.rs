//! All hosts of a run, and what can be done to them. Shared by clients, faults and the watch on invariants.

use crate::chance::Chance;
use crate::fault::Loss;
use crate::names::HostId;
use crate::network::router::Router;
use crate::node::{Launch, Node, Running};
use crate::record::Recorder;
use regent_raft::config::RaftConfig;
use regent_raft::error::StartError;
use regent_raft::log_store::memory::{MemoryDisk, PowerCut};
use regent_raft::region::handle::Region;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How often a condition is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// A damaged bit is among the first so many of its record.
const DAMAGED_BITS: usize = 400;
/// Turns others get to let go of a process that was killed.
const LAST_TURNS: usize = 20;

/// The hosts of a run; clones are the same.
#[derive(Clone)]
pub struct Group {
    inner: Rc<Inner>,
}

struct Inner {
    nodes: RefCell<BTreeMap<HostId, Node>>,
    hosts_made: Cell<u8>,
    /// The host whose log was damaged, until its node runs or another has its place.
    damaged: Cell<Option<HostId>>,
    /// Whether a voter is being replaced.
    replaces: Cell<bool>,
    directory: PathBuf,
    config: RaftConfig,
    chance: RefCell<Chance>,
    began: Instant,
    /// The wires.
    router: Router,
    recorder: Recorder,
}

/// How a start ended.
#[derive(Debug)]
pub enum Start {
    /// The node runs.
    Up,
    /// The node does not start, for this reason.
    Refused(StartError),
    /// It runs already, or was killed meanwhile.
    Gone,
}

impl Group {
    /// No hosts yet.
    #[must_use]
    pub fn new(
        directory: PathBuf,
        config: RaftConfig,
        router: Router,
        chance: Chance,
        recorder: Recorder,
    ) -> Self {
        let inner = Inner {
            nodes: RefCell::default(),
            hosts_made: Cell::new(0),
            damaged: Cell::new(None),
            replaces: Cell::new(false),
            directory,
            config,
            chance: RefCell::new(chance),
            began: Instant::now(),
            router,
            recorder,
        };
        Self { inner: Rc::new(inner) }
    }

    /// The wires.
    #[must_use]
    pub fn router(&self) -> &Router {
        &self.inner.router
    }

    /// All hosts there are.
    #[must_use]
    pub fn hosts(&self) -> Vec<HostId> {
        self.inner.nodes.borrow().keys().copied().collect()
    }

    /// The process on a host.
    #[must_use]
    pub fn running(&self, host: HostId) -> Option<Running> {
        self.inner.nodes.borrow().get(&host)?.running().cloned()
    }

    /// The disk of a host.
    #[must_use]
    pub fn disk(&self, host: HostId) -> Option<MemoryDisk> {
        Some(self.inner.nodes.borrow().get(&host)?.disk.clone())
    }

    /// The nodes that run, frozen ones included.
    #[must_use]
    pub fn regions(&self) -> Vec<(HostId, Region)> {
        let nodes = self.inner.nodes.borrow();
        let regions =
            nodes.iter().filter_map(|(host, node)| Some((*host, node.running()?.region.clone())));
        regions.collect()
    }

    /// The host that leads, as far as it knows itself; of several the one with the highest term.
    #[must_use]
    pub fn leader(&self) -> Option<HostId> {
        let leaders = self.regions().into_iter().filter_map(|(host, region)| {
            let leadership = region.leadership();
            leadership.is_leader.then_some((leadership.term, host))
        });
        leaders.max().map(|(_, host)| host)
    }

    /// Hosts whose nodes are members, as the furthest of all nodes has it; voters only if so wished.
    #[must_use]
    pub fn voters(&self) -> Vec<HostId> {
        let regions = self.regions();
        let furthest = regions.iter().max_by_key(|(_, region)| region.published().applied_index());
        let Some((_, region)) = furthest else { return Vec::new() };
        let published = region.published();
        let membership = published.membership.membership();
        let addresses = membership.voter_ids().filter_map(|id| membership.get_node(&id));
        addresses.filter_map(|node| HostId::of_address(&node.peer)).collect()
    }

    /// Makes the first host and waits until it leads.
    pub async fn found(&self) {
        let host = self.add_host();
        let Some(launch) = self.launch(host) else { return };
        if let Err(error) = launch.found() {
            self.inner.recorder.find(format!("the first node could not be made: {error}"));
        }
        if let Start::Refused(error) = self.start(host, launch).await {
            self.inner.recorder.find(format!("the first node did not start: {error}"));
        }
    }

    /// Makes another host, whose node joins through `member`. Gives the host back if it came up.
    pub async fn join(&self, member: HostId) -> Option<HostId> {
        let host = self.add_host();
        let launch = self.launch(host)?;
        match launch.join(member.peer_address()).await {
            Some(Ok(())) => {}
            Some(Err(_)) | None => {
                self.discard(host).await;
                return None;
            }
        }
        match self.start(host, launch).await {
            Start::Up | Start::Gone => {}
            Start::Refused(error) => {
                self.inner.recorder.find(format!("{host} did not start: {}", chain(&error)));
            }
        }
        Some(host)
    }

    /// Starts the node of a host that has lost its process.
    pub async fn restart(&self, host: HostId) -> Start {
        match self.launch(host) {
            Some(launch) => self.start(host, launch).await,
            None => Start::Gone,
        }
    }

    /// Starts the node of a host that has lost its process, and finds fault with it if it refuses.
    pub async fn restart_in_health(&self, host: HostId) {
        if self.inner.damaged.get() == Some(host) {
            return;
        }
        if let Start::Refused(error) = self.restart(host).await {
            self.inner.recorder.find(format!("{host} did not start: {}", chain(&error)));
        }
    }

    /// Whether a host may be damaged now: two at once may lose what they had acknowledged, and of two voters that are left
    /// while another is replaced none may go for good.
    #[must_use]
    pub fn bears_damage(&self) -> bool {
        let all_vote = self.voters().len() == self.inner.config.voters_wanted;
        let settled = self.regions().iter().all(|(_, region)| {
            let published = region.published();
            published.membership.membership().get_joint_config().len() <= 1
        });
        self.is_whole() && all_vote && settled && self.inner.config.voters_wanted > 1
    }

    /// Begins to replace a voter, if that may be now: until the [end](Self::end_replacing) no other is, and none is damaged.
    #[must_use]
    pub fn begin_replacing(&self) -> bool {
        let is_whole = self.is_whole();
        if is_whole {
            self.inner.replaces.set(true);
        }
        is_whole
    }

    /// A voter was replaced, or was not.
    pub fn end_replacing(&self) {
        self.inner.replaces.set(false);
    }

    /// Whether no host is on its way out for good.
    fn is_whole(&self) -> bool {
        self.inner.damaged.get().is_none() && !self.inner.replaces.get()
    }

    /// What was damaged is whole again, or gone.
    pub fn mended(&self) {
        self.inner.damaged.set(None);
    }

    /// Flips a bit of a record on the disk of a host that is down.
    pub fn damage(&self, host: HostId) {
        self.inner.damaged.set(Some(host));
        let Some(disk) = self.disk(host) else { return };
        let sequences = disk.sequences();
        if sequences.is_empty() {
            return;
        }
        let mut chance = self.inner.chance.borrow_mut();
        disk.flip_record_bit(chance.one_of(&sequences), chance.below(DAMAGED_BITS));
    }

    /// Another byte in the newest snapshot of a host that is down. Tells whether it had one.
    pub fn rot(&self, host: HostId) -> bool {
        self.inner.damaged.set(Some(host));
        let nodes = self.inner.nodes.borrow();
        nodes.get(&host).is_some_and(|node| node.rot(&mut self.inner.chance.borrow_mut()))
    }

    /// Has the wall clock of a host show so much more.
    pub fn jump(&self, host: HostId, by_ms: i64) {
        if let Some(node) = self.inner.nodes.borrow().get(&host) {
            node.clock.jump(by_ms);
        }
    }

    /// Takes the process from a host.
    pub async fn lose(&self, host: HostId, loss: Loss) {
        {
            let mut nodes = self.inner.nodes.borrow_mut();
            let Some(node) = nodes.get_mut(&host) else { return };
            match loss {
                Loss::Kill => node.kill(),
                Loss::Power => {
                    let (records, slots) = node.disk.unsynced();
                    node.cut_power(self.inner.cut(records, slots));
                }
            }
        }
        for _ in 0..LAST_TURNS {
            tokio::task::yield_now().await;
        }
    }

    /// Takes a host away for good.
    pub async fn discard(&self, host: HostId) {
        self.lose(host, Loss::Kill).await;
        self.inner.nodes.borrow_mut().remove(&host);
    }

    /// Waits until this holds, for so long at most. Tells whether it does.
    pub async fn until(&self, patience: Duration, holds: impl Fn(&Self) -> bool) -> bool {
        let deadline = Instant::now() + patience;
        while !holds(self) {
            if Instant::now() >= deadline {
                return false;
            }
            sleep(LOOK_EVERY).await;
        }
        true
    }

    fn add_host(&self) -> HostId {
        let mut nodes = self.inner.nodes.borrow_mut();
        let host = HostId(self.inner.hosts_made.get() + 1);
        self.inner.hosts_made.set(host.0);
        let directory = self.inner.directory.join(host.to_string());
        let began = self.inner.began;
        let node =
            Node::new((host, began), directory, &self.inner.router, self.inner.config.clone());
        nodes.insert(host, node);
        host
    }

    /// A process for a host that has none.
    fn launch(&self, host: HostId) -> Option<Launch> {
        let mut nodes = self.inner.nodes.borrow_mut();
        let node = nodes.get_mut(&host)?;
        node.life().is_none().then(|| node.launch())
    }

    async fn start(&self, host: HostId, launch: Launch) -> Start {
        let started = launch.start().await;
        let mut nodes = self.inner.nodes.borrow_mut();
        match (started, nodes.get_mut(&host)) {
            (Some(Ok(running)), Some(node)) => {
                node.launched(running);
                Start::Up
            }
            (Some(Err(error)), Some(node)) => {
                node.failed();
                Start::Refused(error)
            }
            // Killed meanwhile.
            (None, _) | (_, None) => Start::Gone,
        }
    }
}

impl Inner {
    /// What a power cut leaves of so many writes that were not synced.
    fn cut(&self, records: usize, slots: usize) -> PowerCut {
        let mut chance = self.chance.borrow_mut();
        PowerCut {
            records_kept: chance.below(records + 1),
            record_torn_bytes: chance.percent(50).then(|| chance.below(64)),
            slots_kept: chance.below(slots + 1),
            slot_torn_bytes: chance.percent(50).then(|| chance.below(64)),
        }
    }
}

fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
