//! How a reply travels: as bytes, and to where (RFC 2131 section 4.1). Pure.

use crate::dhcp::action::{Destination, Outgoing};
use crate::dhcp::message::code;
use crate::dhcp::message::request::Hardware;
use crate::duty::event::Wire;
use crate::wire::frame;
use crate::wire::listener::SERVER_PORT;
use regent_core::net::mac::MacAddr;
use std::io;
use std::net::{Ipv4Addr, SocketAddrV4};

/// Where clients are answered (RFC 2131 section 4.1).
pub const CLIENT_PORT: u16 = 68;
/// Hardware type and length of Ethernet.
const ETHERNET: (u8, u8) = (1, 6);

/// A reply, ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Delivery {
    /// The IP datagram.
    pub(crate) datagram: Vec<u8>,
    /// Its way.
    pub(crate) way: Way,
}

/// How a datagram is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// In a frame to this hardware, on the wire the request came from.
    Frame(MacAddr),
    /// By whatever route leads there.
    Routed(SocketAddrV4),
}

/// Why a reply was not sent. The client asks again.
#[derive(Debug, thiserror::Error)]
pub enum Unsent {
    /// The interface is gone.
    #[error("the interface is not in use")]
    NoWire,
    /// The rack has no address there that the reply could come from.
    #[error("the interface has no address")]
    NoAddress,
    /// The client's hardware cannot be addressed in an Ethernet frame.
    #[error("the client or the interface is not Ethernet")]
    NotEthernet,
    /// The reply fits no frame.
    #[error("the reply is too long")]
    TooLong,
    /// Nobody knows where the request came from, because that is too long ago.
    #[error("the way back is forgotten")]
    NoWay,
    /// The system refused.
    #[error("the system refuses to send")]
    Io(#[from] io::Error),
}

/// The reply as it goes out at `wire`.
pub(crate) fn of(outgoing: &Outgoing, wire: &Wire) -> Result<Delivery, Unsent> {
    let from = SocketAddrV4::new(source(outgoing, wire)?, SERVER_PORT);
    let (to, way) = match outgoing.to {
        Destination::Relay(relay) => {
            let to = SocketAddrV4::new(relay, SERVER_PORT);
            (to, Way::Routed(to))
        }
        Destination::Client(client) => {
            let to = SocketAddrV4::new(client, CLIENT_PORT);
            (to, Way::Routed(to))
        }
        Destination::Broadcast => {
            (SocketAddrV4::new(Ipv4Addr::BROADCAST, CLIENT_PORT), Way::Frame(frame::BROADCAST))
        }
        Destination::Frame { hardware, address } => {
            (SocketAddrV4::new(address, CLIENT_PORT), Way::Frame(mac(&hardware)?))
        }
    };
    let payload = outgoing.reply.encode().bytes;
    let datagram = frame::datagram(from, to, &payload).ok_or(Unsent::TooLong)?;
    Ok(Delivery { datagram, way })
}

/// The address the reply names the server by, where that is ours on this wire: the client holds other servers' replies
/// against it. Else the first there.
fn source(outgoing: &Outgoing, wire: &Wire) -> Result<Ipv4Addr, Unsent> {
    let named = outgoing.reply.options.get(&code::SERVER_ID);
    let named = named.and_then(|value| <[u8; 4]>::try_from(value.as_slice()).ok());
    let own = |address: &Ipv4Addr| wire.addresses.iter().any(|own| own.address == *address);
    let first = wire.addresses.first().map(|own| own.address);
    named.map(Ipv4Addr::from).filter(own).or(first).ok_or(Unsent::NoAddress)
}

fn mac(hardware: &Hardware) -> Result<MacAddr, Unsent> {
    match (hardware.htype, hardware.hlen) {
        ETHERNET => {
            let (mac, _) = hardware.chaddr.split_first_chunk().ok_or(Unsent::NotEthernet)?;
            Ok(MacAddr(*mac))
        }
        _ => Err(Unsent::NotEthernet),
    }
}
