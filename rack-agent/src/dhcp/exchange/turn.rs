//! Which rack answers a client that has not chosen one (rule R11). No safety rests on it: whoever answers asks the
//! region first.

use crate::dhcp::book::Book;
use crate::dhcp::exchange::scene::{Hearing, Scene};
use regent_core::rack_view::vlan::Role;
use regent_core::time::Millis;

/// A client that has asked for so many seconds by its own count is answered by every rack.
pub const PATIENCE_SECS: u16 = 2;
/// So is one that was first seen here so long ago.
pub const PATIENCE: Millis = Millis(1500);

/// Whether this rack answers. Remembers that it saw the exchange.
pub fn is_ours(scene: &Scene<'_>, book: &mut Book) -> bool {
    match scene.hearing {
        Hearing::First => is_ours_first(scene, book),
        Hearing::Overdue => true,
    }
}

fn is_ours_first(scene: &Scene<'_>, book: &mut Book) -> bool {
    let request = scene.request;
    let received = scene.arrival.received;
    let first_seen = book.sightings.see(request.xid, &scene.client_at(), received);
    match scene.vlan.role {
        Role::Primary => true,
        Role::Secondary => {
            request.secs >= PATIENCE_SECS
                || first_seen.until(received) >= PATIENCE
                || is_primary_missing(scene)
                || scene.vlan.shares.holds(&request.client)
        }
    }
}

fn is_primary_missing(scene: &Scene<'_>) -> bool {
    let mut primaries =
        scene.vlan.peers.iter().filter(|peer| peer.role == Role::Primary).peekable();
    primaries.peek().is_some() && primaries.all(|peer| peer.is_missing())
}
