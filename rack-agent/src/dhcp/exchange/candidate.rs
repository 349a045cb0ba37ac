//! Which address a client is offered (RFC 2131 section 4.3.1, rules R8 and R16).

use crate::dhcp::book::Book;
use crate::dhcp::exchange::alone::life_alone;
use crate::dhcp::exchange::scene::Scene;
use crate::dhcp::holding::Contact;
use regent_core::lease::binding::Client;
use regent_core::net::address_range::AddressRange;
use regent_core::rack_view::subnet::Subnet;
use regent_core::time::Millis;
use std::net::{IpAddr, Ipv4Addr};

/// Addresses looked at for one client. Each client begins at a place of its own, so few are taken before one is free.
pub const ADDRESSES_TRIED_MAX: usize = 2048;

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

/// Chooses an address: one kept for the client, the one it had, the one it was offered, the one it asks for, one that was
/// tried ahead, any.
#[must_use]
pub fn choose<'a>(scene: &Scene<'a>, book: &Book) -> Option<Candidate<'a>> {
    let client = scene.client();
    let known = scene
        .vlan
        .hosts
        .addresses_of(client)
        .chain(book.holdings.of(client))
        .chain(scene.vlan.leases.of(client))
        .find_map(|address| open(scene, book, address, Acquaintance::Known));
    let wished = || {
        let offered = book.offers.of(&scene.client_at(), scene.arrival.now);
        offered
            .into_iter()
            .chain(scene.request.requested)
            .find_map(|address| open(scene, book, address, Acquaintance::New))
    };
    let tried = || {
        let tried = book.tried.keys(scene.arrival.now).take(ADDRESSES_TRIED_MAX).copied();
        tried.into_iter().find_map(|address| open(scene, book, address, Acquaintance::New))
    };
    let is_exhausted = book.exhausted.get(&scene.vlan.id, scene.arrival.now).is_some();
    let any = || if is_exhausted { None } else { any(scene, book) };
    known.or_else(wished).or_else(tried).or_else(any)
}

/// The address, if the client can have it as far as is known here.
fn open<'a>(
    scene: &Scene<'a>,
    book: &Book,
    address: Ipv4Addr,
    acquaintance: Acquaintance,
) -> Option<Candidate<'a>> {
    let (client, now) = (scene.client(), scene.arrival.now);
    let subnet = scene.vlan.subnet_of(address)?;
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
    let life = match book.contact {
        Contact::Quorum => scene.vlan.leases.is_open_to(address, client).then_some(wish),
        Contact::CutOff | Contact::Distrusted => {
            life_alone(book, subnet, address, client, wish, now)
        }
    }?;
    Some(Candidate { address, subnet, life, acquaintance })
}

/// Any free address: of the pools while the region answers, so that blocks last for when it does not, and of the rack's
/// blocks.
fn any<'a>(scene: &Scene<'a>, book: &Book) -> Option<Candidate<'a>> {
    let pools = scene.subnets().flat_map(|subnet| subnet.ranges.iter());
    let blocks = || book.holdings.blocks.iter().map(|block| &block.range);
    let is_free = |address| open(scene, book, address, Acquaintance::New);
    let start = start_of(scene.client());
    match book.contact {
        Contact::Quorum => spread(pools, start)
            .filter(|address| book.holdings.block_of(*address).is_none())
            .find_map(is_free)
            .or_else(|| spread(blocks(), start).find_map(is_free)),
        Contact::CutOff | Contact::Distrusted => spread(blocks(), start).find_map(is_free),
    }
}

/// The addresses of some ranges, in each of them from a place on that `start` tells, and round.
pub fn spread<'r>(
    ranges: impl Iterator<Item = &'r AddressRange>,
    start: u64,
) -> impl Iterator<Item = Ipv4Addr> {
    let addresses = ranges.flat_map(move |range| {
        let count = range.address_count();
        let first = u128::from(start) % count;
        (first..count).chain(0..first).filter_map(|place| range.nth(place))
    });
    addresses.take(ADDRESSES_TRIED_MAX).filter_map(|address| match address {
        IpAddr::V4(address) => Some(address),
        IpAddr::V6(_) => None,
    })
}

/// A number of the client's own (FNV-1a): each client looks from another place on, and always from the same.
fn start_of(client: &Client) -> u64 {
    let key = match client {
        Client::Card(card) => card.0.as_slice(),
        Client::Identifier(identifier) => identifier,
    };
    key.iter().fold(0xCBF2_9CE4_8422_2325, |hash, octet| {
        (hash ^ u64::from(*octet)).wrapping_mul(0x0100_0000_01B3)
    })
}
