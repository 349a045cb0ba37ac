//! The rack found an address in use by somebody unknown (rule R14).

use crate::dhcp::action::{Action, Conflict, Silence};
use crate::dhcp::book::{Alarm, Book};
use crate::dhcp::view::site::Vlan;
use crate::lease::rack_time::RackTime;
use regent_core::lease::binding::Client;
use std::net::Ipv4Addr;

/// Nobody is offered the address for a day, and the region hears of it; unless so many are in use that somebody may be
/// answering for all of them. Then whom it was tried for gets another one, and the address is tried again soon.
pub fn occupied(
    vlan: &Vlan,
    address: Ipv4Addr,
    tried_for: Option<&Client>,
    now: RackTime,
    book: &mut Book,
) -> Action {
    let Some(subnet) = vlan.subnet_of(address) else {
        return Action::Silent(Silence::UnknownNetwork);
    };
    if book.declines.of_pool(subnet.id, subnet.pool_addresses(), now).is_err() {
        book.alarms.insert(Alarm::Declines(subnet.id));
        if let Some(client) = tried_for {
            book.refused.put(address, client.clone(), now);
        }
        return Action::Silent(Silence::TooManyDeclines);
    }
    book.occupied.put(address, (), now);
    Action::Decline(Conflict { vlan: vlan.id, address, client: None })
}
