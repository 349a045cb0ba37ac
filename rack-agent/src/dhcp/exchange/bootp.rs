//! A client from before DHCP (RFC 951, RFC 1534, rule R17): it gets an address only if one is kept for it, and for good.

use crate::dhcp::action::{Action, Silence, Wanted};
use crate::dhcp::book::Book;
use crate::dhcp::exchange::grant::seek;
use crate::dhcp::exchange::scene::Scene;
use crate::dhcp::exchange::turn::is_ours;

/// Answers BOOTREQUEST without a message type.
pub fn answer(scene: &Scene<'_>, book: &mut Book) -> Action {
    let (vlan, client) = (scene.vlan, scene.client());
    let mut kept =
        vlan.hosts.addresses_of(client).filter(|address| vlan.may_give(*address, client));
    let Some(address) = kept.next() else { return Action::Silent(Silence::UnknownClient) };
    if !is_ours(scene, book) {
        return Action::Silent(Silence::OtherServer);
    }
    let Some(subnet) = vlan.subnet_of(address) else {
        return Action::Silent(Silence::NotServed);
    };
    seek(scene, book, subnet, address, Wanted::Bootp)
}
