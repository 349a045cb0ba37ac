//! The rack found an address in use by somebody unknown (rule R14).

use crate::dhcp::action::{Action, Conflict, Silence};
use crate::dhcp::book::{Alarm, Book};
use crate::dhcp::view::site::Vlan;
use crate::lease::rack_time::RackTime;
use std::net::Ipv4Addr;

/// Nobody is offered the address. The region hears of it, unless so many are in use that somebody may be answering for
/// all of them.
pub fn occupied(vlan: &Vlan, address: Ipv4Addr, now: RackTime, book: &mut Book) -> Action {
    book.occupied.put(address, (), now);
    let Some(subnet) = vlan.subnet_of(address) else {
        return Action::Silent(Silence::UnknownNetwork);
    };
    if book.declines.of_pool(subnet.id, subnet.pool_addresses(), now).is_err() {
        book.alarms.insert(Alarm::Declines(subnet.id));
        return Action::Silent(Silence::TooManyDeclines);
    }
    Action::Decline(Conflict { vlan: vlan.id, address, client: None })
}
