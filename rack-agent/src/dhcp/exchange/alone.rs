//! What the rack may give while the region is away (rules R7, R8, R9 and R16).

use crate::dhcp::book::Book;
use crate::dhcp::holding::Contact;
use crate::lease::rack_time::RackTime;
use crate::lease::right::{LIFE_ALONE_MIN, lease_from_block, renewal_alone};
use regent_core::lease::binding::Client;
use regent_core::rack_view::subnet::Subnet;
use regent_core::time::Millis;
use std::net::Ipv4Addr;

/// For how long the rack may give an address to a client without the region, at most as long as `wish`; none if it may
/// not.
#[must_use]
pub fn life_alone(
    book: &Book,
    subnet: &Subnet,
    address: Ipv4Addr,
    client: &Client,
    wish: Millis,
    now: RackTime,
) -> Option<Millis> {
    match book.contact {
        Contact::CutOff => {}
        Contact::Quorum | Contact::Distrusted => return None,
    }
    let record = book.holdings.at(address);
    let life_min = LIFE_ALONE_MIN.min(wish);
    let renewal =
        record.and_then(|record| renewal_alone(record, client, now, &subnet.terms, life_min));
    let lease = book.holdings.block_of(address).and_then(|block| {
        lease_from_block(block.deadline, record, client, now, &subnet.terms, life_min)
    });
    renewal.max(lease).map(|life| life.min(wish))
}
