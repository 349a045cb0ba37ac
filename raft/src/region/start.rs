//! Preparing a data directory, starting a node on it, stopping it in order.

use crate::clock::Clock;
use crate::config::RaftConfig;
use crate::digest_check::DigestChecks;
use crate::error::StartError;
use crate::exclusion::Exclusion;
use crate::identity::{DataDir, IDENTITY_FORMAT, Identity};
use crate::log_store::amnesia::{Amnesia, OpenError};
use crate::log_store::figures::FatalHandler;
use crate::log_store::mark::StoreId;
use crate::log_store::store::{LogOptions, LogStore};
use crate::network::calls::{PeerAddress, PeerCalls};
use crate::network::channels::Channels;
use crate::network::client::PeerFactory;
use crate::network::contact::Contacts;
use crate::network::gate::{Gate, Standing};
use crate::network::header::{Admission, Identity as PeerIdentity, Roster};
use crate::network::inbox::Inbox;
use crate::network::limits::PeerTimeouts;
use crate::network::listener;
use crate::network::server::PeerService;
use crate::region::control::RegionControl;
use crate::region::handle::{Region, Shared};
use crate::region::message::{Acquaintance, JoinReply, JoinRequest};
use crate::region::session_pool::SessionPool;
use crate::region::submit::PROPOSING_KIB_MAX;
use crate::state_machine::published::{Published, Publisher};
use crate::state_machine::snapshot_store::SnapshotStore;
use crate::state_machine::{FileWork, StateMachine};
use crate::type_config::{LogId, NodeId, RegionNode, StoredMembership, TypeConfig};
use arc_swap::ArcSwap;
use bytes::Bytes;
use openraft::Raft;
use openraft::async_runtime::WatchReceiver as _;
use openraft::storage::RaftLogStorage as _;
use regent_core::codec;
use regent_core::state::State;
use regent_core::state::meta::Meta;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Folder of snapshots in a data directory.
const SNAPSHOT_FOLDER: &str = "snapshots";
/// The number of the node that makes a cluster.
const FOUNDER: NodeId = 1;
/// Bytes a received snapshot must leave free on the disk.
const SNAPSHOT_RESERVE_BYTES: u64 = 512 << 20;
/// What asking for a place may take.
const JOIN_MAX: Duration = Duration::from_secs(20);
/// What peers get to say what they know of a node that starts.
const HELLO_MAX: Duration = Duration::from_millis(300);
/// Pause before a place is asked for again.
const JOIN_PAUSE: Duration = Duration::from_millis(200);
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
    /// The bound peer port.
    pub listener: TcpListener,
    /// Settings.
    pub config: RaftConfig,
    /// Clocks.
    pub clock: Arc<dyn Clock>,
    /// Called when the log can no longer be trusted to be durable. Must not return to normal work.
    pub fatal: FatalHandler,
}

/// Prepares `directory` for the first node of a new cluster.
///
/// # Errors
/// [`StartError::Open`] if the directory is in use or not empty.
pub fn prepare_founder(directory: &Path, name: &str) -> Result<Identity, StartError> {
    let data_dir = take_directory(directory)?;
    let cluster_id = format!("{:032x}", rand::random::<u128>());
    prepare(
        &data_dir,
        name,
        StoreId::random(),
        JoinReply { cluster_id, epoch: 0, node_id: FOUNDER },
    )
}

/// Prepares `directory` for a node that joins the cluster which `member` (its peer port, `host:port`) belongs to.
///
/// # Errors
/// [`StartError::Join`] if no place was given, [`StartError::Open`] if the directory cannot be used.
pub async fn prepare_joiner(
    directory: &Path,
    name: &str,
    member: &str,
    advertise_peer: &str,
    advertise_api: &str,
) -> Result<Identity, StartError> {
    let data_dir = take_directory(directory)?;
    let store = StoreId::random();
    let node = RegionNode {
        name: name.into(),
        peer: advertise_peer.into(),
        api: advertise_api.into(),
        store: store.to_string(),
    };
    let place = ask_for_place(member, JoinRequest { node }).await?;
    prepare(&data_dir, name, store, place)
}

fn take_directory(directory: &Path) -> Result<DataDir, StartError> {
    let io = |source| StartError::Io { what: "the data directory could not be made", source };
    std::fs::create_dir_all(directory).map_err(io)?;
    Ok(DataDir::lock(directory)?)
}

fn prepare(
    data_dir: &DataDir,
    name: &str,
    store: StoreId,
    place: JoinReply,
) -> Result<Identity, StartError> {
    let JoinReply { cluster_id, epoch, node_id } = place;
    let name = name.to_owned();
    let identity = Identity { format: IDENTITY_FORMAT, cluster_id, epoch, node_id, name, store };
    let log = LogStore::create(data_dir.path(), store, &LogOptions::default(), ignore_fatal())?;
    drop(log);
    data_dir.write_identity(&identity)?;
    Ok(identity)
}

