//! The socket of one interface at which requests come in. Reads what is there and never waits.

use crate::clock::sample::{Sample, WallTime, now};
use crate::clock::stamp;
use crate::dhcp::arrival::Cast;
use crate::dhcp::message::request::REQUEST_BYTES_MAX;
use crate::duty::event::Heard;
use crate::lease::rack_time::RackTime;
use crate::wire::interface::Interface;
use nix::errno::Errno;
use nix::sys::socket::{
    AddressFamily, ControlMessageOwned, MsgFlags, SockFlag, SockType, SockaddrIn, bind, recvmsg,
    setsockopt, socket, sockopt,
};
use nix::sys::time::TimeSpec;
use nix::{cmsg_space, libc};
use std::io::{self, IoSliceMut};
use std::net::{Ipv4Addr, SocketAddrV4};
use std::os::fd::{AsFd, AsRawFd as _, BorrowedFd, OwnedFd};

/// Where servers are asked (RFC 2131 section 4.1).
pub const SERVER_PORT: u16 = 67;
/// What the kernel is asked to keep for us of unread packets, in bytes. It may give less.
pub const UNREAD_BYTES: usize = 1 << 20;
const MS_A_SECOND: u64 = 1000;
const NS_A_MS: u64 = 1_000_000;

/// A UDP socket on one interface.
#[derive(Debug)]
pub(crate) struct Listener {
    socket: OwnedFd,
    interface: Interface,
    /// When it was last found empty: what is read after was received after.
    empty_at: RackTime,
    /// What the kernel has dropped in all; wraps around.
    dropped: u32,
}

/// What a look into the socket brought.
#[derive(Debug)]
pub(crate) enum Read {
    /// A packet.
    Packet(Heard),
    /// A packet longer than any request.
    TooLong,
    /// Nothing more is there.
    Empty,
}

impl Listener {
    /// Begins to listen at a port of an interface.
    pub(crate) fn open(interface: &Interface, port: u16) -> io::Result<Self> {
        let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
        let socket = socket(AddressFamily::Inet, SockType::Datagram, flags, None)?;
        setsockopt(&socket, sockopt::ReuseAddr, &true)?;
        setsockopt(&socket, sockopt::BindToDevice, &interface.wire.name.clone().into())?;
        setsockopt(&socket, sockopt::Broadcast, &true)?;
        setsockopt(&socket, sockopt::Ipv4PacketInfo, &true)?;
        setsockopt(&socket, sockopt::ReceiveTimestampns, &true)?;
        setsockopt(&socket, sockopt::RxqOvfl, &1)?;
        setsockopt(&socket, sockopt::RcvBuf, &UNREAD_BYTES)?;
        let anywhere = SockaddrIn::from(SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, port));
        let empty_at = now();
        bind(socket.as_raw_fd(), &anywhere)?;
        Ok(Self { socket, interface: interface.clone(), empty_at, dropped: 0 })
    }

    pub(crate) const fn interface(&self) -> &Interface {
        &self.interface
    }

    /// Nothing was there at this moment.
    pub(crate) const fn was_empty(&mut self, at: RackTime) {
        self.empty_at = at;
    }

    /// Takes what has come in first, and adds what the kernel dropped since the last packet to `dropped`.
    ///
    /// # Errors
    /// The interface is gone or down.
    pub(crate) fn read(&mut self, dropped: &mut u64) -> io::Result<Read> {
        let mut bytes = vec![0; REQUEST_BYTES_MAX + 1];
        let mut room = cmsg_space!(TimeSpec, libc::in_pktinfo, u32);
        let before = now();
        let mut parts = [IoSliceMut::new(&mut bytes)];
        let socket = self.socket.as_raw_fd();
        let received =
            match recvmsg::<SockaddrIn>(socket, &mut parts, Some(&mut room), MsgFlags::empty()) {
                Ok(received) => received,
                Err(Errno::EAGAIN) => {
                    self.empty_at = before;
                    return Ok(Read::Empty);
                }
                Err(error) => return Err(error.into()),
            };
        let length = received.bytes;
        let source = received.address.map_or(Ipv4Addr::UNSPECIFIED, |address| address.ip());
        let notes = Notes::of(received.cmsgs()?);
        if let Some(in_all) = notes.dropped {
            *dropped += u64::from(in_all.wrapping_sub(self.dropped));
            self.dropped = in_all;
        }
        if length > REQUEST_BYTES_MAX {
            return Ok(Read::TooLong);
        }
        bytes.truncate(length);
        Ok(Read::Packet(Heard {
            wire: self.interface.wire.id,
            bytes,
            source,
            cast: self.cast(notes.destination),
            received: stamp::received(notes.stamp, &Sample::now(), self.empty_at),
        }))
    }

    fn cast(&self, destination: Option<Ipv4Addr>) -> Cast {
        match destination {
            Some(address)
                if !address.is_broadcast() && !self.interface.broadcasts.contains(&address) =>
            {
                Cast::Unicast
            }
            Some(_) | None => Cast::Broadcast,
        }
    }
}

impl AsFd for Listener {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

/// What the kernel notes down with a packet.
#[derive(Debug, Default)]
struct Notes {
    stamp: Option<WallTime>,
    destination: Option<Ipv4Addr>,
    dropped: Option<u32>,
}

impl Notes {
    fn of(messages: impl Iterator<Item = ControlMessageOwned>) -> Self {
        let mut notes = Self::default();
        for message in messages {
            match message {
                ControlMessageOwned::ScmTimestampns(time) => notes.stamp = Some(wall(time)),
                ControlMessageOwned::Ipv4PacketInfo(info) => {
                    notes.destination =
                        Some(Ipv4Addr::from_bits(u32::from_be(info.ipi_addr.s_addr)));
                }
                ControlMessageOwned::RxqOvfl(in_all) => notes.dropped = Some(in_all),
                _ => {}
            }
        }
        notes
    }
}

fn wall(time: TimeSpec) -> WallTime {
    let seconds = u64::try_from(time.tv_sec()).unwrap_or_default();
    let nanoseconds = u64::try_from(time.tv_nsec()).unwrap_or_default();
    WallTime(seconds * MS_A_SECOND + nanoseconds / NS_A_MS)
}
