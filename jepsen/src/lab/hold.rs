//! Which client held which address when, by what the clients themselves saw, and whether two held one at the same time.

use crate::lab::client_event::{ClientEvent, Happening};
use std::net::Ipv4Addr;
use std::time::Duration;

/// A client has an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    /// Who.
    pub client: String,
    /// What.
    pub address: Ipv4Addr,
    /// Since when, since 1970.
    pub from: Duration,
    /// Until when: it ran out, or the client gave it up.
    pub until: Duration,
}

/// What a client held, by its events in order.
#[must_use]
pub fn holds(client: &str, events: &[ClientEvent]) -> Vec<Hold> {
    let mut holds: Vec<Hold> = Vec::new();
    for event in events {
        // Whatever it hears ends what it had; to go on is to have it anew.
        if let Some(last) = holds.last_mut().filter(|last| last.until > event.at)
            && event.what != Happening::Failed
        {
            last.until = event.at;
        }
        let Some((address, life)) = event.address.zip(event.life) else { continue };
        let (from, until) = (event.at, event.at + life);
        holds.push(Hold { client: client.to_owned(), address, from, until });
    }
    holds
}

/// Pairs of holds of one address by two clients at the same time.
#[must_use]
pub fn overlaps(mut holds: Vec<Hold>) -> Vec<(Hold, Hold)> {
    holds.sort_by_key(|hold| (hold.address, hold.from));
    let mut overlaps = Vec::new();
    let mut latest: Option<&Hold> = None;
    for hold in &holds {
        let before = latest.filter(|before| before.address == hold.address);
        if let Some(before) = before.filter(|before| before.until > hold.from)
            && before.client != hold.client
        {
            overlaps.push((before.clone(), hold.clone()));
        }
        if before.is_none_or(|before| before.until <= hold.until) {
            latest = Some(hold);
        }
    }
    overlaps
}

#[cfg(test)]
mod tests {
    use super::{Hold, holds, overlaps};
    use crate::lab::client_event::ClientEvent;
    use std::time::Duration;

    fn events(lines: &[&str]) -> Vec<ClientEvent> {
        lines.iter().map(|line| line.parse().unwrap()).collect()
    }

    fn hold(client: &str, last: u8, from: u64, until: u64) -> Hold {
        let (from, until) = (Duration::from_secs(from), Duration::from_secs(until));
        Hold { client: client.into(), address: [10, 0, 0, last].into(), from, until }
    }

    #[test]
    fn hold_ends_with_its_lease_or_with_what_the_client_hears_next() {
        let events = events(&[
            "100.0 bound 10.0.0.9 60 10.0.0.2 - -",
            "130.0 renewed 10.0.0.9 60 10.0.0.2 - -",
            "140.0 failed - - - - -",
            "150.0 lost - - - - -",
            "200.0 bound 10.0.0.7 60 10.0.0.2 - -",
        ]);
        let held = [hold("a", 9, 100, 130), hold("a", 9, 130, 150), hold("a", 7, 200, 260)];
        assert_eq!(holds("a", &events), held);
    }

    #[test]
    fn two_clients_with_one_address_at_once_are_found_also_behind_a_shorter_hold() {
        let apart = vec![hold("a", 9, 0, 10), hold("b", 9, 10, 20), hold("c", 8, 0, 20)];
        assert!(overlaps(apart).is_empty());
        let own = vec![hold("a", 9, 0, 10), hold("a", 9, 5, 20)];
        assert!(overlaps(own).is_empty());
        let long = vec![hold("a", 9, 0, 100), hold("a", 9, 5, 8), hold("b", 9, 50, 60)];
        assert_eq!(overlaps(long).len(), 1);
    }
}