async fn ask_for_place(member: &str, request: JoinRequest) -> Result<JoinReply, StartError> {
    let store = request.node.store.clone();
    let stranger = PeerIdentity { cluster: String::new(), epoch: 0, node: 0, store };
    let admission = Admission { identity: stranger, roster: Roster::default() };
    let calls = PeerCalls {
        admission: Arc::new(ArcSwap::from_pointee(admission)),
        channels: Channels::new(PeerTimeouts::default()),
        contacts: Contacts::default(),
    };
    let address = member.to_owned();
    let request = Bytes::from(codec::seal(&request));
    let deadline = Instant::now() + JOIN_MAX;
    let bytes = loop {
        let patience = deadline.saturating_duration_since(Instant::now());
        match calls.join_at(member, request.clone(), patience).await {
            Ok(bytes) => break bytes,
            // An election may be under way; asking again with the same store gives the same place.
            Err(error) if error.may_pass() && Instant::now() + JOIN_PAUSE < deadline => {
                sleep(JOIN_PAUSE).await;
            }
            Err(error) => {
                return Err(StartError::Join { address, why: chain(&error) });
            }
        }
    };
    codec::open(&bytes).map_err(|source| StartError::Answer { address, source })
}

fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

fn ignore_fatal() -> FatalHandler {
    // The directory is not in use yet: a failure comes back as an error.
    Box::new(|_| {})
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
            listener,
            config,
            clock,
            fatal,
        } = options;
        let raft_config = config.validate()?;
        let data_dir = DataDir::lock(&data_dir)?;
        let identity = data_dir.identity()?;
        let io = |source| StartError::Io { what: "the exclusion file cannot be read", source };
        if let Some(exclusion) = Exclusion::read(data_dir.path()).map_err(io)? {
            return Err(StartError::Excluded(exclusion));
        }
        let mut log =
            LogStore::open(data_dir.path(), identity.store, &LogOptions::default(), fatal)?;
        let snapshots = open_snapshots(data_dir.path())?;
        let checks = Arc::new(DigestChecks::default());
        let tasks = TaskTracker::new();
        let stopping = CancellationToken::new();
        let files = FileWork { tasks: tasks.clone(), stopping: stopping.clone() };
        let workshop = (Arc::clone(&clock), Arc::clone(&checks), files);
        let recovered = recover(&identity, &snapshots, workshop)?;
        let (publisher, state_machine) = recovered;
        let last = refuse_gap(&mut log, &publisher).await?;

        let network = Network::new(&identity);
        let raft =
            Raft::build(identity.node_id, raft_config, network.factory.clone(), log, state_machine)
                .await
                .map_err(|error| StartError::Raft(error.to_string()))?;

        refuse_if_known_better(&raft, &network.calls, identity.node_id, last).await?;

        let control = RegionControl::default();
        let service = PeerService {
            gate: Gate {
                standing: Arc::new(ArcSwap::from_pointee(Standing::Member(raft.clone()))),
                admission: Arc::clone(&network.calls.admission),
                contacts: network.calls.contacts.clone(),
            },
            control: Arc::new(control.clone()),
            inbox: Inbox::new(snapshots.directory().to_owned(), SNAPSHOT_RESERVE_BYTES),
            timeouts: PeerTimeouts::default(),
        };
        let region = Self {
            shared: Arc::new(Shared {
                config,
                raft,
                publisher,
                snapshots,
                contacts: network.calls.contacts.clone(),
                calls: network.calls,
                clock,
                leader_clock: crate::clock::LeaderClock::new(),
                sessions: Arc::new(SessionPool::default()),
                opening: tokio::sync::Mutex::new(()),
                proposing: Semaphore::new(PROPOSING_KIB_MAX),
                started: Instant::now(),
                stopping: stopping.clone(),
                tasks: tasks.clone(),
                runtime: tokio::runtime::Handle::current(),
                identity,
                data_dir,
                checks,
                excluded: OnceLock::new(),
                disk_full: AtomicBool::new(false),
            }),
        };
        drop(control.0.set(region.clone()));
        region.shared.raft.run();
        tasks.spawn(async move {
            if let Err(error) = listener::serve(listener, service, stopping.clone()).await {
                tracing::error!(%error, "the peer port failed, so this node stops");
            }
            stopping.cancel();
        });
        region.found_cluster(advertise_peer, advertise_api).await?;
        region.start_upkeep();
        Ok(region)
    }

    /// Makes the founder's cluster, if this is the founder and it was not made yet.
    async fn found_cluster(&self, peer: String, api: String) -> Result<(), StartError> {
        let (raft, identity) = (&self.shared.raft, &self.shared.identity);
        let raft_error = |error: &dyn std::fmt::Display| StartError::Raft(error.to_string());
        let made = raft.is_initialized().await.map_err(|error| raft_error(&error))?;
        if identity.node_id != FOUNDER || made {
            return Ok(());
        }
        let (name, store) = (identity.name.clone(), identity.store.to_string());
        let founder = RegionNode { name: name.clone(), peer, api, store: store.clone() };
        let members = BTreeMap::from([(FOUNDER, founder)]);
        raft.initialize(members).await.map_err(|error| raft_error(&error))?;
        self.admit_founder().await.map_err(|error| raft_error(&error))
    }

    /// Stops the node: leadership is handed over, tasks end, the log is closed.
    pub async fn stop(&self) {
        if let Err(error) = self.hand_over().await {
            tracing::warn!(%error, "leadership could not be handed over before stopping");
        }
        self.shared.stopping.cancel();
        if let Err(error) = self.shared.raft.shutdown().await {
            tracing::warn!(%error, "Raft did not shut down in order");
        }
        self.shared.tasks.close();
        if timeout(STOP_MAX, self.shared.tasks.wait()).await.is_err() {
            tracing::warn!("some tasks did not end in time");
        }
    }
}

