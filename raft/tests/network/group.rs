//! A Raft group whose nodes speak over real sockets, each pair of them through its own cable.

use crate::memory_log::MemoryLog;
use crate::proxy::{Cable, Proxy};
use crate::tally::{Tally, TallyReader};
use arc_swap::ArcSwap;
use bytes::Bytes;
use openraft::async_runtime::watch::WatchReceiver;
use openraft::network::RaftNetworkFactory;
use openraft::{Config, Raft, RaftMetrics, SnapshotPolicy};
use regent_core::time::{ClusterTime, WallTime};
use regent_raft::network::calls::{PeerAddress, PeerCalls};
use regent_raft::network::channels::Channels;
use regent_raft::network::client::{PeerClient, PeerFactory};
use regent_raft::network::contact::Contacts;
use regent_raft::network::control::Control;
use regent_raft::network::gate::{Gate, Standing};
use regent_raft::network::header::{Admission, Identity, Roster};
use regent_raft::network::inbox::Inbox;
use regent_raft::network::limits::PeerTimeouts;
use regent_raft::network::listener::serve;
use regent_raft::network::refusal::ControlError;
use regent_raft::network::server::PeerService;
use regent_raft::type_config::{NodeId, RegionNode, Stamped, TypeConfig};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};

pub const PATIENCE: Duration = Duration::from_secs(30);

pub struct Node {
    pub id: NodeId,
    pub address: String,
    pub raft: Raft<TypeConfig, Tally>,
    pub log: MemoryLog,
    pub tally: Tally,
    pub gate: Gate<Tally>,
    pub calls: PeerCalls,
    pub routes: BTreeMap<NodeId, Proxy>,
    pub serving: Option<JoinHandle<Result<(), tonic::transport::Error>>>,
    pub shutdown: CancellationToken,
    _stops_with_the_node: DropGuard,
    _directory: TempDir,
}

pub struct Group {
    pub nodes: BTreeMap<NodeId, Node>,
}

/// Sends each node's traffic through its own cables.
struct Routed {
    inner: PeerFactory,
    routes: BTreeMap<NodeId, String>,
}

impl Routed {
    fn on_route(&self, target: NodeId, node: &RegionNode) -> RegionNode {
        RegionNode { peer: self.routes[&target].clone(), ..node.clone() }
    }
}

impl RaftNetworkFactory<TypeConfig> for Routed {
    type Network = PeerClient;

    async fn new_client(&mut self, target: NodeId, node: &RegionNode) -> PeerClient {
        let node = self.on_route(target, node);
        self.inner.new_client(target, &node).await
    }

    async fn new_heartbeat_client(&mut self, target: NodeId, node: &RegionNode) -> PeerClient {
        let node = self.on_route(target, node);
        self.inner.new_heartbeat_client(target, &node).await
    }

    async fn new_snapshot_client(&mut self, target: NodeId, node: &RegionNode) -> PeerClient {
        let node = self.on_route(target, node);
        self.inner.new_snapshot_client(target, &node).await
    }
}

/// The least region: forwards into Raft, greets, and lets nobody join.
struct LeastRegion(Raft<TypeConfig, Tally>);

#[tonic::async_trait]
impl Control for LeastRegion {
    async fn forward(
        &self,
        _from: NodeId,
        request: Bytes,
        _deadline: Instant,
    ) -> Result<Bytes, ControlError> {
        if request == "never answered" {
            return std::future::pending().await;
        }
        match self.0.client_write(stamped(request)).await {
            Ok(written) => Ok(Bytes::from(written.data.revision.to_string())),
            Err(_) => Err(ControlError::NotLeader { leader: self.0.current_leader().await }),
        }
    }

    async fn read_index(&self, _deadline: Instant) -> Result<u64, ControlError> {
        match self.0.ensure_linearizable(openraft::ReadPolicy::ReadIndex).await {
            Ok(read) => Ok(read.log_id().index),
            Err(_) => Err(ControlError::NotLeader { leader: self.0.current_leader().await }),
        }
    }

    async fn join(&self, _request: Bytes) -> Result<Bytes, ControlError> {
        Err(ControlError::Unavailable)
    }

    async fn change_group(&self, _request: Bytes) -> Result<Bytes, ControlError> {
        Err(ControlError::Unavailable)
    }

    async fn hello(&self, from: NodeId, hello: Bytes) -> Result<Bytes, ControlError> {
        Ok([format!("{from} says ").as_bytes(), &hello].concat().into())
    }

    async fn status(&self) -> Bytes {
        Bytes::from_static(b"well")
    }

    fn note(&self) -> Bytes {
        Bytes::from("noted")
    }
}

pub fn stamped(request: Bytes) -> Stamped {
    Stamped { at: ClusterTime(0), wall: WallTime(0), request }
}

pub fn config() -> Config {
    Config {
        heartbeat_interval: 60,
        election_timeout_min: 400,
        election_timeout_max: 800,
        enable_pre_vote: Some(true),
        snapshot_policy: SnapshotPolicy::Never,
        max_in_snapshot_log_to_keep: 0,
        ..Config::default()
    }
}

pub fn timeouts() -> PeerTimeouts {
    PeerTimeouts {
        silence: Duration::from_millis(400),
        append_stall: Duration::from_millis(800),
        // Too long to help a test whose connection must be found dead by what it does not answer.
        keepalive: Duration::from_secs(300),
        message: Duration::from_millis(500),
        snapshot_idle: Duration::from_secs(2),
        drain: Duration::from_millis(200),
        ..PeerTimeouts::default()
    }
}

