//! Three nodes in one process, each with its face; a fourth can keep the whole log beside them.

use regent_api::http;
use regent_api::http::context::Context;
use regent_api::http::faces::RackFace;
use regent_api::http::limits::Bounds;
use regent_core::state::State;
use regent_raft::clock::SystemClock;
use regent_raft::config::RaftConfig;
use regent_raft::log_store::reserve::DiskLimits;
use regent_raft::log_store::store::LogOptions;
use regent_raft::offline_log::OfflineLog;
use regent_raft::region::handle::Region;
use regent_raft::region::prepare::Preparation;
use regent_raft::region::start::StartOptions;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

const PATIENCE: Duration = Duration::from_secs(20);

/// Three places for nodes, most of them taken.
pub(crate) struct Group {
    nodes: Vec<Place>,
    /// A learner beside them that purges nothing. Nobody asks it.
    keeper: Option<Place>,
    _disk: TempDir,
}

struct Place {
    directory: PathBuf,
    peer: String,
    running: Option<Node>,
    /// Log index the node had when it was stopped last.
    stopped_at: u64,
}

struct Node {
    region: Region,
    url: String,
    close: oneshot::Sender<()>,
}

fn config() -> RaftConfig {
    RaftConfig {
        promote_after: Duration::from_millis(50),
        snapshot_entries: 50,
        entries_kept: 10,
        disk: DiskLimits { free_bytes_min: 0, free_percent_min: 0 },
        ..RaftConfig::default()
    }
}

/// So that the log is there from its first entry to its last.
fn config_of_keeper() -> RaftConfig {
    RaftConfig { snapshot_entries: u64::MAX, snapshot_log_bytes: u64::MAX, ..config() }
}

impl Group {
    /// Starts a founder and two joiners and waits until all vote.
    pub(crate) async fn start() -> Self {
        let disk = TempDir::new().unwrap();
        let mut group = Self { nodes: Vec::new(), keeper: None, _disk: disk };
        for number in 0..3 {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let peer = listener.local_addr().unwrap().to_string();
            let name = format!("r{number}");
            let directory = group._disk.path().join(&name);
            match group.nodes.first() {
                None => drop(Preparation::begin(&directory, &name).unwrap().found().unwrap()),
                Some(first) => {
                    let member = first.peer.clone();
                    Preparation::begin(&directory, &name)
                        .unwrap()
                        .join(&member, &peer, "api:0")
                        .await
                        .unwrap();
                }
            }
            let running = Some(run(&directory, &peer, listener, config()).await);
            group.nodes.push(Place { directory, peer, running, stopped_at: 0 });
        }
        let votes =
            |region: &Region| region.published().membership.membership().voter_ids().count();
        group.until(|group| group.regions().all(|region| votes(region) == 3)).await;
        group
    }

    /// Has the whole log kept from now on, which must be before anything is purged.
    pub(crate) async fn keep_log(&mut self) {
        assert!(self.regions().all(|region| region.purged_index() == 0), "it is whole yet");
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let peer = listener.local_addr().unwrap().to_string();
        let directory = self._disk.path().join("keeper");
        let preparation = Preparation::begin(&directory, "keeper").unwrap();
        preparation.join(&self.nodes[0].peer, &peer, "api:0").await.unwrap();
        let running = Some(run(&directory, &peer, listener, config_of_keeper()).await);
        self.keeper = Some(Place { directory, peer, running, stopped_at: 0 });
    }

    /// Ends the keeper when it has what `node` has; the log it kept up to there, and the state that `node` made of it.
    pub(crate) async fn kept_log(&mut self, node: usize) -> (OfflineLog, State) {
        let published = self.region(node).published();
        let mut keeper = self.keeper.take().expect("it was asked to keep the log");
        let kept = keeper.running.as_ref().unwrap().region.clone();
        self.until(|_| kept.published().applied_index() >= published.applied_index()).await;
        drop(kept);
        keeper.stop().await;
        let mut log = OfflineLog::read(&keeper.directory).unwrap();
        log.entries.retain(|entry| entry.index <= published.applied_index());
        (log, published.state.clone())
    }

