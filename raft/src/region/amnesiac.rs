//! A node that has lost its memory: it runs no Raft and tells every peer so, until somebody stops it (DESIGN D2).
//!
//! Saying so is better than silence: an operator sees on every other node what is wrong with this one.

use crate::network::arrival::decoding;
use crate::network::contact::Contacts;
use crate::network::control::Control;
use crate::network::gate::{Gate, Standing};
use crate::network::header::{Admission, Identity};
use crate::network::inbox::Inbox;
use crate::network::limits::PeerTimeouts;
use crate::network::listener;
use crate::network::server::PeerService;
use crate::region::control::RegionControl;
use crate::state_machine::StateMachine;
use arc_swap::ArcSwap;
use std::io;
use std::path::Path;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// Answers every peer with `amnesiac` until `stop`.
///
/// # Errors
/// When the port fails.
pub async fn serve(
    listener: TcpListener,
    data_dir: &Path,
    stop: CancellationToken,
) -> io::Result<()> {
    // Who this node was does not matter any more, and may not be readable.
    let nobody = Identity { cluster: String::new(), epoch: 0, node: 0, store: String::new() };
    let admission = Admission::new(nobody);
    let control: Arc<dyn Control> = Arc::new(RegionControl::default());
    let service = PeerService::<StateMachine> {
        gate: Gate {
            standing: Arc::new(ArcSwap::from_pointee(Standing::Amnesiac)),
            admission: Arc::new(ArcSwap::from_pointee(admission)),
            contacts: Contacts::default(),
        },
        control,
        inbox: Inbox::new(data_dir.to_owned(), u64::MAX, decoding),
        timeouts: PeerTimeouts::default(),
    };
    listener::serve(listener, service, stop).await.map_err(io::Error::other)
}
