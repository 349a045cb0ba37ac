//! An address a client could be offered, as far as is known here (rules R8 and R16).

use crate::dhcp::book::Book;
use crate::dhcp::exchange::alone::life_alone;
use crate::dhcp::exchange::scene::Scene;
use crate::dhcp::holding::Contact;
use regent_core::rack_view::lease::Standing;
use regent_core::rack_view::subnet::Subnet;
use regent_core::time::Millis;
use std::net::Ipv4Addr;

/// Whether the client had the address before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Acquaintance {
    /// It had it last, or it is kept for it.
    Known,
    /// Somebody else may be using it.
    New,
}

/// An address to offer.
#[derive(Clone, Copy, Debug)]
pub struct Candidate<'a> {
    /// The address.
    pub address: Ipv4Addr,
    /// Its subnet.
    pub subnet: &'a Subnet,
    /// For how long.
    pub life: Millis,
    /// Whether the client had it before.
    pub acquaintance: Acquaintance,
}

/// The address, if the client can have it as far as is known here.
#[must_use]
pub fn open<'a>(
    scene: &Scene<'a>,
    book: &Book,
    address: Ipv4Addr,
    acquaintance: Acquaintance,
) -> Option<Candidate<'a>> {
    let (client, now) = (scene.client(), scene.arrival.now);
    // In a full pool this is what turns most addresses down, so it comes first.
    match book.contact {
        Contact::Quorum if !scene.vlan.leases.is_open_to(address, client) => return None,
        Contact::Quorum | Contact::CutOff | Contact::Distrusted => {}
    }
    let subnet = scene.vlan.subnet_of(address)?;
    if subnet.is_closed(address) && !has_it(scene, book, address) {
        return None;
    }
    let is_offered = book.offers.to(address, now).is_some_and(|other| other.client != *client);
    // Somebody who asks for another's address does not take it from its owner.
    let is_refused = book
        .refused
        .get(&address, now)
        .is_some_and(|to| to == client || acquaintance == Acquaintance::New);
    let is_out = is_refused || book.occupied.get(&address, now).is_some();
    if is_offered || is_out || subnet.is_foreign(address) || !scene.vlan.may_give(address, client) {
        return None;
    }
    let wish = scene.life(subnet);
    // What the rack gave a moment ago the region has not told it yet.
    let is_anothers =
        book.holdings.at(address).is_some_and(|last| !last.is_free_for(client, now, &subnet.terms));
    let life = match book.contact {
        Contact::Quorum if is_anothers => return None,
        Contact::Quorum => wish,
        Contact::CutOff | Contact::Distrusted => {
            life_alone(book, subnet, address, client, wish, now)?
        }
    };
    Some(Candidate { address, subnet, life, acquaintance })
}

/// Whether the client is known to have the address, from this rack or, as far as was told, from another DHCP server: then a
/// range that is closed for what is not known is open to it.
#[must_use]
pub fn has_it(scene: &Scene<'_>, book: &Book, address: Ipv4Addr) -> bool {
    let (leases, client) = (&scene.vlan.leases, scene.client());
    let is_held = leases.at(address).is_some_and(|lease| lease.standing == Standing::Held);
    (is_held && leases.is_last_of(address, client)) || book.holdings.is_last_of(address, client)
}
