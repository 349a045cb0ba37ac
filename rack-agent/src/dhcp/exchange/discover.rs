//! A client looks for servers: an address is chosen, perhaps tried on the wire, and offered (rules R11, R14, R17).

use crate::dhcp::action::{
    Action, Conflict, Found, Length, Outgoing, Probe, Silence, Trial, Wanted,
};
use crate::dhcp::book::{Alarm, Book};
use crate::dhcp::exchange::candidate::{Acquaintance, Candidate, choose};
use crate::dhcp::exchange::compose::granting;
use crate::dhcp::exchange::grant;
use crate::dhcp::exchange::scene::Scene;
use crate::dhcp::exchange::turn::is_ours;
use crate::dhcp::message::reply::ReplyKind;
use crate::dhcp::view::site::Probing;
use crate::dhcp::view::subnet::{RapidCommit, Subnet};
use crate::lease::rack_time::RackTime;
use regent_core::time::Millis;

/// An offer that is ready later than this after its request is not sent: the client has asked again.
pub const OFFER_MILLIS_MAX: Millis = Millis::from_secs(4);

/// Answers DISCOVER.
pub fn answer(scene: &Scene<'_>, book: &mut Book) -> Action {
    if !is_ours(scene, book) {
        return Action::Silent(Silence::OtherServer);
    }
    let Some(candidate) = choose(scene, book) else {
        book.alarms.insert(Alarm::NoAddress(scene.vlan.id));
        return Action::Silent(Silence::NoAddress);
    };
    let now = scene.arrival.now;
    let is_new = candidate.acquaintance == Acquaintance::New;
    let is_newcomer = is_new && book.offers.of(scene.client(), now).is_none();
    if is_newcomer && book.newcomers.count(scene.vlan.id, now) {
        book.alarms.insert(Alarm::Newcomers(scene.vlan.id));
    }
    book.offers.put(scene.client(), candidate.address, now);
    if scene.request.rapid_commit && candidate.subnet.rapid_commit == RapidCommit::Allowed {
        return grant::seek(scene, book, candidate.subnet, candidate.address, Wanted::RapidAck);
    }
    let length = Length::Lease(candidate.life);
    let offer = granting(scene, ReplyKind::Offer, candidate.subnet, candidate.address, length);
    if is_to_be_tried(scene, book, &candidate) {
        return Action::Probe(Box::new(trial(scene, &candidate, offer)));
    }
    Action::Send(Box::new(offer))
}

fn is_to_be_tried(scene: &Scene<'_>, book: &Book, candidate: &Candidate<'_>) -> bool {
    let was_tried = book.tried.get(&candidate.address, scene.arrival.now).is_some();
    match (scene.vlan.probing, candidate.acquaintance) {
        (Probing::On, Acquaintance::New) => !was_tried,
        (Probing::On | Probing::Off, Acquaintance::Known | Acquaintance::New) => false,
    }
}

fn trial(scene: &Scene<'_>, candidate: &Candidate<'_>, offer: Outgoing) -> Trial {
    let probe = if scene.request.giaddr.is_some() { Probe::Echo } else { Probe::Arp };
    Trial {
        vlan: scene.vlan.id,
        subnet: candidate.subnet.id,
        pool_addresses: pool_addresses(candidate.subnet),
        address: candidate.address,
        probe,
        client: scene.client().clone(),
        received: scene.arrival.received,
        offer,
    }
}

/// How many addresses a subnet gives to whoever asks.
#[must_use]
pub fn pool_addresses(subnet: &Subnet) -> u128 {
    subnet.ranges.iter().map(|range| range.address_count()).fold(0, u128::saturating_add)
}

/// The wire has answered: somebody uses the address, or nobody.
pub fn tried(trial: &Trial, found: Found, now: RackTime, book: &mut Book) -> Action {
    match found {
        Found::Nobody => {
            book.tried.put(trial.address, (), now);
            if trial.received.until(now) > OFFER_MILLIS_MAX {
                return Action::Silent(Silence::Late);
            }
            Action::Send(Box::new(trial.offer.clone()))
        }
        Found::Somebody => {
            book.occupied.put(trial.address, (), now);
            book.offers.withdraw(&trial.client);
            if book.declines.of_pool(trial.subnet, trial.pool_addresses, now).is_err() {
                book.alarms.insert(Alarm::Declines(trial.subnet));
                return Action::Silent(Silence::TooManyDeclines);
            }
            Action::Decline(Conflict { vlan: trial.vlan, address: trial.address, client: None })
        }
    }
}
