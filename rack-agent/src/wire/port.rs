//! An interface that frames can be sent at.

use crate::wire::interface::Interface;
use nix::sys::socket::{AddressFamily, MsgFlags, SockFlag, SockType, bind, send, socket};
use std::io;
use std::net::Ipv4Addr;
use std::os::fd::{AsRawFd as _, OwnedFd};

/// An interface with a socket that sends whole frames there, and receives nothing.
#[derive(Debug)]
pub(crate) struct Port {
    /// The interface.
    pub(crate) interface: Interface,
    frames: OwnedFd,
}

impl Port {
    pub(crate) fn open(interface: Interface) -> io::Result<Self> {
        let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
        // Without a protocol nothing comes in (packet(7)).
        let frames = socket(AddressFamily::Packet, SockType::Raw, flags, None)?;
        bind(frames.as_raw_fd(), &interface.link)?;
        Ok(Self { interface, frames })
    }

    /// Sends a frame, or fails at once.
    pub(crate) fn send(&self, frame: &[u8]) -> io::Result<()> {
        send(self.frames.as_raw_fd(), frame, MsgFlags::empty())?;
        Ok(())
    }

    pub(crate) fn has(&self, address: Ipv4Addr) -> bool {
        self.interface.wire.addresses.iter().any(|own| own.address == address)
    }
}
