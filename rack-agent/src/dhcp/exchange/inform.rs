//! A client that has an address wants the rest (RFC 2131 section 4.3.5, rule R17). Nothing is remembered of it.

use crate::dhcp::action::{Action, Destination, Outgoing, Silence};
use crate::dhcp::book::Book;
use crate::dhcp::exchange::compose::informing;
use crate::dhcp::exchange::scene::Scene;
use crate::dhcp::exchange::turn::is_ours;
use crate::dhcp::message::reply::ReplyKind;

/// Answers INFORM, to the address the client has.
pub fn answer(scene: &Scene<'_>, book: &mut Book) -> Action {
    let Some(ciaddr) = scene.request.ciaddr else {
        return Action::Silent(Silence::Contradiction);
    };
    let Some(subnet) = scene.vlan.subnet_of(ciaddr) else {
        return Action::Silent(Silence::UnknownNetwork);
    };
    if !scene.comes_from(ciaddr) {
        return Action::Silent(Silence::Contradiction);
    }
    if !scene.is_to_us_alone() && !is_ours(scene, book) {
        return Action::Silent(Silence::OtherServer);
    }
    let reply = informing(scene, ReplyKind::Ack, subnet);
    Action::Send(Box::new(Outgoing { reply, to: Destination::Client(ciaddr) }))
}
