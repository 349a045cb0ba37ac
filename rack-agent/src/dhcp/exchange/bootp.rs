//! A client from before DHCP (RFC 951, RFC 1534, rule R17). It knows no leases: what it gets it has for good, until an admin
//! ends that.
//!
//! So it gets an address that is kept for it, and nothing else. The region commits it for good before the client hears of
//! it, and the disk has it. A rack that is cut off answers only who has the address for good already, as long as it may
//! renew it alone. There are no refusals: who gets nothing hears nothing.

use crate::dhcp::action::{Action, Silence, Wanted};
use crate::dhcp::book::Book;
use crate::dhcp::exchange::grant::seek;
use crate::dhcp::exchange::scene::Scene;
use crate::dhcp::exchange::turn::is_ours;
use crate::dhcp::holding::Contact;
use regent_core::rack_view::subnet::Subnet;
use std::net::Ipv4Addr;

/// Answers BOOTREQUEST without a message type.
pub fn answer(scene: &Scene<'_>, book: &mut Book) -> Action {
    if !is_ours(scene, book) {
        return Action::Silent(Silence::Left);
    }
    if book.contact == Contact::Distrusted {
        return Action::Silent(Silence::NoRight);
    }
    match kept(scene) {
        Some((subnet, address)) => seek(scene, book, subnet, address, Wanted::BootReply),
        None => Action::Silent(Silence::UnknownClient),
    }
}

/// The address kept for the client: on the network it is on, as far as a relay tells, and the one it says it has, if it says
/// so (RFC 951 section 4).
fn kept<'a>(scene: &Scene<'a>) -> Option<(&'a Subnet, Ipv4Addr)> {
    let (vlan, client) = (scene.vlan, scene.client());
    let is_fit = |address: &Ipv4Addr| {
        vlan.may_give(*address, client) && scene.request.ciaddr.is_none_or(|own| own == *address)
    };
    scene.subnets().find_map(|subnet| {
        let is_there = |address: &Ipv4Addr| {
            vlan.subnet_of(*address).is_some_and(|around| around.id == subnet.id)
        };
        let mut addresses = vlan.hosts.addresses_of(client);
        addresses.find(|address| is_there(address) && is_fit(address)).map(|found| (subnet, found))
    })
}
