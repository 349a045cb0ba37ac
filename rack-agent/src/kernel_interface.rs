//! The network interfaces of the machine as the kernel lists them: read here and nowhere else. VLAN interfaces, bridges and
//! bonds are interfaces like any other; the loopback is none.
//!
//! Says nothing about what they are good for: that is for those who serve on them, and who tell the region of them.

use crate::interface_choice::InterfaceChoice;
use crate::interface_limits::ADDRESSES_PER_INTERFACE_MAX;
use nix::ifaddrs::{InterfaceAddress, getifaddrs};
use nix::net::if_::InterfaceFlags;
use nix::sys::socket::{LinkAddr, SockaddrStorage};
use regent_core::net::mac::MacAddr;
use std::collections::BTreeMap;
use std::io;
use std::net::Ipv4Addr;

/// The kernel's number for Ethernet hardware (`ARPHRD_ETHER`).
const ETHERNET: u16 = 1;
const MAC_BYTES: usize = 6;

/// A network interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KernelInterface {
    /// How the system calls it.
    pub(crate) name: String,
    /// Whether somebody has set it up.
    pub(crate) is_up: bool,
    /// The kernel's own address of it, with its number.
    pub(crate) link: Option<LinkAddr>,
    /// Its IPv4 addresses, in the kernel's order.
    pub(crate) addresses: Vec<KernelAddress>,
}

/// An IPv4 address of an interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct KernelAddress {
    /// The address.
    pub(crate) address: Ipv4Addr,
    /// Length of its prefix in bits.
    pub(crate) prefix: u8,
    /// The address that means everybody there, if one was set.
    pub(crate) broadcast: Option<Ipv4Addr>,
}

impl KernelInterface {
    /// Its hardware address; none if it is not Ethernet.
    pub(crate) fn mac(&self) -> Option<MacAddr> {
        let link = self.link.filter(|link| link.hatype() == ETHERNET && link.halen() == MAC_BYTES);
        link.and_then(|link| link.addr()).map(MacAddr)
    }

    fn called(name: &str) -> Self {
        Self { name: name.to_owned(), is_up: false, link: None, addresses: Vec::new() }
    }

    fn learn(&mut self, entry: &InterfaceAddress) {
        self.is_up |= entry.flags.contains(InterfaceFlags::IFF_UP);
        let link = entry.address.as_ref().and_then(SockaddrStorage::as_link_addr);
        self.link = self.link.or(link.copied());
        let has_room = self.addresses.len() < ADDRESSES_PER_INTERFACE_MAX;
        self.addresses.extend(address(entry).filter(|_| has_room));
    }
}

/// The chosen interfaces, by name, whether they are up or not.
pub(crate) fn list(choice: &InterfaceChoice) -> io::Result<Vec<KernelInterface>> {
    let mut found: BTreeMap<String, KernelInterface> = BTreeMap::new();
    for entry in getifaddrs()?.filter(|entry| !entry.flags.contains(InterfaceFlags::IFF_LOOPBACK)) {
        // An address with a label is listed under that: eth0:1.
        let name = entry.interface_name.split(':').next().unwrap_or_default();
        if choice.takes(name) {
            let called = || KernelInterface::called(name);
            found.entry(name.to_owned()).or_insert_with(called).learn(&entry);
        }
    }
    Ok(found.into_values().collect())
}

fn address(entry: &InterfaceAddress) -> Option<KernelAddress> {
    let address = ipv4(&entry.address)?;
    let mask = ipv4(&entry.netmask).unwrap_or(Ipv4Addr::BROADCAST);
    let prefix = u8::try_from(mask.to_bits().count_ones()).expect("an address has 32 bits");
    // Where none was set (`ip addr add` sets none), the system tells the address itself in its place, and what is sent to
    // that is for nobody else.
    let broadcast = ipv4(&entry.broadcast).filter(|broadcast| *broadcast != address);
    Some(KernelAddress { address, prefix, broadcast })
}

fn ipv4(address: &Option<SockaddrStorage>) -> Option<Ipv4Addr> {
    Some(address.as_ref()?.as_sockaddr_in()?.ip())
}

#[cfg(test)]
mod tests {
    use super::{KernelAddress, address};
    use nix::ifaddrs::InterfaceAddress;
    use nix::net::if_::InterfaceFlags;
    use nix::sys::socket::SockaddrStorage;
    use std::net::{Ipv4Addr, SocketAddrV4};

    #[test]
    fn own_address_is_not_taken_for_that_of_everybody_where_none_was_set() {
        let own = Ipv4Addr::new(10, 0, 0, 2);
        let told = |broadcast: [u8; 4]| {
            let storage =
                |octets: [u8; 4]| SockaddrStorage::from(SocketAddrV4::new(octets.into(), 0));
            let entry = InterfaceAddress {
                interface_name: "eth1".into(),
                flags: InterfaceFlags::IFF_BROADCAST,
                address: Some(storage(own.octets())),
                netmask: Some(storage([255, 255, 255, 0])),
                broadcast: Some(storage(broadcast)),
                destination: None,
            };
            address(&entry)
        };
        let everybody = Some(Ipv4Addr::new(10, 0, 0, 255));
        let with = |broadcast| Some(KernelAddress { address: own, prefix: 24, broadcast });
        assert_eq!(told([10, 0, 0, 255]), with(everybody));
        assert_eq!(told(own.octets()), with(None));
    }
}
