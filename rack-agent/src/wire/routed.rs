//! Whole IP datagrams that the kernel finds the way for. Receives nothing.
//!
//! An ordinary UDP socket would not do: one that is bound to an interface sends only there, wherever the relay is
//! routed to, and one that is not would get a copy of every broadcast.

use nix::sys::socket::{
    AddressFamily, MsgFlags, SockFlag, SockProtocol, SockType, SockaddrIn, sendto, socket,
};
use std::io;
use std::net::SocketAddrV4;
use std::os::fd::{AsRawFd as _, OwnedFd};

/// A socket for whole datagrams.
#[derive(Debug)]
pub(crate) struct Routed(OwnedFd);

impl Routed {
    pub(crate) fn open() -> io::Result<Self> {
        let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
        Ok(Self(socket(AddressFamily::Inet, SockType::Raw, flags, SockProtocol::Raw)?))
    }

    /// Sends a datagram to where it says it goes, or fails at once.
    pub(crate) fn send(&self, datagram: &[u8], to: SocketAddrV4) -> io::Result<()> {
        // The kernel heeds no port here.
        let to = SockaddrIn::from(SocketAddrV4::new(*to.ip(), 0));
        sendto(self.0.as_raw_fd(), datagram, &to, MsgFlags::empty())?;
        Ok(())
    }
}
