//! How much the face takes on at once. What is over a bound is refused at once, not queued; only looks at whole tables
//! wait for each other, and not for long.

use crate::http::problem::Problem;
use crate::problem_kind::ProblemKind;
use crate::rack_door::RackDoor;
use crate::shares::{Share, Shares};
use std::net::IpAddr;
use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// What a look at a whole table waits for room.
pub const SCAN_WAIT_MAX: Duration = Duration::from_millis(2500);
/// Looks at whole tables at the same time, where there are processors enough.
pub const SCANS_MAX: usize = 4;
/// Answers up to this size, in bytes, are not counted: the connections bound them.
pub const SMALL_ANSWER_BYTES_MAX: u64 = 64 << 10;

/// The bounds of a face.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Requests of the API being answered, until their answers are written.
    pub requests: usize,
    /// Requests of those who watch over the node: `/metrics`, `/readyz` and the like.
    pub watched_over: usize,
    /// Open change feeds.
    pub watchers: usize,
    /// Of these, for one client.
    pub watchers_per_client: usize,
    /// Of these, for all clients of this machine, where a proxy may stand.
    pub watchers_of_loopback: usize,
    /// Open connections.
    pub connections: usize,
    /// Of these, for one client.
    pub connections_per_client: usize,
    /// Of these, for all clients of this machine, where a proxy may stand.
    pub connections_of_loopback: usize,
    /// Connections over HTTP/2 on which no rack has been let in yet. Those that are no rack's count as clients', too.
    pub rack_strangers: usize,
    /// Of these, for one client.
    pub rack_strangers_per_client: usize,
    /// Of these, for all clients of this machine, where a proxy may stand.
    pub rack_strangers_of_loopback: usize,
    /// Connections of racks, from wherever they come.
    pub racks: usize,
    /// KiB of larger answers being written.
    pub answers_kib: u32,
    /// How long a write or a read may take unless the client says otherwise.
    pub request_time: Duration,
    /// What a client gets to send the head of a request, or to begin another on an open connection.
    pub header_time: Duration,
    /// What a client gets to take the next bytes of an answer.
    pub write_time: Duration,
    /// How long a connection over HTTP/2 stays without a rack: what it takes to say who one is and to have a session opened.
    pub rack_entry_time: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            requests: 2048,
            watched_over: 64,
            watchers: 1024,
            watchers_per_client: 64,
            watchers_of_loopback: 768,
            connections: 4096,
            connections_per_client: 256,
            connections_of_loopback: 3072,
            rack_strangers: 512,
            rack_strangers_per_client: 16,
            rack_strangers_of_loopback: 384,
            racks: 4096,
            answers_kib: 256 << 10,
            request_time: Duration::from_millis(2500),
            header_time: Duration::from_secs(10),
            write_time: Duration::from_secs(30),
            rack_entry_time: Duration::from_secs(16),
        }
    }
}

/// Files a node needs beside its connections: its log, snapshots, peers, DNS.
const OTHER_FILES: usize = 1024;

impl Bounds {
    /// The bounds for a process that may have this many files open: so few connections, of clients and of racks, that a snapshot
    /// can still be written.
    #[must_use]
    pub fn for_open_files(self, files: usize) -> Self {
        // Below the files of its own a node is cramped whatever it does; a quarter is for clients then.
        let spare = files.saturating_sub(OTHER_FILES).max(files / 4);
        let racks = self.racks.min(spare / 2);
        let connections = (spare - racks).min(self.connections);
        let connections_of_loopback = self.connections_of_loopback.min(connections / 4 * 3);
        Self { connections, connections_of_loopback, racks, ..self }
    }
}

/// The room there is.
#[derive(Debug)]
pub struct Limits {
    bounds: Bounds,
    requests: Arc<Semaphore>,
    watched_over: Arc<Semaphore>,
    watchers: Arc<Semaphore>,
    watchers_of: Arc<Shares>,
    connections: Arc<Semaphore>,
    connections_of: Arc<Shares>,
    rack_strangers: Arc<Semaphore>,
    rack_strangers_of: Arc<Shares>,
    racks: Arc<Semaphore>,
    scans: Arc<Semaphore>,
    answers: Arc<Semaphore>,
}

/// Room for something of one client.
#[derive(Debug)]
pub struct ClientRoom {
    _room: OwnedSemaphorePermit,
    _share: Share,
}

impl Default for Limits {
    fn default() -> Self {
        Self::new(Bounds::default())
    }
}

impl Limits {
    /// Room within these bounds.
    #[must_use]
    pub fn new(bounds: Bounds) -> Self {
        let room = |max| Arc::new(Semaphore::new(max));
        let processors = available_parallelism().map_or(1, usize::from);
        Self {
            bounds,
            requests: room(bounds.requests),
            watched_over: room(bounds.watched_over),
            watchers: room(bounds.watchers),
            watchers_of: Arc::default(),
            connections: room(bounds.connections),
            connections_of: Arc::default(),
            rack_strangers: room(bounds.rack_strangers),
            rack_strangers_of: Arc::default(),
            racks: room(bounds.racks),
            scans: room(SCANS_MAX.min(processors)),
            answers: room(usize::try_from(bounds.answers_kib).unwrap_or(Semaphore::MAX_PERMITS)),
        }
    }

