//! A client wants an address, or more time for the one it has: the four forms of REQUEST (RFC 2131 section 4.3.2).

use crate::dhcp::action::{Action, Silence, Wanted};
use crate::dhcp::book::Book;
use crate::dhcp::exchange::compose::refusing;
use crate::dhcp::exchange::grant::seek;
use crate::dhcp::exchange::newcomer::admit;
use crate::dhcp::exchange::scene::{Hearing, Scene};
use crate::dhcp::exchange::turn::{is_ours, wait_for_others};
use crate::dhcp::holding::Contact;
use regent_core::rack_view::lease::Standing;
use std::net::Ipv4Addr;

/// Answers REQUEST.
pub fn answer(scene: &Scene<'_>, book: &mut Book) -> Action {
    let request = scene.request;
    match (request.ciaddr, request.server_id, request.requested) {
        (None, Some(server), Some(address)) => selecting(scene, book, server, address),
        (None, None, Some(address)) => rebooting(scene, book, address),
        (Some(address), None, _) => renewing(scene, book, address),
        // Some clients name the server also when they renew.
        (Some(address), Some(server), _) if is_for_us(scene, server) => {
            renewing(scene, book, address)
        }
        (Some(_), Some(_), _) => Action::Silent(Silence::OtherServer),
        (None, _, None) => Action::Silent(Silence::Contradiction),
    }
}

/// SELECTING: the client takes an offer. If it is that of a rack that has gone missing since, or does not answer, this one
/// stands in.
fn selecting(scene: &Scene<'_>, book: &mut Book, server: Ipv4Addr, address: Ipv4Addr) -> Action {
    if is_for_us(scene, server) {
        if scene.stand_in() == Some(server) && !is_taken_from_us(scene, book, address) {
            return Action::Silent(Silence::Left);
        }
        return wanted(scene, book, address);
    }
    book.offers.withdraw(&scene.client_at());
    if !scene.vlan.peers.iter().any(|peer| peer.server_id == server) {
        return Action::Silent(Silence::OtherServer);
    }
    if is_unanswered(scene, book) {
        let overdue = Scene { hearing: Hearing::Overdue, ..*scene };
        return wanted(&overdue, book, address);
    }
    Action::Silent(Silence::Left)
}

/// Whether the rack the client asks does not answer: it has not for a while, or the client asks again after one.
fn is_unanswered(scene: &Scene<'_>, book: &mut Book) -> bool {
    let received = scene.arrival.received;
    let first = book.takings.see(scene.request.xid, &scene.client_at(), received);
    match scene.hearing {
        Hearing::First => first.until(received) >= wait_for_others(scene),
        Hearing::Overdue => true,
    }
}

/// INIT-REBOOT: the client wants to know whether it may go on with an address from before.
fn rebooting(scene: &Scene<'_>, book: &mut Book, address: Ipv4Addr) -> Action {
    if !is_ours(scene, book) {
        return Action::Silent(Silence::Left);
    }
    if is_of_another_network(scene, address) || is_known(scene, book, address) {
        return wanted(scene, book, address);
    }
    Action::Silent(Silence::UnknownClient)
}

/// RENEWING, to this rack alone, and REBINDING, to all of them.
fn renewing(scene: &Scene<'_>, book: &mut Book, address: Ipv4Addr) -> Action {
    if !scene.is_to_us_alone() && !is_ours(scene, book) {
        return Action::Silent(Silence::Left);
    }
    wanted(scene, book, address)
}

/// Asks for the address, or says at once that it cannot be (rule R13). In the place of another rack, which may have answered
/// after all, nobody is refused.
fn wanted(scene: &Scene<'_>, book: &mut Book, address: Ipv4Addr) -> Action {
    let Some(subnet) = scene.vlan.subnet_of(address) else {
        return match (book.contact, scene.hearing) {
            (Contact::Quorum, Hearing::First) => Action::Send(Box::new(refusing(scene))),
            (Contact::Quorum, Hearing::Overdue) => Action::Silent(Silence::NotServed),
            (Contact::CutOff | Contact::Distrusted, _) => Action::Silent(Silence::NoRight),
        };
    };
    if !scene.vlan.may_give(address, scene.client()) {
        return Action::Silent(Silence::NotServed);
    }
    if !admit(scene, book) {
        return Action::Silent(Silence::TooManyNewcomers);
    }
    let wanted = match scene.hearing {
        Hearing::First => Wanted::Ack,
        Hearing::Overdue => Wanted::AckForAnother,
    };
    seek(scene, book, subnet, address, wanted)
}

/// Whether the client takes an offer of this rack. Where a relay stands in for every rack alike, the offer tells, or the
/// turn.
fn is_taken_from_us(scene: &Scene<'_>, book: &mut Book, address: Ipv4Addr) -> bool {
    let offered = book.offers.of(&scene.client_at(), scene.arrival.now);
    offered == Some(address) || is_ours(scene, book)
}

/// Whether a message names this rack, or the relay that stands in for it.
pub fn names_us(scene: &Scene<'_>, server: Ipv4Addr) -> bool {
    server == scene.server_id() || server == scene.vlan.server_id
}

/// Whether a message that names a server is for this rack: it is named, or the one that is has gone missing, and this one is
/// the first of those that have not (rule R11).
pub fn is_for_us(scene: &Scene<'_>, server: Ipv4Addr) -> bool {
    let is_missing_peer = || {
        let mut peers = scene.vlan.peers.iter();
        peers.any(|peer| peer.server_id == server && peer.is_missing())
    };
    names_us(scene, server) || (scene.vlan.racks_ahead() == 0 && is_missing_peer())
}

fn is_of_another_network(scene: &Scene<'_>, address: Ipv4Addr) -> bool {
    scene.vlan.subnet_of(address).is_none()
}

/// Whether anything is known of the address that lets the region decide: that it is the client's, or another's.
fn is_known(scene: &Scene<'_>, book: &Book, address: Ipv4Addr) -> bool {
    let client = scene.client();
    let leases = &scene.vlan.leases;
    let is_taken = leases.at(address).is_some_and(|lease| match lease.standing {
        Standing::Held | Standing::Declined => true,
        Standing::Resting | Standing::Free => false,
    });
    is_taken
        || leases.is_last_of(address, client)
        || book.holdings.is_last_of(address, client)
        || scene.vlan.hosts.keeper_of(address) == Some(client)
}
