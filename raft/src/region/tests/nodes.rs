//! Nodes in this process, over real sockets and real logs.

use crate::clock::SystemClock;
use crate::config::RaftConfig;
use crate::log_store::reserve::DiskLimits;
use crate::log_store::store::LogOptions;
use crate::region::handle::Region;
use crate::region::prepare::Preparation;
use crate::region::propose::Write;
use crate::region::start::StartOptions;
use crate::type_config::NodeId;
use regent_core::command::Command;
use regent_core::command::domain::DomainCommand;
use regent_core::model::domain::Domain;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::net::TcpListener;

pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// Some nodes, the founder first. Their numbers are their places in the list plus one.
pub(crate) struct Nodes {
    pub(crate) regions: Vec<Region>,
    pub(crate) disk: TempDir,
}

/// Settings under which nobody is promoted unless a test does it.
pub(crate) fn nobody_is_promoted() -> RaftConfig {
    RaftConfig { voters_wanted: 1, ..quick() }
}

pub(crate) fn quick() -> RaftConfig {
    RaftConfig {
        promote_after: Duration::from_millis(50),
        // How full this machine is must not matter to the tests.
        disk: DiskLimits { free_bytes_min: 0, free_percent_min: 0 },
        ..RaftConfig::default()
    }
}

impl Nodes {
    /// A founder and `joiners` learners, which become voters as `config` says.
    pub(crate) async fn start(joiners: usize, config: RaftConfig) -> Self {
        let mut nodes = Self { regions: Vec::new(), disk: TempDir::new().unwrap() };
        for number in 0..=joiners {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let own = listener.local_addr().unwrap().to_string();
            let name = format!("n{number}");
            let directory = nodes.disk.path().join(&name);
            let preparation = Preparation::begin(&directory, &name).unwrap();
            match nodes.regions.first() {
                None => drop(preparation.found().unwrap()),
                Some(founder) => {
                    let door = founder.shared.peer_address(1).unwrap().address;
                    preparation.join(&door, &own, "api:0").await.unwrap();
                }
            }
            let options = options(&directory, own, listener, config.clone());
            nodes.regions.push(Region::start(options).await.unwrap());
        }
        let (founder, wanted) = (&nodes.regions[0], config.voters_wanted.min(joiners + 1));
        until("all are members", || {
            let membership = founder.published().membership.membership().clone();
            membership.nodes().count() == joiners + 1 && membership.voter_ids().count() == wanted
        })
        .await;
        nodes
    }

    /// Stops the node with this number and starts it on what it has on its disk.
    pub(crate) async fn restart(&mut self, number: NodeId, config: RaftConfig) {
        let place = usize::try_from(number).unwrap() - 1;
        let node = self.regions.remove(place);
        let own = node.shared.peer_address(number).unwrap().address;
        node.stop().await;
        drop(node);
        let listener = TcpListener::bind(&own).await.unwrap();
        let directory = self.disk.path().join(format!("n{place}"));
        let region = Region::start(options(&directory, own, listener, config)).await.unwrap();
        self.regions.insert(place, region);
    }

    /// The node with this number.
    pub(crate) fn node(&self, number: NodeId) -> &Region {
        &self.regions[usize::try_from(number).unwrap() - 1]
    }
}

pub(crate) fn options(
    directory: &Path,
    own: String,
    listener: TcpListener,
    config: RaftConfig,
) -> StartOptions {
    StartOptions {
        data_dir: directory.to_owned(),
        advertise_peer: own,
        advertise_api: "api:0".into(),
        host: listener.into(),
        config,
        log: LogOptions::default(),
        clock: Arc::new(SystemClock),
        fatal: Box::new(|error| panic!("the log failed: {error}")),
    }
}

pub(crate) async fn until(what: &str, holds: impl Fn() -> bool) {
    let deadline = soon();
    while !holds() {
        assert!(Instant::now() < deadline, "did not happen in time: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

pub(crate) fn soon() -> Instant {
    Instant::now() + PATIENCE
}

pub(crate) fn domain(name: &str) -> Write {
    let command = Command::Domain(DomainCommand::Create(Domain::new(name.parse().unwrap())));
    Write { principal: "admin".into(), key: None, guards: Vec::new(), command }
}
