//! From a wish to an acknowledgement: through the region (rules R1, R12, R13), or alone (rules R7 and R8).

use crate::dhcp::action::{Action, Kept, Pending, Silence, Verdict, Wanted};
use crate::dhcp::book::Book;
use crate::dhcp::exchange::alone::life_alone;
use crate::dhcp::exchange::candidate::has_it;
use crate::dhcp::exchange::compose::{giving_for_good, granting, refusing};
use crate::dhcp::exchange::scene::Scene;
use crate::dhcp::holding::Contact;
use crate::dhcp::message::code;
use crate::dhcp::message::reply::ReplyKind;
use crate::dhcp::view::site::View;
use crate::lease::rack_time::RackTime;
use crate::lease::record::{ANSWER_WAIT_MAX, Granted, Record};
use regent_core::lease::refusal::Refusal;
use regent_core::rack_view::lease::Standing;
use regent_core::rack_view::subnet::Subnet;
use std::net::Ipv4Addr;

/// Asks whoever may decide for an address.
pub fn seek(
    scene: &Scene<'_>,
    book: &mut Book,
    subnet: &Subnet,
    address: Ipv4Addr,
    wanted: Wanted,
) -> Action {
    let now = scene.arrival.now;
    let record = book.holdings.at(address);
    let attested = record.is_some_and(|record| record.attests(scene.client(), now));
    let pending = Pending {
        vlan: scene.vlan.id,
        subnet: subnet.id,
        address,
        life: scene.life(subnet),
        attested,
        wanted,
        request: scene.request.clone(),
        arrival: *scene.arrival,
    };
    let is_anothers =
        record.is_some_and(|last| !last.is_free_for(scene.client(), now, &subnet.terms));
    match book.contact {
        // What the rack gave alone the region may not have heard of, and would give to this client.
        Contact::Quorum
            if is_anothers
                && wanted == Wanted::AckForAnother
                && is_another_to_be_sought(scene, address) =>
        {
            Action::Send(Box::new(refusing(scene)))
        }
        Contact::Quorum if is_anothers => Action::Silent(Silence::NotServed),
        Contact::Quorum => Action::Commit(Box::new(pending)),
        Contact::CutOff | Contact::Distrusted => alone(scene, book, subnet, pending, now),
    }
}

/// Whether the client only takes an offer, of a rack this one stands in for, and has not got the address meanwhile as far as the
/// region told: with another one it is served at once, with this one when this rack's own record of it has run out.
fn is_another_to_be_sought(scene: &Scene<'_>, address: Ipv4Addr) -> bool {
    let lease = scene.vlan.leases.at(address);
    let has_it = lease.is_some_and(|lease| {
        lease.standing == Standing::Held && lease.client.as_ref() == Some(scene.client())
    });
    scene.request.takes_an_offer() && !has_it
}

/// Gives the address without the region, if the rack may. The record counts from now on: nobody else may be given the
/// address while the disk is at work.
fn alone(
    scene: &Scene<'_>,
    book: &mut Book,
    subnet: &Subnet,
    pending: Pending,
    now: RackTime,
) -> Action {
    let client = scene.client();
    let is_offered =
        book.offers.to(pending.address, now).is_some_and(|other| other.client != *client);
    let is_occupied = book.occupied.get(&pending.address, now).is_some();
    if is_offered || is_occupied || !scene.vlan.may_give(pending.address, client) {
        return Action::Silent(Silence::NotServed);
    }
    // Another DHCP server may have given it to somebody of whom nothing was told.
    if subnet.is_closed(pending.address)
        && !scene.request.claims_a_lease()
        && !has_it(scene, book, pending.address)
    {
        return Action::Silent(Silence::NoRight);
    }
    // What nobody has for good yet, only the region can give for good (rule R17).
    let last = book.holdings.at(pending.address).filter(|last| last.client == *client);
    if pending.wanted.tenure() > last.map(|last| last.tenure).unwrap_or_default() {
        return Action::Silent(Silence::NoRight);
    }
    let Some(life) = life_alone(book, subnet, pending.address, client, pending.life, now) else {
        return Action::Silent(Silence::NoRight);
    };
    let record = Record::acked_alone(book.holdings.at(pending.address), client, life, now);
    book.holdings.put(pending.address, record.clone());
    Action::Keep(Box::new(Kept { record, life, pending }))
}

/// The region has answered, or has not in time. An answer counts only if this process asked, its clock has been sound
/// since and the region was not restored since: whoever calls drops all others.
pub fn concluded(
    pending: &Pending,
    verdict: Verdict,
    now: RackTime,
    view: &View,
    book: &mut Book,
) -> Action {
    let Some((scene, subnet)) = setting(pending, view) else {
        return Action::Silent(Silence::UnknownNetwork);
    };
    match verdict {
        Verdict::Granted { number, sent, autonomy } => {
            let (client, life) = (scene.client().clone(), pending.life);
            let (tenure, wait_max) = (pending.wanted.tenure(), ANSWER_WAIT_MAX);
            let answer = Granted { client, life, tenure, autonomy, number, sent, wait_max };
            granted(pending, &answer, subnet, now, book)
        }
        Verdict::Refused(refusal) => refused(pending, refusal, &scene, now, book),
        Verdict::Unreachable => match book.contact {
            Contact::Quorum => Action::Silent(Silence::Unreachable),
            Contact::CutOff | Contact::Distrusted if is_timely(pending, now) => {
                alone(&scene, book, subnet, pending.clone(), now)
            }
            Contact::CutOff | Contact::Distrusted => Action::Silent(Silence::Late),
        },
    }
}

