//! One connection per peer and purpose, made when first used and replaced when it falls silent.
//!
//! A snapshot or a large append must never stand in front of a heartbeat, so they do not share a connection.
//! How long to wait before trying an unreachable peer again is openraft's decision (`client`), not made here.

use crate::network::limits::{
    HEADER_LIST_BYTES_MAX, MESSAGE_BYTES_MAX, PeerTimeouts, WINDOW_BYTES,
};
use crate::network::wire::{Connection, Wire};
use crate::runtime::elapsed;
use crate::type_config::NodeId;
use regent_proto::peer::peer_client::PeerClient;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::runtime::Handle;
use tonic::transport::Endpoint;

/// A client over one connection.
pub type Client = PeerClient<Connection>;

/// What a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Purpose {
    /// Log entries.
    Append,
    /// What is small and must be quick: heartbeats, votes, leadership transfer.
    Heartbeat,
    /// Snapshots.
    Snapshot,
    /// Forwarded writes, read indexes, status.
    Control,
}

/// The address cannot be made into an endpoint.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{address:?} is not host:port")]
pub struct BadAddress {
    /// The address as given.
    pub address: String,
}

type Links = BTreeMap<(NodeId, Purpose), Arc<Link>>;

/// All connections of one node to its peers. Clones share them.
#[derive(Clone, Debug)]
pub struct Channels {
    links: Arc<Mutex<Links>>,
    timeouts: Arc<PeerTimeouts>,
    runtime: Handle,
    wire: Wire,
}

/// One connection to one peer for one purpose, and whether it answers.
#[derive(Debug)]
pub struct Link {
    address: String,
    endpoint: Endpoint,
    runtime: Handle,
    wire: Wire,
    silence_max: Duration,
    state: Mutex<LinkState>,
}

#[derive(Debug)]
struct LinkState {
    connection: Connection,
    silent_since: Option<Instant>,
}

/// One request under way on a link. Dropped without [`Attempt::answered`], it counts as silence: openraft drops
/// our futures when its own patience ends, and no error passes through here then.
#[derive(Debug)]
pub struct Attempt {
    link: Arc<Link>,
    begun: Instant,
    answered: bool,
}

impl Channels {
    /// No connections yet; those to come go over TCP and live on the runtime this is called in.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    #[must_use]
    pub fn new(timeouts: PeerTimeouts) -> Self {
        Self::over(Wire::Sockets, timeouts)
    }

    /// No connections yet; those to come go over this wire and live on the runtime this is called in.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    #[must_use]
    pub fn over(wire: Wire, timeouts: PeerTimeouts) -> Self {
        let (timeouts, runtime) = (Arc::new(timeouts), Handle::current());
        Self { links: Arc::default(), timeouts, runtime, wire }
    }

    /// The times all connections and their users keep.
    #[must_use]
    pub fn timeouts(&self) -> &PeerTimeouts {
        &self.timeouts
    }

    /// The link to `node` at `address` (`host:port`); a new one if the address has changed.
    ///
    /// # Errors
    /// [`BadAddress`] if no connection could ever be made to it.
    pub fn link(
        &self,
        node: NodeId,
        address: &str,
        purpose: Purpose,
    ) -> Result<Arc<Link>, BadAddress> {
        let mut links = self.links.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(link) = links.get(&(node, purpose)).filter(|link| link.address == address) {
            return Ok(Arc::clone(link));
        }
        let link = Arc::new(self.made(address)?);
        links.insert((node, purpose), Arc::clone(&link));
        Ok(link)
    }

    /// A link that is not kept: to an address whose node is not known yet.
    ///
    /// # Errors
    /// [`BadAddress`] if no connection could ever be made to it.
    pub fn passing_link(&self, address: &str) -> Result<Arc<Link>, BadAddress> {
        Ok(Arc::new(self.made(address)?))
    }

    fn made(&self, address: &str) -> Result<Link, BadAddress> {
        Link::new(address, &self.timeouts, self.runtime.clone(), self.wire.clone())
    }

    /// Closes the connections to nodes outside `members`, once their last request has ended.
    pub fn retain(&self, members: impl Fn(NodeId) -> bool) {
        let mut links = self.links.lock().unwrap_or_else(PoisonError::into_inner);
        links.retain(|(node, _), _| members(*node));
    }
}

impl Link {
    fn new(
        address: &str,
        timeouts: &PeerTimeouts,
        runtime: Handle,
        wire: Wire,
    ) -> Result<Self, BadAddress> {
        let endpoint = endpoint(address, timeouts)?;
        let connection = connect(address, &endpoint, &runtime, &wire);
        let state = LinkState { connection, silent_since: None };
        Ok(Self {
            address: address.to_owned(),
            endpoint,
            runtime,
            wire,
            silence_max: timeouts.silence,
            state: Mutex::new(state),
        })
    }

