//! Addresses are tried on the wire before anybody asks for them, so that nobody waits for that (rule R14).

use crate::dhcp::action::{Action, Found, Silence};
use crate::dhcp::book::Book;
use crate::dhcp::exchange::conflict::occupied;
use crate::dhcp::exchange::part::{Parted, count, parted};
use crate::dhcp::exchange::search::{from_place, share};
use crate::dhcp::holding::Contact;
use crate::dhcp::view::site::Vlan;
use crate::lease::rack_time::RackTime;
use regent_core::rack_view::lease::Standing;
use regent_core::rack_view::vlan::Probing;
use std::net::Ipv4Addr;

/// So many free addresses of a VLAN are kept tried.
pub const TRIED_AHEAD_MAX: usize = 8;

/// Addresses of a VLAN that are worth trying now. Which they are changes with time, and each rack begins in its own part:
/// what was tried is what newcomers are offered first.
#[must_use]
pub fn addresses_to_try(vlan: &Vlan, book: &Book, now: RackTime) -> Vec<Ipv4Addr> {
    match vlan.probing {
        Probing::Off => return Vec::new(),
        Probing::On => {}
    }
    let is_ready = |address: &Ipv4Addr| is_unclaimed(vlan, book, *address, now);
    let ready = book.ready_on(vlan.id, now).filter(is_ready).count();
    let parts: Vec<Parted> =
        vlan.subnets.iter().map(|subnet| parted(&subnet.ranges, &vlan.shares)).collect();
    let share = share(2 * parts.len());
    parts
        .iter()
        .flat_map(|Parted { own, others }| {
            let from = u128::from(now.0).checked_rem(count(own)).unwrap_or(0);
            from_place(own, from).take(share).chain(from_place(others, 0).take(share))
        })
        .filter(|address| book.tried.get(address, now).is_none())
        .filter(|address| is_unclaimed(vlan, book, *address, now))
        .take(TRIED_AHEAD_MAX.saturating_sub(ready))
        .collect()
}

/// The wire has answered about an address that nobody asked for yet.
pub fn tried_ahead(
    vlan: &Vlan,
    address: Ipv4Addr,
    found: Found,
    now: RackTime,
    book: &mut Book,
) -> Action {
    match found {
        Found::Nobody => {
            book.tried.put(address, (), now);
            book.ready.put((vlan.id, address), (), now);
            Action::Silent(Silence::NothingAsked)
        }
        Found::Somebody => occupied(vlan, address, None, now, book),
        Found::Untried => Action::Silent(Silence::NothingAsked),
    }
}

/// Whether nobody has the address, keeps it, was offered it or may be giving it away.
fn is_unclaimed(vlan: &Vlan, book: &Book, address: Ipv4Addr, now: RackTime) -> bool {
    let lease = vlan.leases.at(address);
    let is_free = lease.is_none_or(|lease| lease.standing == Standing::Free);
    let is_foreign = vlan
        .subnet_of(address)
        .is_none_or(|subnet| subnet.is_foreign(address) || subnet.is_closed(address));
    // Blocks are for when the region is away, and then they are all there is.
    let is_in_block = book.holdings.block_of(address).is_some();
    let is_its_time = match book.contact {
        Contact::Quorum => !is_in_block,
        Contact::CutOff | Contact::Distrusted => is_in_block,
    };
    let is_out =
        book.occupied.get(&address, now).is_some() || book.refused.get(&address, now).is_some();
    is_free
        && is_its_time
        && !is_foreign
        && !is_out
        && vlan.hosts.keeper_of(address).is_none()
        && book.offers.to(address, now).is_none()
}
