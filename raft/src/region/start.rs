//! Starting a node on a prepared data directory, and stopping it in order.

use crate::clock::Clock;
use crate::config::RaftConfig;
use crate::digest_check::DigestChecks;
use crate::error::StartError;
use crate::exclusion::Exclusion;
use crate::identity::{DataDir, Identity};
use crate::log_store::figures::FatalHandler;
use crate::log_store::reserve::RESERVE_BYTES;
use crate::log_store::store::LogOptions;
use crate::network::arrival::decoding;
use crate::network::calls::PeerCalls;
use crate::network::channels::Channels;
use crate::network::client::PeerFactory;
use crate::network::contact::Contacts;
use crate::network::gate::{Gate, Standing};
use crate::network::header::{Admission, Identity as PeerIdentity};
use crate::network::inbox::Inbox;
use crate::network::limits::PeerTimeouts;
use crate::network::listener;
use crate::network::majority::{Majority, OwnAge};
use crate::network::server::PeerService;
use crate::network::wire::Wire;
use crate::preparation;
use crate::region::control::RegionControl;
use crate::region::handle::{Region, Shared};
use crate::region::host::{Host, open_log, wire};
use crate::region::notes::Notes;
use crate::region::recover::{open_snapshots, recover, refuse_gap, refuse_if_known_better};
use crate::region::roster::learn_roster;
use crate::region::session_pool::SessionPool;
use crate::region::submit::PROPOSING_KIB_MAX;
use crate::runtime::elapsed;
use crate::runtime::tasks::Tasks;
use crate::state_machine::FileWork;
use crate::type_config::RegionNode;
use arc_swap::ArcSwap;
use openraft::Raft;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

/// Bytes a received snapshot must leave free on the disk.
const SNAPSHOT_RESERVE_BYTES: u64 = 512 << 20;
/// What tasks get to end in order.
const STOP_MAX: Duration = Duration::from_secs(5);

/// What a node needs to start on a prepared directory.
pub struct StartOptions {
    /// The prepared directory.
    pub data_dir: PathBuf,
    /// Where peers reach this node, `host:port`.
    pub advertise_peer: String,
    /// Where clients reach its API, `host:port`.
    pub advertise_api: String,
    /// The machine with its bound peer port, or a simulation.
    pub host: Host,
    /// Settings.
    pub config: RaftConfig,
    /// How the log is run; anything but the default only to show what it is good for.
    pub log: LogOptions,
    /// Clocks.
    pub clock: Arc<dyn Clock>,
    /// Called when the log can no longer be trusted to be durable. Must not return to normal work.
    pub fatal: FatalHandler,
}