    /// Begins a request: a client to make it with, and the attempt to tell how it went.
    #[must_use]
    pub fn begin(self: &Arc<Self>) -> (Client, Attempt) {
        let connection = self.state().connection.clone();
        let client = PeerClient::new(connection)
            .max_decoding_message_size(MESSAGE_BYTES_MAX)
            .max_encoding_message_size(MESSAGE_BYTES_MAX);
        (client, Attempt { link: Arc::clone(self), begun: elapsed::now(), answered: false })
    }

    fn note_answer(&self) {
        self.state().silent_since = None;
    }

    fn note_silence(&self, begun: Instant) {
        let mut state = self.state();
        let since = *state.silent_since.get_or_insert(begun);
        if elapsed::since(since) >= self.silence_max {
            tracing::debug!(address = %self.address, "replaced a silent connection");
            let connection = connect(&self.address, &self.endpoint, &self.runtime, &self.wire);
            *state = LinkState { connection, silent_since: None };
        }
    }

    fn state(&self) -> MutexGuard<'_, LinkState> {
        // Every change is one assignment, so a panic elsewhere leaves the state whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Attempt {
    /// The peer has answered, whatever it said.
    pub fn answered(&mut self) {
        self.answered = true;
        self.link.note_answer();
    }

    /// A further answer is awaited from now on.
    pub fn await_more(&mut self) {
        self.answered = false;
        self.begun = elapsed::now();
    }

    /// How long ago the request, or the wait for its next answer, began.
    #[must_use]
    pub fn age(&self) -> Duration {
        elapsed::since(self.begun)
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        if !self.answered {
            self.link.note_silence(self.begun);
        }
    }
}

fn endpoint(address: &str, timeouts: &PeerTimeouts) -> Result<Endpoint, BadAddress> {
    let bad = || BadAddress { address: address.to_owned() };
    let (host, port) = address.rsplit_once(':').ok_or_else(bad)?;
    if host.is_empty() || port.parse::<u16>().is_err() {
        return Err(bad());
    }
    let endpoint = Endpoint::from_shared(format!("http://{address}")).map_err(|_| bad())?;
    Ok(endpoint
        .connect_timeout(timeouts.connect)
        .tcp_nodelay(true)
        .initial_stream_window_size(WINDOW_BYTES)
        .initial_connection_window_size(WINDOW_BYTES)
        .http2_keep_alive_interval(timeouts.keepalive)
        .keep_alive_timeout(timeouts.keepalive)
        .keep_alive_while_idle(true)
        .http2_max_header_list_size(HEADER_LIST_BYTES_MAX))
}

fn connect(address: &str, endpoint: &Endpoint, runtime: &Handle, wire: &Wire) -> Connection {
    match wire {
        Wire::Sockets => {
            // The channel's worker is spawned on the runtime that is current here.
            let _current = runtime.enter();
            Connection::Socket(endpoint.connect_lazy())
        }
        Wire::Simulated(wires) => {
            Connection::Simulated { address: address.into(), wires: Arc::clone(wires) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Channels, Purpose};
    use crate::network::limits::PeerTimeouts;
    use std::sync::Arc;
    use std::time::Duration;

    #[tokio::test]
    async fn link_is_shared_until_the_address_changes() {
        let channels = Channels::new(PeerTimeouts::default());
        let first = channels.link(1, "localhost:7441", Purpose::Append).unwrap();
        let same = channels.link(1, "localhost:7441", Purpose::Append).unwrap();
        let other_purpose = channels.link(1, "localhost:7441", Purpose::Snapshot).unwrap();
        let moved = channels.link(1, "localhost:7442", Purpose::Append).unwrap();
        assert!(Arc::ptr_eq(&first, &same));
        assert!(!Arc::ptr_eq(&first, &other_purpose));
        assert!(!Arc::ptr_eq(&first, &moved));
    }

    #[tokio::test]
    async fn address_without_host_or_port_is_refused() {
        let channels = Channels::new(PeerTimeouts::default());
        for address in ["", "host", ":7441", "host:port", "host:70000", "a b:1"] {
            assert!(channels.passing_link(address).is_err(), "{address:?}");
        }
        assert!(channels.passing_link("[::1]:7441").is_ok());
    }

    #[tokio::test]
    async fn silence_is_counted_from_the_first_unanswered_request() {
        let timeouts = PeerTimeouts { silence: Duration::MAX, ..PeerTimeouts::default() };
        let link = Channels::new(timeouts).passing_link("localhost:7441").unwrap();
        let (_, first) = link.begin();
        let begun = first.begun;
        drop(first);
        drop(link.begin());
        assert_eq!(link.state().silent_since, Some(begun));
        let (_, mut answered) = link.begin();
        answered.answered();
        assert_eq!(link.state().silent_since, None);
    }

    #[tokio::test]
    async fn link_silent_for_too_long_starts_afresh() {
        let timeouts = PeerTimeouts { silence: Duration::ZERO, ..PeerTimeouts::default() };
        let link = Channels::new(timeouts).passing_link("localhost:7441").unwrap();
        drop(link.begin());
        assert_eq!(link.state().silent_since, None);
    }
}
