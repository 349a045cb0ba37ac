//! Looks which DHCP servers answer at an interface: asks as a client would, several times, and listens where clients are
//! answered. Blocks whoever looks for [`SEARCH_TIME`].
//!
//! Offers are asked for by broadcast: one that is sent to the hardware of whoever asks, in a datagram to the address that is
//! offered, is not heard.

use crate::dhcp::message::search::Search;
use crate::wire::delivery::CLIENT_PORT;
use crate::wire::frame::{self, EtherType};
use crate::wire::listener::SERVER_PORT;
use crate::wire::port::Port;
use crate::wire::ports::Ports;
use nix::errno::Errno;
use nix::sys::socket::{
    AddressFamily, SockFlag, SockType, SockaddrIn, bind, recvfrom, setsockopt, socket, sockopt,
};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::collections::BTreeSet;
use std::io;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long is listened.
pub const SEARCH_TIME: Duration = Duration::from_secs(3);
/// How often is asked in that time.
pub const DISCOVERS: u16 = 3;
/// Servers that are told.
pub const SERVERS_MAX: usize = 16;
/// Time between two questions.
const QUESTION_INTERVAL: Duration = Duration::from_secs(1);
/// No offer is longer than that counts of it.
const OFFER_BYTES_MAX: usize = 2048;

/// Why nobody was looked for.
#[derive(Debug, thiserror::Error)]
pub enum NotSearched {
    /// There is no interface in use with that address.
    #[error("no interface in use has the address {0}")]
    NoWire(Ipv4Addr),
    /// It is none of Ethernet.
    #[error("the interface is not Ethernet")]
    NotEthernet,
    /// The wire is a port of the loopback.
    #[error("the wire of a trial reaches no server")]
    TestWire,
    /// As many looks wait as may.
    #[error("too many looks of the rack are under way")]
    Busy,
    /// The system refused.
    #[error("the system refuses: {0}")]
    Io(#[from] io::Error),
}

/// Where to look for servers.
#[derive(Clone, Debug)]
pub struct Searcher(Option<Arc<Ports>>);

impl Searcher {
    /// At these interfaces; at none if there are only those of a trial.
    pub(crate) const fn at(ports: Option<Arc<Ports>>) -> Self {
        Self(ports)
    }

    /// The servers that offer something at the interface with this address.
    ///
    /// # Errors
    /// [`NotSearched`].
    pub fn search(&self, link: Ipv4Addr, xid: u32) -> Result<BTreeSet<Ipv4Addr>, NotSearched> {
        let ports = self.0.as_ref().ok_or(NotSearched::TestWire)?;
        let port = ports.with(link).ok_or(NotSearched::NoWire(link))?;
        let card = port.interface.mac.ok_or(NotSearched::NotEthernet)?;
        let (search, ears) = (Search { xid, card }, ears(&port)?);
        let (begun, mut servers) = (Instant::now(), BTreeSet::new());
        for asked in 0..DISCOVERS {
            ask(&port, &search, asked)?;
            let next = begun + QUESTION_INTERVAL * u32::from(asked + 1);
            listen(&ears, &search, next.min(begun + SEARCH_TIME), &mut servers)?;
        }
        listen(&ears, &search, begun + SEARCH_TIME, &mut servers)?;
        Ok(servers)
    }
}

fn ask(port: &Port, search: &Search, secs: u16) -> io::Result<()> {
    let from = SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, CLIENT_PORT);
    let to = SocketAddrV4::new(Ipv4Addr::BROADCAST, SERVER_PORT);
    let datagram = frame::datagram(from, to, &search.discover(secs));
    let datagram = datagram.expect("a search fits a frame");
    port.send(&frame::ethernet(frame::BROADCAST, search.card, EtherType::Ipv4, &datagram))
}

/// A socket where clients of the interface are answered; whatever else listens there goes on to.
fn ears(port: &Port) -> io::Result<OwnedFd> {
    let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
    let socket = socket(AddressFamily::Inet, SockType::Datagram, flags, None)?;
    setsockopt(&socket, sockopt::ReuseAddr, &true)?;
    setsockopt(&socket, sockopt::BindToDevice, &port.interface.wire.name.clone().into())?;
    setsockopt(&socket, sockopt::Broadcast, &true)?;
    let anywhere = SockaddrIn::from(SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, CLIENT_PORT));
    bind(socket.as_raw_fd(), &anywhere)?;
    Ok(socket)
}

fn listen(
    ears: &OwnedFd,
    search: &Search,
    until: Instant,
    servers: &mut BTreeSet<Ipv4Addr>,
) -> io::Result<()> {
    let mut bytes = vec![0; OFFER_BYTES_MAX];
    loop {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(());
        }
        let left = Timespec::try_from(left).expect("a few seconds");
        // Whatever it says, the socket is looked into next.
        let _ = poll(&mut [PollFd::new(ears, PollFlags::IN)], Some(&left));
        match recvfrom::<SockaddrIn>(ears.as_raw_fd(), &mut bytes) {
            Ok((length, source)) => {
                let source = source.map_or(Ipv4Addr::UNSPECIFIED, |source| source.ip());
                let heard = bytes.get(..length).unwrap_or_default();
                let room = SERVERS_MAX - servers.len();
                servers.extend(search.offering(heard, source).into_iter().take(room));
            }
            Err(Errno::EAGAIN | Errno::EINTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}
