//! Preparing a data directory: for the first node of a new cluster, or for one that joins.
//!
//! The identity is written last: a directory that was prepared half-way holds no node, and the same command goes on
//! with it.

use crate::durable;
use crate::error::{StartError, chain};
use crate::identity::{DataDir, IDENTITY_FORMAT, Identity};
use crate::log_store::amnesia::OpenError;
use crate::log_store::figures::FatalHandler;
use crate::log_store::mark::StoreId;
use crate::log_store::store::LogOptions;
use crate::network::calls::PeerCalls;
use crate::network::channels::Channels;
use crate::network::contact::Contacts;
use crate::network::header::{Admission, Identity as PeerIdentity};
use crate::network::limits::PeerTimeouts;
use crate::preparation::{self, Intent, Way};
use crate::region::host::{SimulatedHost, create_log, wire};
use crate::region::message::{JoinAnswer, JoinReply, JoinRequest};
use crate::runtime::chance::random;
use crate::runtime::elapsed;
use crate::type_config::{NodeId, RegionNode};
use arc_swap::ArcSwap;
use bytes::Bytes;
use regent_core::codec;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::sleep;

/// The number of the node that makes a cluster.
pub const FOUNDER: NodeId = 1;
/// What asking for a place may take.
const JOIN_MAX: Duration = Duration::from_secs(20);
/// What a member gets to say which cluster it belongs to.
const HELLO_MAX: Duration = Duration::from_secs(2);
/// Pause before a place is asked for again.
const JOIN_PAUSE: Duration = Duration::from_millis(200);

/// A data directory that is to be prepared. Until its node has started, the same command goes on with it, and no other.
#[derive(Debug)]
pub struct Preparation {
    data_dir: DataDir,
    name: String,
    simulated: Option<SimulatedHost>,
}

/// A preparation that was written down.
struct Begun {
    data_dir: DataDir,
    name: String,
    /// Chosen before anything else, so that a second try to join gets the place of the first.
    store: StoreId,
    /// What an earlier preparation came to, if its node never started.
    prepared: Option<Identity>,
    simulated: Option<SimulatedHost>,
}

impl Preparation {
    /// Takes `directory`, which may not exist yet, for the node `name`.
    ///
    /// # Errors
    /// [`StartError::Open`] if the directory is in use.
    pub fn begin(directory: &Path, name: &str) -> Result<Self, StartError> {
        let io = |source| StartError::Io { what: "the data directory could not be made", source };
        std::fs::create_dir_all(directory).map_err(io)?;
        durable::sync_folder_of(directory).map_err(io)?;
        let data_dir = DataDir::lock(directory)?;
        Ok(Self { data_dir, name: name.to_owned(), simulated: None })
    }

    /// The node is to run on this host, and is prepared on it.
    #[must_use]
    pub fn simulated_on(mut self, host: SimulatedHost) -> Self {
        self.simulated = Some(host);
        self
    }

    /// Makes it the first node of a new cluster.
    ///
    /// # Errors
    /// [`StartError::Open`] if the directory holds a node or is being prepared for something else, or the disk refused.
    pub fn found(self) -> Result<Identity, StartError> {
        let begun = self.write_down(Way::Found)?;
        if let Some(identity) = begun.prepared {
            return Ok(identity);
        }
        let cluster_id = format!("{:032x}", random::<u128>());
        begun.finish(JoinReply { cluster_id, epoch: 0, node_id: FOUNDER })
    }

    /// Makes it a node of the cluster which `member` (its peer port, `host:port`) belongs to. If that was interrupted
    /// before, the node gets the place it got then.
    ///
    /// # Errors
    /// [`StartError::Join`] if no place was given or the node has one in another cluster, [`StartError::Open`] as in
    /// [`found`](Self::found).
    pub async fn join(
        self,
        member: &str,
        advertise_peer: &str,
        advertise_api: &str,
    ) -> Result<Identity, StartError> {
        let begun = self.write_down(Way::Join)?;
        if let Some(identity) = begun.prepared {
            refuse_another_cluster(member, &identity, begun.simulated.as_ref()).await?;
            return Ok(identity);
        }
        let node = RegionNode {
            name: begun.name.clone(),
            peer: advertise_peer.into(),
            api: advertise_api.into(),
            store: begun.store.to_string(),
        };
        let request = JoinRequest { node, passed_on: false };
        let place = ask_for_place(member, request, begun.simulated.as_ref()).await?;
        begun.finish(place)
    }

