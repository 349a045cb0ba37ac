//! A client from before DHCP (RFC 951, RFC 1534, rule R17). It knows no leases: what it gets it has for good.
//!
//! The region cannot commit an address for good yet. A lease instead would end while the client goes on with the address,
//! and once it is kept for nobody any more, another client would get it. So nobody is answered, and operators are told.

use crate::dhcp::action::{Action, Silence};
use crate::dhcp::book::{Alarm, Book};
use crate::dhcp::exchange::scene::Scene;

/// Answers BOOTREQUEST without a message type.
pub fn answer(scene: &Scene<'_>, book: &mut Book) -> Action {
    let (vlan, client) = (scene.vlan, scene.client());
    let mut kept = vlan.hosts.addresses_of(client);
    if !kept.any(|address| vlan.may_give(address, client)) {
        return Action::Silent(Silence::UnknownClient);
    }
    book.alarms.insert(Alarm::Bootp(vlan.id));
    Action::Silent(Silence::NotForGood)
}
