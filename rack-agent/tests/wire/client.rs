//! A client's or relay's socket, and the replies the rack sends it.

use nix::sys::socket::{setsockopt, sockopt};
use regent_rack_agent::dhcp::action::{Destination, Outgoing};
use regent_rack_agent::dhcp::message::code;
use regent_rack_agent::dhcp::message::reply::{Reply, ReplyKind};
use regent_rack_agent::dhcp::message::request::Hardware;
use std::net::{Ipv4Addr, UdpSocket};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(20);

/// A socket on an interface of the client's, which need not have an address.
pub(crate) fn socket(interface: &str, port: u16) -> UdpSocket {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, port)).unwrap();
    setsockopt(&socket, sockopt::BindToDevice, &interface.into()).unwrap();
    socket.set_broadcast(true).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    socket
}

/// What comes in next, and the address it comes from.
pub(crate) fn received(socket: &UdpSocket) -> (Vec<u8>, String) {
    let mut bytes = vec![0; 2000];
    let (length, from) = socket.recv_from(&mut bytes).unwrap();
    bytes.truncate(length);
    (bytes, from.to_string())
}

/// The hardware of the client's machine.
pub(crate) fn hardware() -> Hardware {
    let mut chaddr = [0; 16];
    chaddr[..6].copy_from_slice(&crate::lab::CLIENT_MAC.0);
    Hardware { htype: 1, hlen: 6, chaddr }
}

/// An offer by the rack.
pub(crate) fn offer(to: Destination) -> Outgoing {
    let server = crate::lab::RACK.octets().to_vec();
    let none = Ipv4Addr::UNSPECIFIED;
    let reply = Reply {
        kind: ReplyKind::Offer,
        xid: 0xAABB_CC01,
        broadcast: false,
        ciaddr: none,
        yiaddr: crate::lab::CLIENT,
        siaddr: none,
        giaddr: none,
        hardware: hardware(),
        file: Vec::new(),
        options: [(code::SERVER_ID, server)].into(),
        relay: None,
        size_max: None,
    };
    Outgoing { reply, to }
}