    fn write_down(self, way: Way) -> Result<Begun, StartError> {
        let Self { data_dir, name, simulated } = self;
        let store = preparation::begin(&data_dir, Intent { way, name: name.clone() })?;
        let prepared = match data_dir.identity() {
            Ok(identity) => Some(identity),
            Err(OpenError::Empty(_) | OpenError::Unfinished(_)) => None,
            Err(error) => return Err(error.into()),
        };
        Ok(Begun { data_dir, name, store, prepared, simulated })
    }
}

impl Begun {
    fn finish(self, place: JoinReply) -> Result<Identity, StartError> {
        let JoinReply { cluster_id, epoch, node_id } = place;
        let Self { data_dir, name, store, prepared: _, simulated } = self;
        let identity =
            Identity { format: IDENTITY_FORMAT, cluster_id, epoch, node_id, name, store };
        let place = (data_dir.path(), store);
        create_log(simulated.as_ref(), place, &LogOptions::default(), ignore_fatal())?;
        data_dir.write_identity(&identity)?;
        Ok(identity)
    }
}

/// Refuses to say that a place in one cluster is one in another. A member that does not answer says nothing against it.
async fn refuse_another_cluster(
    member: &str,
    identity: &Identity,
    simulated: Option<&SimulatedHost>,
) -> Result<(), StartError> {
    let calls = calls_of_stranger(identity.store.to_string(), simulated);
    let Ok(known) = calls.hello_at(member, Bytes::new(), HELLO_MAX).await else { return Ok(()) };
    if known.identity.cluster == identity.cluster_id {
        return Ok(());
    }
    let why = format!("the directory has a place in the cluster {} already", identity.cluster_id);
    Err(StartError::Join { address: member.to_owned(), why })
}

fn calls_of_stranger(store: String, simulated: Option<&SimulatedHost>) -> PeerCalls {
    let stranger = PeerIdentity { cluster: String::new(), epoch: 0, node: 0, store };
    PeerCalls {
        admission: Arc::new(ArcSwap::from_pointee(Admission::new(stranger))),
        channels: Channels::over(wire(simulated), PeerTimeouts::default()),
        contacts: Contacts::default(),
    }
}

async fn ask_for_place(
    member: &str,
    request: JoinRequest,
    simulated: Option<&SimulatedHost>,
) -> Result<JoinReply, StartError> {
    let calls = calls_of_stranger(request.node.store.clone(), simulated);
    let address = member.to_owned();
    let request = Bytes::from(codec::seal(&request));
    let deadline = elapsed::now() + JOIN_MAX;
    let bytes = loop {
        let patience = deadline.saturating_duration_since(elapsed::now());
        match calls.join_at(member, request.clone(), patience).await {
            Ok(bytes) => break bytes,
            // An election may be under way; asking again with the same store gives the same place.
            Err(error) if error.may_pass() && elapsed::now() + JOIN_PAUSE < deadline => {
                sleep(JOIN_PAUSE).await;
            }
            Err(error) => {
                return Err(StartError::Join { address, why: chain(&error) });
            }
        }
    };
    match codec::open(&bytes) {
        Ok(JoinAnswer::Place(place)) => Ok(place),
        Ok(JoinAnswer::Refused(why)) => Err(StartError::Join { address, why }),
        Err(source) => Err(StartError::Answer { address, source }),
    }
}

fn ignore_fatal() -> FatalHandler {
    // The directory is not in use yet: a failure comes back as an error.
    Box::new(|_| {})
}