struct Network {
    factory: PeerFactory,
    calls: PeerCalls,
}

impl Network {
    fn new(identity: &Identity) -> Self {
        let peer_identity = PeerIdentity {
            cluster: identity.cluster_id.clone(),
            epoch: identity.epoch,
            node: identity.node_id,
            store: identity.store.to_string(),
        };
        let admission = Admission { identity: peer_identity, roster: Roster::default() };
        let admission = Arc::new(ArcSwap::from_pointee(admission));
        let channels = Channels::new(PeerTimeouts::default());
        let contacts = Contacts::default();
        let calls = PeerCalls {
            admission: Arc::clone(&admission),
            channels: channels.clone(),
            contacts: contacts.clone(),
        };
        Self { factory: PeerFactory { admission, channels, contacts }, calls }
    }
}

fn open_snapshots(directory: &Path) -> Result<SnapshotStore, StartError> {
    SnapshotStore::open(directory.join(SNAPSHOT_FOLDER)).map_err(|source| StartError::Io {
        what: "the snapshot folder could not be opened",
        source,
    })
}

/// The state of the newest good snapshot, or that of a new cluster.
fn recover(
    identity: &Identity,
    snapshots: &SnapshotStore,
    (clock, checks, files): (Arc<dyn Clock>, Arc<DigestChecks>, FileWork),
) -> Result<(Arc<Publisher>, StateMachine), StartError> {
    let io = |source| StartError::Io { what: "snapshots could not be read", source };
    let recovered = snapshots.recover().map_err(io)?;
    for error in &recovered.damaged {
        tracing::error!(error = chain(error), "a snapshot is damaged and was passed over");
    }
    let (current, state) = match recovered.newest {
        Some((kept, state)) => (Some(kept), state),
        None => {
            (None, State::new(Meta { cluster_id: identity.cluster_id.clone(), ..Meta::default() }))
        }
    };
    let meta = current.as_ref().map(|kept| kept.meta.clone()).unwrap_or_default();
    let first = Published {
        applied: meta.last_log_id,
        membership: if current.is_some() {
            meta.last_membership
        } else {
            StoredMembership::default()
        },
        state,
        since_boot: clock.since_boot(),
    };
    let started = |source| StartError::Io { what: "a thread could not be started", source };
    let publisher = Publisher::start(first).map_err(started)?;
    let state_machine =
        StateMachine::new(Arc::clone(&publisher), snapshots.clone(), current, clock, checks, files);
    Ok((publisher, state_machine))
}

/// Refuses a log whose beginning was purged behind snapshots that can no longer be read: the state they held is gone.
/// Tells the last entry there is.
async fn refuse_gap(log: &mut LogStore, publisher: &Publisher) -> Result<u64, StartError> {
    let io = |source| StartError::Io { what: "the log could not be read", source };
    let state = log.get_log_state().await.map_err(io)?;
    let index = |id: Option<LogId>| id.map_or(0, |id| id.index);
    let (purged, covered) = (index(state.last_purged_log_id), publisher.load().applied_index());
    if covered >= purged {
        return Ok(index(state.last_log_id).max(covered));
    }
    let reason = Amnesia::SnapshotsLost { purged, covered };
    Err(StartError::Open(OpenError::Amnesia { reason }))
}

/// Refuses a log that lacks what this node has acknowledged to the present leader: the last line against a disk that
/// lost its end unnoticed. Peers that do not answer at once are not waited for.
async fn refuse_if_known_better(
    raft: &Raft<TypeConfig, StateMachine>,
    calls: &PeerCalls,
    own: NodeId,
    last: u64,
) -> Result<(), StartError> {
    let membership = raft.metrics().borrow_watched().membership_config.membership().clone();
    let others = membership.nodes().filter(|(node, _)| **node != own);
    let answers = others.map(|(node, place)| async move {
        let peer = PeerAddress { node: *node, address: place.peer.clone() };
        let introduction = calls.hello(&peer, Bytes::new(), HELLO_MAX).await.ok()?;
        codec::open::<Acquaintance>(&introduction.hello).ok()?.acknowledged
    });
    let acknowledged = futures::future::join_all(answers).await.into_iter().flatten().max();
    match acknowledged {
        Some(acknowledged) if acknowledged > last => {
            let reason = Amnesia::KnownBetter { acknowledged, last };
            Err(StartError::Open(OpenError::Amnesia { reason }))
        }
        Some(_) | None => Ok(()),
    }
}
