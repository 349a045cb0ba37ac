//! Packets of one UDP socket, each with the address it was sent to: its answer goes out from there.
//!
//! A socket that listens on all addresses of a host would else answer from the one the route prefers, and clients drop
//! answers of strangers (RFC 5452 section 9.1).

use nix::sys::socket::{
    ControlMessage, ControlMessageOwned, MsgFlags, SockaddrIn, SockaddrIn6, SockaddrStorage,
    recvmsg, sendmsg, setsockopt, sockopt,
};
use nix::{cmsg_space, libc};
use std::io::{self, IoSlice, IoSliceMut};
use std::net::{Ipv6Addr, SocketAddr};
use std::os::fd::AsRawFd as _;
use tokio::io::Interest;
use tokio::net::UdpSocket;

/// A UDP socket.
#[derive(Debug)]
pub struct Datagrams(UdpSocket);

/// Where a packet came from, and where to.
#[derive(Clone, Copy, Debug)]
pub struct Way {
    /// The client.
    pub client: SocketAddr,
    /// The address it asked.
    asked: Option<Asked>,
}

#[derive(Clone, Copy, Debug)]
enum Asked {
    V4(libc::in_pktinfo),
    V6(libc::in6_pktinfo),
}

impl Datagrams {
    /// Takes over a bound socket.
    ///
    /// # Errors
    /// When the kernel does not tell the addresses of packets.
    pub fn new(socket: UdpSocket) -> io::Result<Self> {
        match socket.local_addr()? {
            SocketAddr::V4(_) => setsockopt(&socket, sockopt::Ipv4PacketInfo, &true)?,
            SocketAddr::V6(_) => setsockopt(&socket, sockopt::Ipv6RecvPacketInfo, &true)?,
        }
        Ok(Self(socket))
    }

    /// Where it listens.
    ///
    /// # Errors
    /// When the kernel does not say.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }

    /// Waits for a packet; how many bytes it has, cut off at the buffer's length.
    ///
    /// # Errors
    /// Those of earlier answers too, such as an unreachable client.
    pub async fn receive(&self, buffer: &mut [u8]) -> io::Result<(usize, Way)> {
        self.0.async_io(Interest::READABLE, || self.try_receive(buffer)).await
    }

    /// Sends an answer back the way its question came.
    ///
    /// # Errors
    /// When it cannot be sent.
    pub async fn send(&self, bytes: &[u8], way: &Way) -> io::Result<()> {
        self.0.async_io(Interest::WRITABLE, || self.try_send(bytes, way)).await
    }

    fn try_receive(&self, buffer: &mut [u8]) -> io::Result<(usize, Way)> {
        let mut space = cmsg_space!(libc::in6_pktinfo);
        let mut parts = [IoSliceMut::new(buffer)];
        let flags = MsgFlags::empty();
        let received =
            recvmsg::<SockaddrStorage>(self.0.as_raw_fd(), &mut parts, Some(&mut space), flags)?;
        let client = received.address.as_ref().and_then(address);
        let client = client.ok_or(io::ErrorKind::InvalidData)?;
        let asked = received.cmsgs()?.find_map(|told| asked(&told));
        Ok((received.bytes, Way { client, asked }))
    }

    fn try_send(&self, bytes: &[u8], way: &Way) -> io::Result<()> {
        let from = match &way.asked {
            Some(Asked::V4(info)) => Some(ControlMessage::Ipv4PacketInfo(info)),
            Some(Asked::V6(info)) => Some(ControlMessage::Ipv6PacketInfo(info)),
            None => None,
        };
        let (socket, parts, flags) = (self.0.as_raw_fd(), [IoSlice::new(bytes)], MsgFlags::empty());
        let to = SockaddrStorage::from(way.client);
        sendmsg(socket, &parts, from.as_slice(), flags, Some(&to))?;
        Ok(())
    }
}

fn address(told: &SockaddrStorage) -> Option<SocketAddr> {
    let v4 = || told.as_sockaddr_in().map(|v4: &SockaddrIn| SocketAddr::V4((*v4).into()));
    let v6 = || told.as_sockaddr_in6().map(|v6: &SockaddrIn6| SocketAddr::V6((*v6).into()));
    v4().or_else(v6)
}

/// The address asked, in the form in which it is given to answer from.
fn asked(told: &ControlMessageOwned) -> Option<Asked> {
    match told {
        // `ipi_spec_dst` is ours also where the packet went to a broadcast address. The route chooses the interface.
        ControlMessageOwned::Ipv4PacketInfo(info) => {
            Some(Asked::V4(libc::in_pktinfo { ipi_ifindex: 0, ..*info }))
        }
        ControlMessageOwned::Ipv6PacketInfo(info) => {
            let address = Ipv6Addr::from(info.ipi6_addr.s6_addr);
            let interface = if address.is_unicast_link_local() { info.ipi6_ifindex } else { 0 };
            Some(Asked::V6(libc::in6_pktinfo { ipi6_ifindex: interface, ..*info }))
        }
        // Nothing else was asked for.
        _ => None,
    }
}
