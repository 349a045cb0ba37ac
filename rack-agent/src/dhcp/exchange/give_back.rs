//! A client gives its address back (rule R5), or found it in use (rule R15). Neither gets a reply.

use crate::dhcp::action::{Action, Conflict, Return, Silence};
use crate::dhcp::book::{Alarm, Book};
use crate::dhcp::exchange::acquire::{is_for_us, names_us};
use crate::dhcp::exchange::scene::Scene;
use crate::dhcp::recent::decline::TooMany;
use crate::lease::rack_time::RackTime;
use crate::lease::record::Record;

/// RELEASE, of the address the client has and from nowhere else.
pub fn release(scene: &Scene<'_>, book: &mut Book) -> Action {
    let (request, client) = (scene.request, scene.client());
    let Some(address) = request.ciaddr else { return Action::Silent(Silence::Contradiction) };
    if !scene.comes_from(address) {
        return Action::Silent(Silence::Contradiction);
    }
    if request.server_id.is_some_and(|server| !names_us(scene, server)) {
        return Action::Silent(Silence::OtherServer);
    }
    let is_known =
        scene.vlan.leases.is_last_of(address, client) || book.holdings.is_last_of(address, client);
    if !is_known || scene.vlan.subnet_of(address).is_none() {
        return Action::Silent(Silence::NotOwner);
    }
    book.acked.remove(&address);
    Action::Release(Return { vlan: scene.vlan.id, address, client: client.clone() })
}

/// What has to be on disk before the region is told, in message `number`, that the client gave its address back; none if
/// the rack never acknowledged it.
pub fn released(given: &Return, number: u64, now: RackTime, book: &mut Book) -> Option<Record> {
    let record = book.holdings.at(given.address).filter(|last| last.client == given.client)?;
    let record = record.released(number, now);
    book.holdings.put(given.address, record.clone());
    Some(record)
}

/// DECLINE, of an address acknowledged by this rack a moment ago.
pub fn decline(scene: &Scene<'_>, book: &mut Book) -> Action {
    let (request, client, now) = (scene.request, scene.client(), scene.arrival.now);
    let Some(address) = request.requested else { return Action::Silent(Silence::Contradiction) };
    // A client that a stand-in acknowledged may still name the rack whose offer it took.
    if !request.server_id.is_some_and(|server| is_for_us(scene, server)) {
        return Action::Silent(Silence::OtherServer);
    }
    let Some(subnet) = scene.vlan.subnet_of(address) else {
        return Action::Silent(Silence::NotOwner);
    };
    if book.acked.get(&address, now) != Some(client) {
        return Action::Silent(Silence::NotOwner);
    }
    match book.declines.of_client(&scene.client_at(), subnet.id, subnet.pool_addresses(), now) {
        Ok(()) => {}
        Err(too_many) => {
            if too_many == TooMany::OfPool {
                book.alarms.insert(Alarm::Declines(subnet.id));
            }
            // It is not believed, but it does not get the same address again either: it would decline that for ever.
            book.refused.put(address, client.clone(), now);
            return Action::Silent(Silence::TooManyDeclines);
        }
    }
    book.acked.remove(&address);
    book.occupied.put(address, (), now);
    let client = Some(client.clone());
    Action::Decline(Conflict { vlan: scene.vlan.id, address, client })
}
