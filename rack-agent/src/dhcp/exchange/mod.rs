//! From a request to an action (RFC 2131 section 4.3, rules R1 to R18).
//!
//! [`answer`] is the way in. Where more has to be known first, the action says so, and the way on is
//! [`grant::concluded`] (the region has answered), [`grant::kept`] (the disk has) or [`discover::tried`] (the wire has).
//! What was left to another rack comes back in [`overdue`], unless somebody has answered.

pub mod acquire;
pub mod ahead;
pub mod alone;
pub mod boot_step;
pub mod bootp;
pub mod candidate;
pub mod choose;
pub mod compose;
pub mod conflict;
pub mod discover;
pub mod give_back;
pub mod grant;
pub mod inform;
pub mod newcomer;
pub mod part;
pub mod scene;
pub mod search;
pub mod turn;

use crate::dhcp::action::{Action, Silence};
use crate::dhcp::arrival::Arrival;
use crate::dhcp::book::Book;
use crate::dhcp::exchange::scene::{Hearing, Scene};
use crate::dhcp::exchange::turn::wait_for_others;
use crate::dhcp::message::request::{Kind, Request};
use crate::dhcp::recent::left::Left;
use crate::dhcp::view::site::View;
use crate::lease::rack_time::RackTime;
use regent_core::time::Millis;

/// A request that waited longer than this to be read is not answered: its client asks again (rule R12).
pub const REQUEST_MILLIS_MAX: Millis = Millis::from_secs(2);

/// What is to be done about a request.
#[must_use]
pub fn answer(request: &Request, arrival: &Arrival, view: &View, book: &mut Book) -> Action {
    if arrival.age() > REQUEST_MILLIS_MAX {
        return Action::Silent(Silence::Late);
    }
    let scene = match Scene::of(request, arrival, view) {
        Ok(scene) => scene,
        Err(silence) => return Action::Silent(silence),
    };
    if !book.buckets.admit(&scene.client_at(), arrival.now) {
        return Action::Silent(Silence::TooOften);
    }
    book.left.forget(&scene.client_at());
    let action = answer_scene(&scene, book);
    if action == Action::Silent(Silence::Left) {
        let (wait, server_id) = (wait_for_others(&scene), scene.vlan.server_id);
        let left = Left { request: request.clone(), arrival: *arrival, server_id, wait };
        book.left.put(scene.client_at(), left);
    }
    action
}

/// What is to be done about a request that was left to another rack and is overdue. The view is that of where it came in.
#[must_use]
pub fn overdue(left: Left, now: RackTime, view: &View, book: &mut Book) -> Action {
    let Left { request, arrival, server_id: _, wait: _ } = left;
    let arrival = Arrival { now, ..arrival };
    match Scene::of(&request, &arrival, view) {
        Ok(scene) => answer_scene(&Scene { hearing: Hearing::Overdue, ..scene }, book),
        Err(silence) => Action::Silent(silence),
    }
}

fn answer_scene(scene: &Scene<'_>, book: &mut Book) -> Action {
    match scene.request.kind {
        Kind::Discover => discover::answer(scene, book),
        Kind::Request => acquire::answer(scene, book),
        Kind::Decline => give_back::decline(scene, book),
        Kind::Release => give_back::release(scene, book),
        Kind::Inform => inform::answer(scene, book),
        Kind::Bootp => bootp::answer(scene, book),
    }
}
