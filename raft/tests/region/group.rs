//! A group of region nodes in this process, over real sockets and real logs; and how tests write to it.

use regent_core::command::domain::DomainCommand;
use regent_core::command::{ClientKey, Command};
use regent_core::model::domain::Domain;
use regent_core::time::WallTime;
use regent_raft::clock::{Clock, SystemClock};
use regent_raft::config::RaftConfig;
use regent_raft::error::StartError;
use regent_raft::log_store::reserve::DiskLimits;
use regent_raft::log_store::store::LogOptions;
use regent_raft::region::handle::Region;
use regent_raft::region::prepare::Preparation;
use regent_raft::region::propose::Write;
use regent_raft::region::start::StartOptions;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::net::TcpListener;

pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) fn soon() -> Instant {
    Instant::now() + PATIENCE
}

pub(crate) struct Group {
    _disk: TempDir,
    pub(crate) nodes: Vec<Option<Region>>,
    pub(crate) places: Vec<Place>,
    pub(crate) config: RaftConfig,
    /// Milliseconds by which the wall clocks of all nodes are wrong.
    pub(crate) wall_skew: Arc<AtomicI64>,
}

/// The host's clocks, with a wall clock that can be set wrong.
pub(crate) struct SkewedWall(Arc<AtomicI64>);

impl Clock for SkewedWall {
    fn since_boot(&self) -> Duration {
        SystemClock.since_boot()
    }

    fn wall(&self) -> WallTime {
        WallTime(SystemClock.wall().0 + self.0.load(Ordering::Relaxed))
    }
}

#[derive(Clone)]
pub(crate) struct Place {
    pub(crate) directory: PathBuf,
    pub(crate) peer: String,
}

pub(crate) fn config() -> RaftConfig {
    RaftConfig {
        promote_after: Duration::from_millis(50),
        // How full this machine is must not matter to the tests.
        disk: DiskLimits { free_bytes_min: 0, free_percent_min: 0 },
        ..RaftConfig::default()
    }
}

impl Group {
    /// Starts three nodes and waits until all of them vote.
    pub(crate) async fn start() -> Self {
        Self::start_with(config()).await
    }

    /// Starts a founder and as many joiners as are wanted and waits until all of them vote.
    pub(crate) async fn start_with(config: RaftConfig) -> Self {
        drop(
            tracing_subscriber::fmt()
                .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
                .with_test_writer()
                .try_init(),
        );
        let disk = TempDir::new().unwrap();
        let (nodes, places, wall_skew) = (Vec::new(), Vec::new(), Arc::default());
        let mut group = Self { nodes, places, config, wall_skew, _disk: disk };
        let voters = group.config.voters_wanted;
        for number in 0..voters {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let peer = listener.local_addr().unwrap().to_string();
            let directory = group._disk.path().join(format!("r{number}"));
            let name = format!("r{number}");
            if number == 0 {
                Preparation::begin(&directory, &name).unwrap().found().unwrap();
            } else {
                let member = group.places[0].peer.clone();
                Preparation::begin(&directory, &name)
                    .unwrap()
                    .join(&member, &peer, "api:0")
                    .await
                    .unwrap();
            }
            let place = Place { directory, peer };
            let region = start(&place, listener, &group.config, &group.wall_skew).await.unwrap();
            group.nodes.push(Some(region));
            group.places.push(place);
        }
        group.until(|region| region_voters(region) == voters).await;
        group
    }

    pub(crate) fn running(&self) -> impl Iterator<Item = &Region> {
        self.nodes.iter().flatten()
    }

    pub(crate) fn leader(&self) -> Option<usize> {
        let leads = |node: &Option<Region>| node.as_ref().is_some_and(|n| n.leadership().is_leader);
        self.nodes.iter().position(leads)
    }

    pub(crate) fn follower(&self) -> &Region {
        self.running().find(|region| !region.leadership().is_leader).unwrap()
    }

    /// Waits until the condition holds on every running node.
    pub(crate) async fn until(&self, holds: impl Fn(&Region) -> bool) {
        let deadline = soon();
        while !self.running().all(&holds) {
            assert!(Instant::now() < deadline, "the group did not get there");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    pub(crate) async fn restart(&mut self, node: usize) {
        let restarted = self.try_restart(node).await.unwrap();
        self.nodes[node] = Some(restarted);
    }

    pub(crate) async fn try_restart(&self, node: usize) -> Result<Region, StartError> {
        let place = self.places[node].clone();
        let listener = loop {
            // The old socket may linger for a moment.
            if let Ok(listener) = TcpListener::bind(&place.peer).await {
                break listener;
            }
            tokio::task::yield_now().await;
        };
        start(&place, listener, &self.config, &self.wall_skew).await
    }

    pub(crate) async fn stop(&mut self, node: usize) {
        self.nodes[node].take().unwrap().stop().await;
    }

    pub(crate) fn some_follower(&self) -> usize {
        let follows =
            |node: &Option<Region>| node.as_ref().is_some_and(|node| !node.leadership().is_leader);
        self.nodes.iter().position(follows).unwrap()
    }

    pub(crate) async fn write(&self, names: impl IntoIterator<Item = String>) {
        for name in names {
            self.follower().propose(domain(&name), soon()).await.unwrap();
        }
    }
}

pub(crate) async fn start(
    place: &Place,
    listener: TcpListener,
    config: &RaftConfig,
    wall_skew: &Arc<AtomicI64>,
) -> Result<Region, StartError> {
    let options = StartOptions {
        data_dir: place.directory.clone(),
        advertise_peer: place.peer.clone(),
        advertise_api: "api:0".into(),
        host: listener.into(),
        config: config.clone(),
        log: LogOptions::default(),
        clock: Arc::new(SkewedWall(Arc::clone(wall_skew))),
        fatal: Box::new(|error| panic!("the log failed: {error}")),
    };
    Region::start(options).await
}

pub(crate) fn region_voters(region: &Region) -> usize {
    region.published().membership.membership().voter_ids().count()
}

pub(crate) fn domain(name: &str) -> Write {
    let domain = Domain::new(name.parse().unwrap());
    let command = Command::Domain(DomainCommand::Create(domain));
    Write { principal: "admin".into(), key: None, guards: Vec::new(), command }
}

pub(crate) fn keyed(name: &str) -> Write {
    let key = ClientKey { key: name.into(), request_hash: [7; 32] };
    Write { key: Some(key), ..domain(name) }
}

/// Domains made by the test; one more is there from the start.
pub(crate) fn domains(region: &Region) -> usize {
    region.published().state.tables().domains.len() - 1
}

pub(crate) fn names(prefix: &str, count: usize) -> Vec<String> {
    (0..count).map(|number| format!("{prefix}{number}.example")).collect()
}
