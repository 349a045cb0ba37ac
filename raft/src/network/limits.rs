//! Every bound of the peer transport in one place. Sizes are the same on all nodes; times may differ in tests.

use std::time::Duration;

/// Largest single message either side decodes. The region bounds a request to 3 MiB, so nothing a correct
/// node sends comes near.
pub const MESSAGE_BYTES_MAX: usize = 16 << 20;

/// A piece of a snapshot on the wire.
pub const SNAPSHOT_CHUNK_BYTES_MAX: usize = 1 << 20;

/// Payload of an introduction or a request to join.
pub const CONTROL_BYTES_MAX: usize = 256 << 10;

/// What a node tells the others each second. Room for one that holds all racks of a large site.
pub const NOTE_BYTES_MAX: usize = 1 << 20;

/// HTTP/2 window of a stream and of a connection: what may be under way unread.
pub const WINDOW_BYTES: u32 = 4 << 20;

/// Header lists are ours and small.
pub const HEADER_LIST_BYTES_MAX: u32 = 16 << 10;

/// Append requests sent and not yet answered, per peer. As deep as openraft's own pipeline at the receiver.
pub const APPENDS_IN_FLIGHT_MAX: usize = 64;

/// Bytes of append requests sent and not yet answered, per peer. One message above it may still start.
pub const APPEND_BYTES_IN_FLIGHT_MAX: usize = 8 << 20;

/// Streams one connection may have open: forwarded writes wait for their commit on one each.
pub const STREAMS_PER_CONNECTION_MAX: u32 = 1024;

/// Connections a node accepts at its peer port. Each peer needs four.
pub const CONNECTIONS_MAX: usize = 128;

/// Bytes of messages that have begun to arrive and are not complete, over all connections.
pub const ARRIVING_BYTES_MAX: usize = 128 << 20;

/// Highest term, index and vote a peer may name; far above what any cluster reaches, far below overflow.
pub const ORDINAL_MAX: u64 = 1 << 53;

/// Snapshot bytes written between two syncs, so that no large write-back hits the log's sync.
pub const SNAPSHOT_SYNC_BYTES: u64 = 8 << 20;

/// How long the transport waits for what.
#[derive(Clone, Debug)]
pub struct PeerTimeouts {
    /// To resolve and connect.
    pub connect: Duration,
    /// For the answer to an append before the connection counts as stalled; a slow disk is no reason.
    pub append_stall: Duration,
    /// Silence under a request after which a connection is replaced instead of waited for.
    pub silence: Duration,
    /// Between two HTTP/2 pings, and for their answer.
    pub keepalive: Duration,
    /// Between two pieces of a snapshot, at both ends.
    pub snapshot_idle: Duration,
    /// For a complete snapshot to be verified and installed.
    pub snapshot_install: Duration,
    /// For a message to arrive once it, or the request that must bring it, has begun.
    pub message: Duration,
    /// For a forwarded request at most, whatever its sender asks.
    pub control: Duration,
    /// For open requests to end once the server has been told to stop.
    pub drain: Duration,
}

impl Default for PeerTimeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_millis(500),
            append_stall: Duration::from_secs(2),
            silence: Duration::from_secs(1),
            keepalive: Duration::from_secs(2),
            snapshot_idle: Duration::from_secs(10),
            snapshot_install: Duration::from_secs(120),
            message: Duration::from_secs(10),
            control: Duration::from_secs(60),
            drain: Duration::from_secs(1),
        }
    }
}
