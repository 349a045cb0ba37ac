//! A wire for trying things out without root: a UDP socket at a port of the loopback.
//!
//! Every packet is taken as if a relay had sent it to the rack, and every reply goes back to the address and port its
//! request came from, whatever it says about where it goes. So a client that fills in `giaddr` gets addresses of that
//! network, and a thousand clients need a thousand ports and no interface. Addresses that are tried are never in use.

use crate::clock::sample::now;
use crate::dhcp::action::{Found, Outgoing};
use crate::dhcp::arrival::Cast;
use crate::dhcp::message::reply::Reply;
use crate::dhcp::message::request::{HARDWARE_OCTETS_MAX, REQUEST_BYTES_MAX};
use crate::duty::event::{Event, Heard, ProbeId, Wire, WireAddress, WireId};
use crate::wire::counts::{Counting, Counts, one};
use crate::wire::delivery::Unsent;
use crate::wire::kernel::EVENTS_MAX;
use crate::wire::trial::NotTried;
use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, SocketAddrV4, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::mpsc::{Receiver, Sender, WeakSender, channel};

/// The only wire there is.
pub const WIRE: WireId = WireId(1);
/// Exchanges whose way back is remembered; the oldest is forgotten first.
pub const WAYS_MAX: usize = 8192;
/// How long the thread waits for a packet before it looks whether it is to stop.
const WAIT: Duration = Duration::from_millis(200);
/// Where the number of the exchange and the hardware address are in a message (RFC 2131 section 2).
const XID_AT: usize = 4;
const CHADDR_AT: usize = 28;

/// A wire made of one socket. Dropping it ends its thread.
#[derive(Debug)]
pub struct TestWire {
    socket: Arc<UdpSocket>,
    ways: Arc<Mutex<Ways>>,
    counting: Arc<Counting>,
    /// Weak: whoever is told has to notice when the thread is no more.
    tell: WeakSender<Event>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

/// Who exchanges messages: the number of the exchange and the client's hardware.
type Exchange = (u32, [u8; HARDWARE_OCTETS_MAX]);

/// Where replies go.
#[derive(Debug, Default)]
struct Ways {
    by_exchange: BTreeMap<Exchange, SocketAddr>,
    oldest_first: VecDeque<Exchange>,
}

impl TestWire {
    /// Listens at an address of the loopback, at any port if it is 0, and says that the rack has these addresses there.
    ///
    /// # Errors
    /// The port is taken.
    pub fn open(
        listen: SocketAddrV4,
        addresses: Vec<WireAddress>,
    ) -> io::Result<(Self, Receiver<Event>)> {
        let socket = Arc::new(UdpSocket::bind(listen)?);
        socket.set_read_timeout(Some(WAIT))?;
        let (tell, events) = channel(EVENTS_MAX);
        let wires = vec![Wire { id: WIRE, name: "test".into(), addresses }];
        tell.try_send(Event::Wires(wires)).expect("a new channel has room");
        let mut wire = Self {
            socket,
            ways: Arc::default(),
            counting: Arc::default(),
            tell: tell.downgrade(),
            stop: Arc::default(),
            thread: None,
        };
        let reading = Reading {
            socket: Arc::clone(&wire.socket),
            ways: Arc::clone(&wire.ways),
            counting: Arc::clone(&wire.counting),
            stop: Arc::clone(&wire.stop),
            tell,
        };
        let thread = std::thread::Builder::new().name("test wire".into());
        wire.thread = Some(thread.spawn(move || reading.run())?);
        Ok((wire, events))
    }

    /// Where it listens.
    ///
    /// # Errors
    /// The system does not say.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// Sends a reply to where its request came from.
    ///
    /// # Errors
    /// [`Unsent`]; also counted.
    pub fn transmit(&self, outgoing: &Outgoing) -> Result<(), Unsent> {
        let done = self.try_transmit(&outgoing.reply);
        one(if done.is_ok() { &self.counting.sent } else { &self.counting.unsent });
        done
    }

    fn try_transmit(&self, reply: &Reply) -> Result<(), Unsent> {
        let way = locked(&self.ways).by_exchange.get(&(reply.xid, reply.hardware.chaddr)).copied();
        self.socket.send_to(&reply.encode().bytes, way.ok_or(Unsent::NoWay)?)?;
        Ok(())
    }

    /// Finds nobody.
    ///
    /// # Errors
    /// [`NotTried`], if whoever is told is behind.
    pub fn probe(&self, id: ProbeId) -> Result<(), NotTried> {
        let tell = self.tell.upgrade().ok_or(NotTried)?;
        tell.try_send(Event::Tried { id, found: Found::Nobody }).map_err(|_| NotTried)
    }

    /// What became of packets so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.counting.so_far()
    }
}

impl Drop for TestWire {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        // One that panicked has ended too.
        drop(self.thread.take().map(JoinHandle::join));
    }
}

/// What the thread works with.
struct Reading {
    socket: Arc<UdpSocket>,
    ways: Arc<Mutex<Ways>>,
    counting: Arc<Counting>,
    stop: Arc<AtomicBool>,
    tell: Sender<Event>,
}

impl Reading {
    fn run(self) {
        let mut buffer = vec![0; REQUEST_BYTES_MAX + 1];
        while !self.stop.load(Ordering::Relaxed) {
            // Nothing for a while, or the answer to a reply that nobody took.
            let Ok((length, from)) = self.socket.recv_from(&mut buffer) else { continue };
            let bytes = &buffer[..length];
            if length > REQUEST_BYTES_MAX {
                one(&self.counting.dropped_too_long);
                continue;
            }
            if let Some(exchange) = exchange(bytes) {
                locked(&self.ways).remember(exchange, from);
            }
            let event = Event::Heard(Box::new(heard(bytes, from)));
            let counting = &self.counting;
            let is_taken = self.tell.try_send(event).is_ok();
            one(if is_taken { &counting.heard } else { &counting.dropped_behind });
        }
    }
}

fn heard(bytes: &[u8], from: SocketAddr) -> Heard {
    let source = match from.ip() {
        IpAddr::V4(address) => address,
        IpAddr::V6(_) => Ipv4Addr::UNSPECIFIED,
    };
    Heard { wire: WIRE, bytes: bytes.to_vec(), source, cast: Cast::Unicast, received: now() }
}

fn exchange(bytes: &[u8]) -> Option<Exchange> {
    let xid = bytes.get(XID_AT..)?.first_chunk()?;
    let chaddr = bytes.get(CHADDR_AT..)?.first_chunk()?;
    Some((u32::from_be_bytes(*xid), *chaddr))
}

impl Ways {
    fn remember(&mut self, exchange: Exchange, from: SocketAddr) {
        if self.by_exchange.insert(exchange, from).is_some() {
            return;
        }
        self.oldest_first.push_back(exchange);
        if self.oldest_first.len() > WAYS_MAX
            && let Some(oldest) = self.oldest_first.pop_front()
        {
            self.by_exchange.remove(&oldest);
        }
    }
}

fn locked(ways: &Mutex<Ways>) -> MutexGuard<'_, Ways> {
    ways.lock().unwrap_or_else(PoisonError::into_inner)
}
