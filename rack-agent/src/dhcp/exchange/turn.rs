//! Which rack answers a client that has not chosen one (rule R11). No safety rests on it: whoever answers asks the
//! region first.
//!
//! The first rack that is not missing answers at once, and so does the one whose share the client is. The next one waits
//! a while for them, all others twice as long.

use crate::dhcp::book::Book;
use crate::dhcp::exchange::scene::{Hearing, Scene};
use crate::dhcp::recent::left::LEFT_MILLIS;
use regent_core::time::Millis;

/// So long by a client's own count each rack waits for those before it.
pub const PATIENCE_SECS: u16 = 2;
/// And so long from when it saw the exchange first.
pub const PATIENCE: Millis = Millis(1500);
/// However many racks come before one, it waits for no more than so many.
pub const RACKS_WAITED_FOR_MAX: u16 = 2;

/// Whether this rack answers. Remembers that it saw the exchange.
pub fn is_ours(scene: &Scene<'_>, book: &mut Book) -> bool {
    match scene.hearing {
        Hearing::First => is_ours_first(scene, book),
        Hearing::Overdue => true,
    }
}

/// How long this rack leaves a request to another one that does not answer: racks that come before this one, but for that
/// other one, stand in first. Else each would commit, and the client would give back its lease to one that has not got it.
#[must_use]
pub fn wait_for_others(scene: &Scene<'_>) -> Millis {
    let vlan = scene.vlan;
    let is_asked_ahead = |server| {
        let mut ahead = vlan.peers.iter().filter(|peer| peer.place < vlan.place);
        ahead.any(|peer| peer.server_id == server && !peer.is_missing())
    };
    // Who has not chosen is left to the first.
    let asked = scene.request.server_id.is_none_or(is_asked_ahead);
    let others = vlan.racks_ahead().saturating_sub(asked.into());
    let turns = (u64::from(others) + 1).min(RACKS_WAITED_FOR_MAX.into());
    Millis(LEFT_MILLIS.0 * turns)
}

fn is_ours_first(scene: &Scene<'_>, book: &mut Book) -> bool {
    let request = scene.request;
    let received = scene.arrival.received;
    let first_seen = book.sightings.see(request.xid, &scene.client_at(), received);
    let waits_for = racks_waited_for(scene);
    scene.vlan.shares.holds(&request.client)
        || request.secs >= PATIENCE_SECS * waits_for
        || first_seen.until(received) >= Millis(PATIENCE.0 * u64::from(waits_for))
}

fn racks_waited_for(scene: &Scene<'_>) -> u16 {
    let ahead = scene.vlan.racks_ahead().min(RACKS_WAITED_FOR_MAX.into());
    u16::try_from(ahead).unwrap_or(RACKS_WAITED_FOR_MAX)
}
