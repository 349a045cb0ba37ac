//! The network interfaces of the machine, as the kernel lists them. VLAN interfaces, bridges and bonds are interfaces
//! like any other.

use crate::duty::event::{Wire, WireAddress, WireId};
use crate::interface_choice::InterfaceChoice;
use crate::interface_limits::{ADDRESSES_PER_INTERFACE_MAX, INTERFACES_MAX};
use nix::ifaddrs::{InterfaceAddress, getifaddrs};
use nix::net::if_::InterfaceFlags;
use nix::sys::socket::{LinkAddr, SockaddrStorage};
use regent_core::net::mac::MacAddr;
use std::collections::BTreeMap;
use std::io;
use std::net::Ipv4Addr;

/// The kernel's number for hardware of this kind (`ARPHRD_ETHER`).
const ETHERNET: u16 = 1;

/// A network interface that is up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Interface {
    /// How the agent knows it, its kernel's number, and its addresses.
    pub(crate) wire: Wire,
    /// Its hardware address; none if it is not Ethernet.
    pub(crate) mac: Option<MacAddr>,
    /// Its kernel's address, to bind to.
    pub(crate) link: LinkAddr,
    /// The addresses that mean everybody there.
    pub(crate) broadcasts: Vec<Ipv4Addr>,
}

/// The interfaces that are up, chosen, and have an address, by their numbers. Ports of bridges and bonds have none.
pub(crate) fn list(choice: &InterfaceChoice) -> io::Result<Vec<Interface>> {
    let all: Vec<InterfaceAddress> = getifaddrs()?.collect();
    let mut found: BTreeMap<&str, Interface> = BTreeMap::new();
    for entry in all.iter().filter(|entry| is_used(entry, choice)) {
        if let Some(interface) = interface(entry) {
            found.insert(&entry.interface_name, interface);
        }
    }
    for entry in &all {
        // An address with a label is listed under that: eth0:1.
        let name = entry.interface_name.split(':').next().unwrap_or_default();
        if let Some(interface) = found.get_mut(name) {
            add_address(interface, entry);
        }
    }
    let has_address = |interface: &Interface| !interface.wire.addresses.is_empty();
    let mut interfaces: Vec<Interface> = found.into_values().filter(has_address).collect();
    interfaces.sort_by_key(|interface| interface.wire.id);
    interfaces.truncate(INTERFACES_MAX);
    Ok(interfaces)
}

fn is_used(entry: &InterfaceAddress, choice: &InterfaceChoice) -> bool {
    let flags = entry.flags;
    flags.contains(InterfaceFlags::IFF_UP)
        && !flags.contains(InterfaceFlags::IFF_LOOPBACK)
        && choice.takes(&entry.interface_name)
}

fn interface(entry: &InterfaceAddress) -> Option<Interface> {
    let link = *entry.address.as_ref()?.as_link_addr()?;
    let id = WireId(u32::try_from(link.ifindex()).ok()?);
    let is_ethernet = link.hatype() == ETHERNET && link.halen() == 6;
    let mac = link.addr().filter(|_| is_ethernet).map(MacAddr);
    let wire = Wire { id, name: entry.interface_name.clone(), addresses: Vec::new() };
    Some(Interface { wire, mac, link, broadcasts: Vec::new() })
}

fn add_address(interface: &mut Interface, entry: &InterfaceAddress) {
    let Some(address) = ipv4(&entry.address) else { return };
    if interface.wire.addresses.len() == ADDRESSES_PER_INTERFACE_MAX {
        return;
    }
    let mask = ipv4(&entry.netmask).unwrap_or(Ipv4Addr::BROADCAST);
    let prefix = u8::try_from(mask.to_bits().count_ones()).expect("an address has 32 bits");
    interface.wire.addresses.push(WireAddress { address, prefix });
    interface.broadcasts.extend(broadcast_of(address, entry));
}

/// The address that means everybody. Where none was set (`ip addr add` sets none), the system tells the address itself in its
/// place, and what is sent to that is for nobody else.
fn broadcast_of(address: Ipv4Addr, entry: &InterfaceAddress) -> Option<Ipv4Addr> {
    ipv4(&entry.broadcast).filter(|broadcast| *broadcast != address)
}

fn ipv4(address: &Option<SockaddrStorage>) -> Option<Ipv4Addr> {
    Some(address.as_ref()?.as_sockaddr_in()?.ip())
}

#[cfg(test)]
mod tests {
    use super::broadcast_of;
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
            broadcast_of(own, &entry)
        };
        assert_eq!(told([10, 0, 0, 255]), Some(Ipv4Addr::new(10, 0, 0, 255)));
        assert_eq!(told(own.octets()), None);
    }
}
