//! Which address a client is offered (RFC 2131 section 4.3.1, rules R8 and R16).

use crate::dhcp::book::Book;
use crate::dhcp::exchange::candidate::{Acquaintance, Candidate, open};
use crate::dhcp::exchange::scene::Scene;
use crate::dhcp::exchange::search::any;

/// Chooses an address: one kept for the client, the one it had, the one it was offered, the one it asks for, one that was
/// tried ahead, any.
#[must_use]
pub fn choose<'a>(scene: &Scene<'a>, book: &mut Book) -> Option<Candidate<'a>> {
    known(scene, book)
        .or_else(|| wished(scene, book))
        .or_else(|| tried(scene, book))
        .or_else(|| any(scene, book))
}

fn known<'a>(scene: &Scene<'a>, book: &Book) -> Option<Candidate<'a>> {
    let (hosts, client) = (&scene.vlan.hosts, scene.client());
    let had = book.holdings.of(client).chain(scene.vlan.leases.of(client));
    hosts
        .addresses_of(client)
        .chain(had)
        .find_map(|address| open(scene, book, address, Acquaintance::Known))
}

fn wished<'a>(scene: &Scene<'a>, book: &Book) -> Option<Candidate<'a>> {
    let offered = book.offers.of(&scene.client_at(), scene.arrival.now);
    offered
        .into_iter()
        .chain(scene.request.requested)
        .find_map(|address| open(scene, book, address, Acquaintance::New))
}

fn tried<'a>(scene: &Scene<'a>, book: &Book) -> Option<Candidate<'a>> {
    let mut ready = book.ready_on(scene.vlan.id, scene.arrival.now);
    ready.find_map(|address| open(scene, book, address, Acquaintance::New))
}
