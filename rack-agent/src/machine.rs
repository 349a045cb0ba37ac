//! The machine the agent runs on, as far as the region is told of it.

use crate::config::Config;
use crate::interface_choice::InterfaceChoice;
use crate::interface_limits::{ADDRESSES_PER_INTERFACE_MAX, INTERFACES_MAX};
use crate::region::interface::Interface;
use nix::ifaddrs::{InterfaceAddress, getifaddrs};
use nix::net::if_::InterfaceFlags;
use nix::sys::socket::SockaddrStorage;
use regent_core::model::hostname::Hostname;
use regent_core::net::mac::MacAddr;
use std::collections::BTreeMap;
use std::io;
use std::net::Ipv4Addr;

/// The kernel's number for Ethernet hardware (`ARPHRD_ETHER`).
const ETHERNET: u16 = 1;
/// What the interface of a trial is called.
const TEST_INTERFACE: &str = "test";
/// Where the kernel says what the machine is called.
const HOSTNAME_FILE: &str = "/proc/sys/kernel/hostname";

/// What the machine is called, without its domain; none if that is no host name.
#[must_use]
pub fn hostname() -> Option<Hostname> {
    let text = std::fs::read_to_string(HOSTNAME_FILE).ok()?;
    let label = text.trim().split('.').next().unwrap_or_default();
    Hostname::new(label).ok()
}

/// What the region is told of: the chosen interfaces. A trial uses none, and several of them may run on one machine: it has
/// one of its own, without a card.
///
/// # Errors
/// The system refuses.
pub fn told_interfaces(config: &Config) -> io::Result<Vec<Interface>> {
    let Some(test) = &config.test else { return interfaces(&config.interfaces) };
    let addresses = test.addresses.iter().map(|own| (own.address, own.prefix)).collect();
    Ok(vec![Interface { addresses, ..unknown(TEST_INTERFACE) }])
}

/// Its chosen interfaces but the loopback, by name, whether they are up or not.
///
/// # Errors
/// The system refuses.
pub fn interfaces(choice: &InterfaceChoice) -> io::Result<Vec<Interface>> {
    let mut found: BTreeMap<String, Interface> = BTreeMap::new();
    for entry in getifaddrs()?.filter(|entry| !entry.flags.contains(InterfaceFlags::IFF_LOOPBACK)) {
        // An address with a label is listed under that: eth0:1.
        let name = entry.interface_name.split(':').next().unwrap_or_default();
        if choice.takes(name) {
            let interface = found.entry(name.to_owned()).or_insert_with(|| unknown(name));
            learn(interface, &entry);
        }
    }
    Ok(found.into_values().take(INTERFACES_MAX).collect())
}

fn unknown(name: &str) -> Interface {
    Interface { name: name.to_owned(), mac_address: None, addresses: Vec::new() }
}

fn learn(interface: &mut Interface, entry: &InterfaceAddress) {
    let link = entry.address.as_ref().and_then(SockaddrStorage::as_link_addr);
    let octets = link.filter(|link| link.hatype() == ETHERNET).and_then(|link| link.addr());
    interface.mac_address = interface.mac_address.or(octets.map(MacAddr));
    let ipv4 = |address: &Option<SockaddrStorage>| Some(address.as_ref()?.as_sockaddr_in()?.ip());
    let Some(address) = ipv4(&entry.address) else { return };
    let mask = ipv4(&entry.netmask).unwrap_or(Ipv4Addr::BROADCAST);
    let length = u8::try_from(mask.to_bits().count_ones()).expect("an address has 32 bits");
    if interface.addresses.len() < ADDRESSES_PER_INTERFACE_MAX {
        interface.addresses.push((address, length));
    }
}

#[cfg(test)]
mod tests {
    use super::interfaces;
    use crate::interface_choice::InterfaceChoice;

    #[test]
    fn loopback_and_denied_interfaces_are_not_spoken_of() {
        let all = interfaces(&InterfaceChoice::default()).unwrap();
        assert!(all.iter().all(|interface| interface.name != "lo"));
        let loopback = std::net::Ipv4Addr::LOCALHOST;
        let is_loopback = |(address, _): &(_, u8)| *address == loopback;
        assert!(!all.iter().any(|interface| interface.addresses.iter().any(is_loopback)));
        let none = InterfaceChoice { allow: Vec::new(), deny: vec!["*".into()] };
        assert_eq!(interfaces(&none).unwrap(), []);
    }
}
