//! Clients nobody knows: so many of them are heard. Whoever has something kept, has or had an address, or holds an offer is
//! none of them.

use crate::dhcp::book::{Alarm, Book};
use crate::dhcp::exchange::scene::Scene;

/// Whether the client is heard. If it is not, there is an alarm.
pub fn admit(scene: &Scene<'_>, book: &mut Book) -> bool {
    if is_known(scene, book) || book.newcomers.admit(scene.vlan.id, scene.arrival.now) {
        return true;
    }
    book.alarms.insert(Alarm::Newcomers(scene.vlan.id));
    false
}

fn is_known(scene: &Scene<'_>, book: &Book) -> bool {
    let (vlan, client) = (scene.vlan, scene.client());
    vlan.hosts.of(client).is_some()
        || vlan.leases.of(client).is_some()
        || book.holdings.of(client).any(|address| vlan.subnet_of(address).is_some())
        || book.offers.of(&scene.client_at(), scene.arrival.now).is_some()
}