impl Group {
    /// Nodes 1 to `size`, running and connected; `voters` of them make up the group, the others wait to be added.
    pub async fn start(size: u64, voters: u64, snapshot_bytes: usize) -> Self {
        let mut listeners = BTreeMap::new();
        for id in 1..=size {
            listeners.insert(id, TcpListener::bind("127.0.0.1:0").await.unwrap());
        }
        let addresses: BTreeMap<NodeId, String> = listeners
            .iter()
            .map(|(id, listener)| (*id, listener.local_addr().unwrap().to_string()))
            .collect();
        let mut nodes = BTreeMap::new();
        for (id, listener) in listeners {
            nodes.insert(id, start_node(id, listener, &addresses, snapshot_bytes).await);
        }
        let group = Self { nodes };
        let members: BTreeMap<NodeId, RegionNode> =
            (1..=voters).map(|id| (id, group.member(id))).collect();
        group.nodes[&1].raft.initialize(members).await.unwrap();
        group
    }

    pub fn member(&self, id: NodeId) -> RegionNode {
        RegionNode { peer: self.nodes[&id].address.clone(), ..RegionNode::default() }
    }

    pub async fn leader(&self) -> &Node {
        self.leader_other_than(0).await
    }

    /// The leader, once it has committed an entry of its own term: only then does it take writes.
    pub async fn leader_other_than(&self, former: NodeId) -> &Node {
        let witness = self.nodes.values().find(|node| node.id != former).unwrap();
        let waited = witness.raft.wait(Some(PATIENCE));
        let is_new = |leader: NodeId| leader != former;
        let seen = waited.metrics(|seen| seen.current_leader.is_some_and(is_new), "a leader");
        let leader = &self.nodes[&seen.await.unwrap().current_leader.unwrap()];
        leader.leads().await;
        leader
    }

    pub fn follower(&self, leader: &Node) -> &Node {
        self.nodes.values().find(|node| node.id != leader.id).unwrap()
    }

    /// Puts both directions between `id` and all others into this state.
    pub fn set_cables_of(&self, id: NodeId, cable: Cable) {
        for node in self.nodes.values() {
            for (to, route) in &node.routes {
                if node.id == id || *to == id {
                    route.set(cable);
                }
            }
        }
    }

    pub async fn all_have(&self, requests: usize) {
        for node in self.nodes.values() {
            node.has(requests).await;
        }
    }
}

impl Node {
    pub async fn write(&self, count: usize) {
        let requests = (0..count).map(|number| stamped(Bytes::from(format!("request {number}"))));
        let writes = requests.map(|request| self.raft.client_write(request));
        for written in futures::future::join_all(writes).await {
            written.unwrap();
        }
    }

    pub async fn leads(&self) {
        let waited = self.raft.wait(Some(PATIENCE));
        let established = |seen: &RaftMetrics<TypeConfig>| {
            let applied = seen.last_applied.map(|id| id.leader_id.term);
            seen.current_leader == Some(self.id) && applied == Some(seen.current_term)
        };
        waited.metrics(established, "an established leader").await.unwrap();
    }

    pub async fn has(&self, requests: usize) {
        let waited = self.raft.wait(Some(PATIENCE));
        let what = format!("{requests} requests at node {}", self.id);
        waited.metrics(|_| self.tally.requests().len() == requests, what).await.unwrap();
    }

    pub fn term(&self) -> u64 {
        self.raft.metrics().borrow_watched().current_term
    }

    pub fn peer(&self) -> PeerAddress {
        PeerAddress { node: self.id, address: self.address.clone() }
    }
}

async fn start_node(
    id: NodeId,
    listener: TcpListener,
    addresses: &BTreeMap<NodeId, String>,
    snapshot_bytes: usize,
) -> Node {
    let directory = tempfile::tempdir().unwrap();
    let mut routes = BTreeMap::new();
    for (to, address) in addresses.iter().filter(|(to, _)| **to != id) {
        routes.insert(*to, Proxy::to(address.clone()).await);
    }
    let identity =
        Identity { cluster: "test".into(), epoch: 1, node: id, store: format!("store-{id}") };
    let stores = addresses.keys().map(|id| (*id, format!("store-{id}"))).collect();
    let roster = Roster { stores, ..Roster::default() };
    let admission =
        Arc::new(ArcSwap::from_pointee(Admission { roster, ..Admission::new(identity) }));
    let contacts = Contacts::default();
    let channels = Channels::new(timeouts());
    let calls = PeerCalls {
        admission: Arc::clone(&admission),
        channels: channels.clone(),
        contacts: contacts.clone(),
    };
    let factory = PeerFactory {
        admission: Arc::clone(&admission),
        channels,
        contacts: contacts.clone(),
        own_age: Arc::default(),
    };
    let network = Routed {
        inner: factory,
        routes: routes.iter().map(|(to, proxy)| (*to, proxy.address())).collect(),
    };
    let log = MemoryLog::default();
    let tally = Tally::new(directory.path(), snapshot_bytes);
    let config = Arc::new(config().validate().unwrap());
    let raft = Raft::new(id, config, network, log.clone(), tally.clone()).await.unwrap();
    let standing = Arc::new(ArcSwap::from_pointee(Standing::Member(raft.clone())));
    let gate = Gate { standing, admission, contacts };
    let service = PeerService {
        gate: gate.clone(),
        control: Arc::new(LeastRegion(raft.clone())),
        inbox: Inbox::new(directory.path().to_owned(), 0, |_, _| Box::new(TallyReader)),
        timeouts: timeouts(),
    };
    let shutdown = CancellationToken::new();
    let address = addresses[&id].clone();
    let serving = Some(tokio::spawn(serve(listener, service, shutdown.clone())));
    let _stops_with_the_node = shutdown.clone().drop_guard();
    let _directory = directory;
    Node {
        id,
        address,
        raft,
        log,
        tally,
        gate,
        calls,
        routes,
        serving,
        shutdown,
        _stops_with_the_node,
        _directory,
    }
}
