//! Any free address, for a client that none is known for.
//!
//! Each client begins at a place of its own, so few addresses are taken before one is free; and each rack of a VLAN in a
//! part of its own, so that two seldom offer one address to two clients. A pool so full that one packet does not find any
//! is swept by all clients together: the next packet goes on where the last one stopped.

use crate::dhcp::book::Book;
use crate::dhcp::exchange::candidate::{Acquaintance, Candidate, open};
use crate::dhcp::exchange::part::{Parted, count, parted};
use crate::dhcp::exchange::scene::Scene;
use crate::dhcp::holding::{Contact, OwnBlock};
use crate::dhcp::recent::sweep::Field;
use regent_core::lease::binding::Client;
use regent_core::net::address_range::AddressRange;
use std::net::{IpAddr, Ipv4Addr};

/// Addresses looked at for one packet, in all fields together.
pub const ADDRESSES_LOOKED_MAX: usize = 8192;
/// At least so many of them in each field, whatever their number.
pub const ADDRESSES_OF_FIELD_MIN: usize = 16;
/// Where there are fewer addresses than this altogether, an offer nobody took for a while is void once nothing else is left.
pub const ADDRESSES_SCARCE: u128 = 64;

/// A free address: of the pools while the region answers, so that blocks last for when it does not, and of the rack's
/// blocks.
#[must_use]
pub fn any<'a>(scene: &Scene<'a>, book: &mut Book) -> Option<Candidate<'a>> {
    let fields = fields(scene, book);
    let share = share(fields.len());
    fields
        .iter()
        .find_map(|(field, ranges)| look(scene, book, *field, ranges, share))
        .or_else(|| reclaim(scene, book, &fields))
}

/// Whether all there is was searched a moment ago, and no address was free.
#[must_use]
pub fn is_exhausted(scene: &Scene<'_>, book: &Book) -> bool {
    fields(scene, book).iter().all(|(field, ranges)| {
        count(ranges) == 0 || book.sweeps.is_exhausted(*field, scene.arrival.now)
    })
}

/// How many addresses of each of so many fields are looked at.
#[must_use]
pub fn share(fields: usize) -> usize {
    ADDRESSES_LOOKED_MAX.checked_div(fields).unwrap_or(0).max(ADDRESSES_OF_FIELD_MIN)
}

/// The addresses of some ranges, one range behind the other, from a place on and round.
pub fn from_place(ranges: &[AddressRange], from: u128) -> impl Iterator<Item = Ipv4Addr> {
    let starts = ranges.iter().scan(0_u128, move |end, range| {
        let start = *end;
        *end = end.saturating_add(range.address_count());
        Some((range, from.saturating_sub(start).min(range.address_count())))
    });
    let behind = starts.clone().flat_map(|(range, first)| {
        (first..range.address_count()).filter_map(|place| range.nth(place))
    });
    let before = starts.flat_map(|(range, first)| (0..first).filter_map(|place| range.nth(place)));
    behind.chain(before).filter_map(|address| match address {
        IpAddr::V4(address) => Some(address),
        IpAddr::V6(_) => None,
    })
}

fn fields(scene: &Scene<'_>, book: &Book) -> Vec<(Field, Vec<AddressRange>)> {
    let is_here = |block: &&OwnBlock| match block.range.nth(0) {
        Some(IpAddr::V4(first)) => scene.vlan.subnet_of(first).is_some(),
        Some(IpAddr::V6(_)) | None => false,
    };
    let blocks = book.holdings.blocks.iter().filter(is_here).map(|block| block.range).collect();
    let blocks = (Field::Blocks(scene.vlan.id), blocks);
    let pools = scene.subnets().flat_map(|subnet| {
        let Parted { own, others } = parted(&subnet.ranges, &scene.vlan.shares);
        [(Field::Pool(subnet.id), own), (Field::OthersPart(subnet.id), others)]
    });
    let pools = pools.filter(|(_, ranges)| !ranges.is_empty());
    match book.contact {
        Contact::Quorum => pools.chain([blocks]).collect(),
        Contact::CutOff | Contact::Distrusted => vec![blocks],
    }
}

fn look<'a>(
    scene: &Scene<'a>,
    book: &mut Book,
    field: Field,
    ranges: &[AddressRange],
    share: usize,
) -> Option<Candidate<'a>> {
    let (now, count) = (scene.arrival.now, count(ranges));
    if count == 0 || book.sweeps.is_exhausted(field, now) {
        return None;
    }
    let next = book.sweeps.next(field, now);
    let from = next.unwrap_or_else(|| start_of(scene.client()).into()) % count;
    let mut looked = 0;
    for address in from_place(ranges, from).take(share) {
        if let Some(candidate) = open_in(scene, book, field, address) {
            book.sweeps.found(field, (from + looked) % count, now);
            return Some(candidate);
        }
        looked += 1;
    }
    book.sweeps.missed(field, from, looked, count, now);
    None
}

/// The address, if it is free and not spared: those of the rack's blocks are no part of its pools.
fn open_in<'a>(
    scene: &Scene<'a>,
    book: &Book,
    field: Field,
    address: Ipv4Addr,
) -> Option<Candidate<'a>> {
    match field {
        Field::Pool(_) | Field::OthersPart(_) if book.holdings.block_of(address).is_some() => None,
        Field::Pool(_) | Field::OthersPart(_) | Field::Blocks(_) => {
            open(scene, book, address, Acquaintance::New)
        }
    }
}

/// Where addresses are scarce, one that was offered to somebody who has not taken it for a while.
fn reclaim<'a>(
    scene: &Scene<'a>,
    book: &mut Book,
    fields: &[(Field, Vec<AddressRange>)],
) -> Option<Candidate<'a>> {
    let counts = fields.iter().map(|(_, ranges)| count(ranges));
    if counts.fold(0, u128::saturating_add) >= ADDRESSES_SCARCE {
        return None;
    }
    fields.iter().flat_map(|(_, ranges)| from_place(ranges, 0)).find_map(|address| {
        let other = book.offers.long_to(address, scene.arrival.now)?.clone();
        book.offers.withdraw(&other);
        open(scene, book, address, Acquaintance::New)
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
