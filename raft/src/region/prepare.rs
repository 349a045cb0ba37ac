//! Preparing a data directory: for the first node of a new cluster, or for one that joins.
//!
//! The identity is written last: a directory that was prepared half-way holds no node, and the same command goes on
//! with it.

use crate::error::{StartError, chain};
use crate::identity::{DataDir, IDENTITY_FORMAT, Identity};
use crate::log_store::amnesia::OpenError;
use crate::log_store::figures::FatalHandler;
use crate::log_store::mark::StoreId;
use crate::log_store::store::{LogOptions, LogStore};
use crate::network::calls::PeerCalls;
use crate::network::channels::Channels;
use crate::network::contact::Contacts;
use crate::network::header::{Admission, Identity as PeerIdentity, Roster};
use crate::network::limits::PeerTimeouts;
use crate::preparation;
use crate::region::message::{JoinAnswer, JoinReply, JoinRequest};
use crate::state_machine::snapshot_file::sync_directory_of;
use crate::type_config::{NodeId, RegionNode};
use arc_swap::ArcSwap;
use bytes::Bytes;
use regent_core::codec;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::time::sleep;

/// The number of the node that makes a cluster.
pub const FOUNDER: NodeId = 1;
/// What asking for a place may take.
const JOIN_MAX: Duration = Duration::from_secs(20);
/// Pause before a place is asked for again.
const JOIN_PAUSE: Duration = Duration::from_millis(200);

/// Prepares `directory` for the first node of a new cluster. One that was prepared and never started is left as it is.
///
/// # Errors
/// [`StartError::Open`] if the directory is in use or not empty.
pub fn prepare_founder(directory: &Path, name: &str) -> Result<Identity, StartError> {
    let data_dir = take_directory(directory)?;
    let store = preparation::begin(&data_dir)?;
    if let Some(identity) = prepared(&data_dir)? {
        return Ok(identity);
    }
    let cluster_id = format!("{:032x}", rand::random::<u128>());
    prepare(&data_dir, name, store, JoinReply { cluster_id, epoch: 0, node_id: FOUNDER })
}

/// Prepares `directory` for a node that joins the cluster which `member` (its peer port, `host:port`) belongs to. If
/// that was interrupted before, the node gets the place it got then.
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
    let store = preparation::begin(&data_dir)?;
    if let Some(identity) = prepared(&data_dir)? {
        return Ok(identity);
    }
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
    sync_directory_of(directory).map_err(io)?;
    Ok(DataDir::lock(directory)?)
}

fn prepared(data_dir: &DataDir) -> Result<Option<Identity>, OpenError> {
    match data_dir.identity() {
        Ok(identity) => Ok(Some(identity)),
        Err(OpenError::Empty(_)) => Ok(None),
        Err(error) => Err(error),
    }
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
