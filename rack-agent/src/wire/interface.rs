//! The network interfaces that are wires: up, chosen, and with an address.

use crate::duty::event::{Wire, WireAddress, WireId};
use crate::interface_choice::InterfaceChoice;
use crate::interface_limits::INTERFACES_MAX;
use crate::kernel_interface::{self, KernelAddress, KernelInterface};
use nix::sys::socket::LinkAddr;
use regent_core::net::mac::MacAddr;
use std::io;
use std::net::Ipv4Addr;

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
    let all = kernel_interface::list(choice)?;
    let mut interfaces: Vec<Interface> = all.into_iter().filter_map(as_wire).collect();
    interfaces.sort_by_key(|interface| interface.wire.id);
    interfaces.truncate(INTERFACES_MAX);
    Ok(interfaces)
}

fn as_wire(interface: KernelInterface) -> Option<Interface> {
    let mac = interface.mac();
    let KernelInterface { name, is_up, link, addresses } = interface;
    let link = link.filter(|_| is_up && !addresses.is_empty())?;
    let id = WireId(u32::try_from(link.ifindex()).ok()?);
    let broadcasts = addresses.iter().filter_map(|own| own.broadcast).collect();
    let own = |own: KernelAddress| WireAddress { address: own.address, prefix: own.prefix };
    let wire = Wire { id, name, addresses: addresses.into_iter().map(own).collect() };
    Some(Interface { wire, mac, link, broadcasts })
}