    /// The bounds.
    #[must_use]
    pub const fn bounds(&self) -> &Bounds {
        &self.bounds
    }

    /// Room for one request of the API.
    ///
    /// # Errors
    /// [`Problem`] if there is none.
    pub fn request(&self) -> Result<OwnedSemaphorePermit, Problem> {
        take(&self.requests, "requests are being answered by this node")
    }

    /// Room for one request of those who watch over the node, which load on the API cannot take.
    ///
    /// # Errors
    /// [`Problem`] if there is none.
    pub fn watched_over(&self) -> Result<OwnedSemaphorePermit, Problem> {
        take(&self.watched_over, "watch over this node")
    }

    /// Room for one change feed.
    ///
    /// # Errors
    /// [`Problem`] if there is none, or none for this client.
    pub fn watcher(&self, client: IpAddr) -> Result<ClientRoom, Problem> {
        let Bounds { watchers_per_client, watchers_of_loopback, .. } = self.bounds;
        let max = if client.is_loopback() { watchers_of_loopback } else { watchers_per_client };
        let share = self.watchers_of.take(client, max);
        let share = share.ok_or_else(|| full("change feeds of one client are open"))?;
        let room = take(&self.watchers, "change feeds are open on this node")?;
        Ok(ClientRoom { _room: room, _share: share })
    }

    /// Room for one connection; none if there is none, or none for this client.
    #[must_use]
    pub fn connection(&self, client: IpAddr) -> Option<ClientRoom> {
        let Bounds { connections_per_client, connections_of_loopback, .. } = self.bounds;
        let max =
            if client.is_loopback() { connections_of_loopback } else { connections_per_client };
        let share = self.connections_of.take(client, max)?;
        let room = Arc::clone(&self.connections).try_acquire_owned().ok()?;
        Some(ClientRoom { _room: room, _share: share })
    }

    /// Room for one connection over HTTP/2 until a rack is let in; none if there is none, or none for this client.
    #[must_use]
    pub fn rack_stranger(&self, client: IpAddr) -> Option<ClientRoom> {
        let Bounds { rack_strangers_per_client, rack_strangers_of_loopback, .. } = self.bounds;
        let max = if client.is_loopback() {
            rack_strangers_of_loopback
        } else {
            rack_strangers_per_client
        };
        let share = self.rack_strangers_of.take(client, max)?;
        let room = Arc::clone(&self.rack_strangers).try_acquire_owned().ok()?;
        Some(ClientRoom { _room: room, _share: share })
    }

    /// The door to the room for racks, for another connection.
    #[must_use]
    pub fn rack_door(&self) -> RackDoor {
        RackDoor::to(&self.racks)
    }

    /// Room for one look at a whole table; waits for it a moment.
    ///
    /// # Errors
    /// [`Problem`] if there was none for [`SCAN_WAIT_MAX`].
    pub async fn scan(&self) -> Result<OwnedSemaphorePermit, Problem> {
        let permit = timeout(SCAN_WAIT_MAX, Arc::clone(&self.scans).acquire_owned()).await;
        let permit = permit.map_err(|_| full("lists are being filtered, sorted or counted"))?;
        Ok(permit.expect("the semaphore is never closed"))
    }

    /// Room for an answer of this many bytes until it is written; small ones need none.
    ///
    /// # Errors
    /// [`Problem`] if there is none.
    pub fn answer(&self, bytes: u64) -> Result<Option<OwnedSemaphorePermit>, Problem> {
        if bytes <= SMALL_ANSWER_BYTES_MAX {
            return Ok(None);
        }
        // One that is larger than all the room there is may be written alone.
        let kib = u32::try_from(bytes.div_ceil(1024)).unwrap_or(u32::MAX);
        let room =
            Arc::clone(&self.answers).try_acquire_many_owned(kib.min(self.bounds.answers_kib));
        room.map(Some).map_err(|_| full("large answers are being written"))
    }

    /// Looks at whole tables that could begin now.
    #[must_use]
    pub fn scans_free(&self) -> usize {
        self.scans.available_permits()
    }

    /// KiB of large answers that could be written now.
    #[must_use]
    pub fn answers_kib_free(&self) -> usize {
        self.answers.available_permits()
    }

    /// Open change feeds.
    #[must_use]
    pub fn watchers_open(&self) -> usize {
        self.bounds.watchers.saturating_sub(self.watchers.available_permits())
    }

    /// Requests of the API being answered.
    #[must_use]
    pub fn requests_open(&self) -> usize {
        self.bounds.requests.saturating_sub(self.requests.available_permits())
    }

    /// Open connections, without those of racks.
    #[must_use]
    pub fn connections_open(&self) -> usize {
        self.bounds.connections.saturating_sub(self.connections.available_permits())
    }

    /// Open connections of racks.
    #[must_use]
    pub fn racks_open(&self) -> usize {
        self.bounds.racks.saturating_sub(self.racks.available_permits())
    }
}

fn take(room: &Arc<Semaphore>, what: &str) -> Result<OwnedSemaphorePermit, Problem> {
    Arc::clone(room).try_acquire_owned().map_err(|_| full(what))
}

fn full(what: &str) -> Problem {
    Problem::new(ProblemKind::Overloaded, format!("as many as may: {what}"))
}
