//! The network interfaces of the rack's machine, as the region is told of them.

use crate::interface_limits::{ADDRESSES_PER_INTERFACE_MAX, INTERFACES_MAX};
use regent_core::net::mac::MacAddr;
use regent_proto::rack;
use std::net::Ipv4Addr;

/// A network interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interface {
    /// How the system calls it.
    pub name: String,
    /// Its Ethernet address, if it has one.
    pub mac_address: Option<MacAddr>,
    /// Its IPv4 addresses, each with the length of its prefix in bits.
    pub addresses: Vec<(Ipv4Addr, u8)>,
}

/// As a message has them. What is above the limits is left out.
#[must_use]
pub fn write(interfaces: &[Interface]) -> Vec<rack::Interface> {
    interfaces.iter().take(INTERFACES_MAX).map(write_one).collect()
}

fn write_one(interface: &Interface) -> rack::Interface {
    let Interface { name, mac_address, addresses } = interface;
    let prefix = |(address, length): &(Ipv4Addr, u8)| rack::Prefix {
        address: address.to_bits(),
        length: u32::from(*length),
    };
    rack::Interface {
        name: name.clone(),
        mac_address: mac_address.map(|mac| mac.0.to_vec()).unwrap_or_default().into(),
        addresses: addresses.iter().take(ADDRESSES_PER_INTERFACE_MAX).map(prefix).collect(),
    }
}
