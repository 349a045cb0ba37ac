//! A client looks for servers: an address is chosen, perhaps tried on the wire, and offered (rules R11, R14, R17).

use crate::dhcp::action::{Action, Found, Outgoing, Probe, Silence, Trial, Wanted};
use crate::dhcp::book::{Alarm, Book};
use crate::dhcp::client_at::ClientAt;
use crate::dhcp::exchange::candidate::{Acquaintance, Candidate};
use crate::dhcp::exchange::choose::choose;
use crate::dhcp::exchange::compose::granting;
use crate::dhcp::exchange::conflict::occupied;
use crate::dhcp::exchange::grant;
use crate::dhcp::exchange::newcomer::admit;
use crate::dhcp::exchange::scene::Scene;
use crate::dhcp::exchange::search::is_exhausted;
use crate::dhcp::exchange::turn::is_ours;
use crate::dhcp::holding::Contact;
use crate::dhcp::message::reply::ReplyKind;
use crate::dhcp::view::site::View;
use crate::lease::rack_time::RackTime;
use regent_core::rack_view::subnet::RapidCommit;
use regent_core::rack_view::vlan::Probing;
use regent_core::time::Millis;

/// An offer that is ready later than this after its request is not sent: the client has asked again.
pub const OFFER_MILLIS_MAX: Millis = Millis::from_secs(4);

/// Answers DISCOVER.
pub fn answer(scene: &Scene<'_>, book: &mut Book) -> Action {
    if !is_ours(scene, book) {
        return Action::Silent(Silence::Left);
    }
    if book.contact == Contact::Distrusted {
        return Action::Silent(Silence::NoRight);
    }
    if !admit(scene, book) {
        return Action::Silent(Silence::TooManyNewcomers);
    }
    let Some(candidate) = choose(scene, book) else {
        if is_exhausted(scene, book) {
            book.alarms.insert(Alarm::NoAddress(scene.vlan.id));
        }
        return Action::Silent(Silence::NoAddress);
    };
    book.offers.put(&scene.client_at(), candidate.address, scene.arrival.now);
    book.ready.remove(&(scene.vlan.id, candidate.address));
    let is_to_be_tried = is_to_be_tried(scene, book, &candidate);
    let is_rapid =
        scene.request.rapid_commit && candidate.subnet.rapid_commit == RapidCommit::Allowed;
    if is_rapid && !is_to_be_tried {
        return grant::seek(scene, book, candidate.subnet, candidate.address, Wanted::RapidAck);
    }
    let offer =
        granting(scene, ReplyKind::Offer, candidate.subnet, candidate.address, candidate.life);
    if is_to_be_tried {
        return Action::Probe(Box::new(trial(scene, &candidate, offer)));
    }
    Action::Send(Box::new(offer))
}

fn is_to_be_tried(scene: &Scene<'_>, book: &Book, candidate: &Candidate<'_>) -> bool {
    let was_tried = book.tried.get(&candidate.address, scene.arrival.now).is_some();
    // A client that comes anew may have given its address back to the DHCP server before us, which gave it on.
    let is_in_doubt = candidate.subnet.is_closed(candidate.address);
    match (scene.vlan.probing, candidate.acquaintance) {
        (Probing::On, Acquaintance::New) => !was_tried,
        (Probing::On, Acquaintance::Known) if is_in_doubt => !was_tried,
        (Probing::On | Probing::Off, Acquaintance::Known | Acquaintance::New) => false,
    }
}

fn trial(scene: &Scene<'_>, candidate: &Candidate<'_>, offer: Outgoing) -> Trial {
    let probe = if scene.request.giaddr.is_some() { Probe::Echo } else { Probe::Arp };
    Trial {
        vlan: scene.vlan.id,
        address: candidate.address,
        probe,
        client: scene.client().clone(),
        received: scene.arrival.received,
        offer,
    }
}

/// The wire has answered: somebody uses the address, or nobody.
pub fn tried(trial: &Trial, found: Found, now: RackTime, view: &View, book: &mut Book) -> Action {
    match found {
        Found::Nobody => {
            book.tried.put(trial.address, (), now);
            offer(trial, now)
        }
        Found::Untried => offer(trial, now),
        Found::Somebody => {
            let client = ClientAt { vlan: trial.vlan, client: trial.client.clone() };
            book.offers.withdraw(&client);
            match view.vlan(trial.vlan) {
                Some(vlan) => occupied(vlan, trial.address, Some(&trial.client), now, book),
                None => Action::Silent(Silence::UnknownNetwork),
            }
        }
    }
}

fn offer(trial: &Trial, now: RackTime) -> Action {
    if trial.received.until(now) > OFFER_MILLIS_MAX {
        return Action::Silent(Silence::Late);
    }
    Action::Send(Box::new(trial.offer.clone()))
}