impl Region {
    /// Starts the node whose directory was prepared. Must run inside the runtime that Raft is to live on.
    ///
    /// # Errors
    /// [`StartError`]; amnesia above all: then the node must rejoin under a new number.
    pub async fn start(options: StartOptions) -> Result<Self, StartError> {
        let StartOptions {
            data_dir,
            advertise_peer,
            advertise_api,
            host,
            config,
            log,
            clock,
            fatal,
        } = options;
        let raft_config = config.validate()?;
        let data_dir = DataDir::lock(&data_dir)?;
        let identity = data_dir.identity()?;
        let io = |source| StartError::Io { what: "the data directory cannot be written", source };
        preparation::finish(&data_dir).map_err(io)?;
        let io = |source| StartError::Io { what: "the exclusion file cannot be read", source };
        if let Some(exclusion) = Exclusion::read(data_dir.path()).map_err(io)? {
            return Err(StartError::Excluded(exclusion));
        }
        let reserve = log.reserve;
        // Before the log, which writes at open: what a crash left over may be what fills the disk.
        let snapshots = open_snapshots(data_dir.path())?;
        let place = (data_dir.path(), identity.store);
        let mut log = open_log(host.simulated(), place, &log, fatal)?;
        let log_figures = log.shared_figures();
        let checks = Arc::new(DigestChecks::default());
        let tasks = Tasks::of_this_runtime();
        let stopping = CancellationToken::new();
        let files = FileWork {
            tasks: tasks.clone(),
            stopping: stopping.clone(),
            room_kept_bytes: RESERVE_BYTES,
        };
        let workshop = (Arc::clone(&clock), Arc::clone(&checks), files);
        let recovered = recover(&identity, &snapshots, workshop)?;
        let (publisher, state_machine) = recovered;
        let last = refuse_gap(&mut log, &publisher).await?;
        let gauge = log.gauge();

        let network = Network::new(&identity, wire(host.simulated()));
        let raft =
            Raft::build(identity.node_id, raft_config, network.factory.clone(), log, state_machine)
                .await
                .map_err(|error| StartError::Raft(error.to_string()))?;

        let followers = Majority::of(
            identity.node_id,
            &raft,
            network.calls.contacts.clone(),
            Arc::clone(&publisher),
        );
        drop(network.own_age.set(followers.clone()));

        refuse_if_known_better(&raft, &network.calls, identity.node_id, last).await?;

        let control = RegionControl::default();
        let service = PeerService {
            gate: Gate {
                standing: Arc::new(ArcSwap::from_pointee(Standing::Member(raft.clone()))),
                admission: Arc::clone(&network.calls.admission),
                contacts: network.calls.contacts.clone(),
            },
            control: Arc::new(control.clone()),
            inbox: Inbox::new(snapshots.directory().to_owned(), SNAPSHOT_RESERVE_BYTES, decoding),
            timeouts: PeerTimeouts::default(),
        };
        let region = Self {
            shared: Arc::new(Shared {
                config,
                raft,
                publisher,
                snapshots,
                log_figures,
                leader_changes: AtomicU64::new(0),
                log: gauge,
                contacts: network.calls.contacts.clone(),
                followers,
                calls: network.calls,
                clock,
                leader_clock: crate::clock::LeaderClock::new(),
                sessions: Arc::new(SessionPool::default()),
                reserve,
                opening: tokio::sync::Mutex::new(()),
                changing: tokio::sync::Mutex::new(()),
                placing: tokio::sync::Mutex::new(()),
                proposing: Semaphore::new(PROPOSING_KIB_MAX),
                started: elapsed::now(),
                stopping: stopping.clone(),
                tasks: tasks.clone(),
                identity,
                data_dir,
                checks,
                notes: Notes::default(),
                excluded: OnceLock::new(),
                disk_full: AtomicBool::new(false),
            }),
        };
        drop(control.0.set(region.clone()));
        // Before anybody is let in: a removed node, or one with another store, must be known from the first request on.
        learn_roster(&region.shared);
        region.shared.raft.run();
        tasks.spawn(async move {
            // However it ends, a panic too: a node that no peer reaches is none.
            let _stops = stopping.clone().drop_guard();
            match host {
                Host::Machine(port) => {
                    if let Err(error) = listener::serve(port, service, stopping.clone()).await {
                        tracing::error!(%error, "the peer port failed, so this node stops");
                    }
                }
                Host::Simulated(host) => {
                    listener::serve_simulated(&*host.wires, service, stopping.clone()).await;
                }
            }
        });
        let own = RegionNode {
            name: region.shared.identity.name.clone(),
            peer: advertise_peer,
            api: advertise_api,
            store: region.shared.identity.store.to_string(),
        };
        region.found_cluster(own.clone()).await?;
        region.start_upkeep(own);
        Ok(region)
    }

    /// Stops the node: leadership is handed over, tasks end, the log is closed.
    pub async fn stop(&self) {
        if let Err(error) = self.hand_over().await {
            tracing::warn!(%error, "leadership could not be handed over before stopping");
        }
        self.shared.stopping.cancel();
        match timeout(STOP_MAX, self.shared.raft.shutdown()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "Raft did not shut down in order"),
            Err(_) => tracing::warn!("Raft did not shut down in time"),
        }
        if timeout(STOP_MAX, self.shared.tasks.ended()).await.is_err() {
            tracing::warn!("some tasks did not end in time");
        }
    }
}

struct Network {
    factory: PeerFactory,
    calls: PeerCalls,
    own_age: OwnAge,
}

impl Network {
    fn new(identity: &Identity, wire: Wire) -> Self {
        let peer_identity = PeerIdentity {
            cluster: identity.cluster_id.clone(),
            epoch: identity.epoch,
            node: identity.node_id,
            store: identity.store.to_string(),
        };
        let admission = Admission::new(peer_identity);
        let admission = Arc::new(ArcSwap::from_pointee(admission));
        let channels = Channels::over(wire, PeerTimeouts::default());
        let contacts = Contacts::default();
        let calls = PeerCalls {
            admission: Arc::clone(&admission),
            channels: channels.clone(),
            contacts: contacts.clone(),
        };
        let own_age = OwnAge::default();
        let factory = PeerFactory { admission, channels, contacts, own_age: Arc::clone(&own_age) };
        Self { factory, calls, own_age }
    }
}