/// The record is on disk: the client may hear of it.
pub fn kept(kept: &Kept, now: RackTime, view: &View, book: &mut Book) -> Action {
    let Some((scene, subnet)) = setting(&kept.pending, view) else {
        return Action::Silent(Silence::UnknownNetwork);
    };
    // While the disk was at work the client may have got more, or the address may have become another's.
    if book.holdings.at(kept.pending.address) != Some(&kept.record) {
        return Action::Silent(Silence::Late);
    }
    acknowledge(kept, &scene, subnet, now, book)
}

/// The scene of a wish, as it is now.
fn setting<'a>(pending: &'a Pending, view: &'a View) -> Option<(Scene<'a>, &'a Subnet)> {
    let scene = Scene::of(&pending.request, &pending.arrival, view).ok()?;
    let subnet = scene.vlan.subnet_of(pending.address)?;
    (scene.vlan.id == pending.vlan && subnet.id == pending.subnet).then_some((scene, subnet))
}

fn is_timely(pending: &Pending, now: RackTime) -> bool {
    pending.arrival.received.until(now) <= ANSWER_WAIT_MAX
}

/// The region has committed it. That is written down before the client hears of it: in its block the rack alone knows
/// who has what, and after a restore of the region its records are all there is.
fn granted(
    pending: &Pending,
    answer: &Granted,
    subnet: &Subnet,
    now: RackTime,
    book: &mut Book,
) -> Action {
    if !is_to_be_acknowledged(pending, now, book) {
        return Action::Silent(Silence::Late);
    }
    let last = book.holdings.at(pending.address);
    let Some(record) = Record::committed(last, answer, now, &subnet.terms) else {
        return Action::Silent(Silence::Late);
    };
    book.holdings.put(pending.address, record.clone());
    book.refused.remove(&pending.address);
    Action::Keep(Box::new(Kept { record, life: pending.life, pending: pending.clone() }))
}

/// Whether the client still waits, and the clock that says so can be relied on (rules R1 and R12).
fn is_to_be_acknowledged(pending: &Pending, now: RackTime, book: &Book) -> bool {
    is_timely(pending, now) && book.contact != Contact::Distrusted
}

fn acknowledge(
    kept: &Kept,
    scene: &Scene<'_>,
    subnet: &Subnet,
    now: RackTime,
    book: &mut Book,
) -> Action {
    let pending = &kept.pending;
    if !is_to_be_acknowledged(pending, now, book) {
        return Action::Silent(Silence::Late);
    }
    let mut outgoing = match pending.wanted {
        Wanted::Ack | Wanted::RapidAck | Wanted::AckForAnother => {
            granting(scene, ReplyKind::Ack, subnet, pending.address, kept.life)
        }
        Wanted::BootReply => giving_for_good(scene, subnet, pending.address),
    };
    if pending.wanted == Wanted::RapidAck {
        outgoing.reply.options.insert(code::RAPID_COMMIT, Vec::new());
    }
    book.offers.withdraw(&scene.client_at());
    book.acked.put(pending.address, scene.client().clone(), now);
    Action::Send(Box::new(outgoing))
}

/// A refusal of the region is a refusal to the client only where nothing is taken from it (rule R13). Otherwise the client
/// asks again, and hears something else or somebody else.
fn refused(
    pending: &Pending,
    refusal: Refusal,
    scene: &Scene<'_>,
    now: RackTime,
    book: &mut Book,
) -> Action {
    book.refused.put(pending.address, scene.client().clone(), now);
    book.offers.withdraw(&scene.client_at());
    let is_told = match pending.wanted {
        Wanted::Ack => match weight(refusal) {
            Weight::Final | Weight::FinalHere => true,
            Weight::ForNow => pending.request.takes_an_offer(),
            Weight::None => false,
        },
        Wanted::AckForAnother => weight(refusal) == Weight::Final,
        // A client from before DHCP knows no refusal.
        Wanted::RapidAck | Wanted::BootReply => false,
    };
    if is_told && is_timely(pending, now) {
        Action::Send(Box::new(refusing(scene)))
    } else {
        Action::Silent(Silence::Refused(refusal))
    }
}

/// What a refusal of the region means for the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Weight {
    /// The address is another's for certain, and no rack can have given it to this client, alone or not.
    Final,
    /// The client has to let go of it, but a rack that is cut off may not have heard.
    FinalHere,
    /// It cannot have it soon: who only takes an offer begins anew at once, who may have the address is left in peace. In
    /// its own block, and after a restore, another rack may give it.
    ForNow,
    /// Nothing: it is about the rack.
    None,
}

const fn weight(refusal: Refusal) -> Weight {
    match refusal {
        Refusal::Owned { .. } | Refusal::Declined { .. } | Refusal::Reserved => Weight::Final,
        Refusal::Ended { .. } => Weight::FinalHere,
        Refusal::Resting { .. }
        | Refusal::InBlock { .. }
        | Refusal::Quarantined { .. }
        | Refusal::Closed { .. } => Weight::ForNow,
        Refusal::Outdated { .. }
        | Refusal::Late { .. }
        | Refusal::NotOwner
        | Refusal::RenewedSince { .. }
        | Refusal::NotDelegated
        | Refusal::NotGiven
        | Refusal::NotServing
        | Refusal::NoBlock
        | Refusal::NotAllTold
        | Refusal::TooManyDeclines { .. }
        | Refusal::Life => Weight::None,
    }
}