    fn regions(&self) -> impl Iterator<Item = &Region> {
        self.nodes.iter().filter_map(|place| place.running.as_ref()).map(|node| &node.region)
    }

    /// A node that runs.
    pub(crate) fn region(&self, node: usize) -> &Region {
        &self.nodes[node].running.as_ref().unwrap().region
    }

    /// Its address.
    pub(crate) fn url(&self, node: usize) -> String {
        self.nodes[node].running.as_ref().unwrap().url.clone()
    }

    /// A node that does not lead.
    pub(crate) fn follower(&self) -> usize {
        (0..3).find(|node| !self.region(*node).leadership().is_leader).unwrap()
    }

    /// One running node after the other.
    pub(crate) fn running_after(&self, turn: usize) -> usize {
        let running: Vec<usize> =
            (0..3).filter(|node| self.nodes[*node].running.is_some()).collect();
        running[turn % running.len()]
    }

    async fn until(&self, holds: impl Fn(&Self) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !holds(self) {
            assert!(Instant::now() < deadline, "the group did not get there");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Stops a node in order.
    pub(crate) async fn stop(&mut self, node: usize) {
        self.nodes[node].stop().await;
    }

    /// Starts it again on its directory.
    pub(crate) async fn restart(&mut self, node: usize) {
        let place = &mut self.nodes[node];
        let listener = loop {
            // The old socket may linger for a moment.
            if let Ok(listener) = TcpListener::bind(&place.peer).await {
                break listener;
            }
            tokio::task::yield_now().await;
        };
        place.running = Some(run(&place.directory, &place.peer, listener, config()).await);
    }

    /// Waits until a node has what the others have.
    pub(crate) async fn until_caught_up(&self, node: usize) {
        let applied = |region: &Region| region.published().applied_index();
        let wanted = self.regions().map(applied).max().unwrap();
        self.until(|group| applied(group.region(node)) >= wanted).await;
    }

    /// Waits until no running node has the entries a stopped one needs: it can only come back by a snapshot.
    pub(crate) async fn until_purged_behind(&self, node: usize) {
        let stopped_at = self.nodes[node].stopped_at;
        self.until(|group| group.regions().all(|region| region.purged_index() > stopped_at)).await;
    }

    /// Makes something through each running node in turn.
    pub(crate) async fn create(&self, path: &str, body: &Value) {
        let node = self.running_after(body.to_string().len());
        let url = format!("{}{path}", self.url(node));
        let response = reqwest::Client::new().post(url).json(body).send().await.unwrap();
        assert_eq!(response.status(), 201, "{}", response.text().await.unwrap());
    }
}

impl Place {
    async fn stop(&mut self) {
        let Node { region, close, .. } = self.running.take().unwrap();
        self.stopped_at = region.published().applied_index();
        close.send(()).unwrap();
        region.stop().await;
    }
}

async fn run(directory: &Path, peer: &str, listener: TcpListener, config: RaftConfig) -> Node {
    let options = StartOptions {
        data_dir: directory.to_owned(),
        advertise_peer: peer.to_owned(),
        advertise_api: "api:0".into(),
        host: listener.into(),
        config,
        log: LogOptions::default(),
        clock: Arc::new(SystemClock),
        fatal: Box::new(|error| panic!("the log failed: {error}")),
    };
    let region = Region::start(options).await.unwrap();
    let api = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", api.local_addr().unwrap());
    let (close, closed) = oneshot::channel::<()>();
    let closed = async move { drop(closed.await) };
    // A disk of a test machine may stand still for a while.
    let bounds = Bounds { request_time: PATIENCE, ..Bounds::default() };
    let context = Context::within(bounds, region.clone());
    tokio::spawn(http::serve(api, context, RackFace::nobody(), closed));
    Node { region, url, close }
}
