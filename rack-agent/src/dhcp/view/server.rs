//! The racks of a VLAN, as one of them sees them (rule R11).

use regent_core::lease::binding::Client;
use regent_core::rack_view::vlan::Share;
use std::net::Ipv4Addr;
use std::ops::Range;

/// After so many missed heartbeats, one a second, others stand in for a rack.
pub const MISSED_HEARTBEATS_MAX: u32 = 3;
/// Number of shares clients fall into (RFC 3074).
pub const SHARES: usize = 256;

/// Another rack of the VLAN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer {
    /// Its address, which its replies carry as server identifier.
    pub server_id: Ipv4Addr,
    /// How many racks come before it: none before the primary.
    pub place: u32,
    /// How many heartbeats in a row the region has missed from it. A hint: no safety rests on it.
    pub missed_heartbeats: u32,
}

impl Peer {
    /// Whether others stand in for it.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        self.missed_heartbeats >= MISSED_HEARTBEATS_MAX
    }
}

/// Which part of the clients a rack answers at once though it is not the primary, and which part of the free addresses it
/// looks at first: racks do not hear of each other's offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shares {
    places: u32,
    place: u32,
}

impl Shares {
    /// No client, and no part of its own.
    pub const NONE: Self = Self::every(0, 0);

    /// The shares that are `place` modulo `places`; none of them if there are no places.
    #[must_use]
    pub const fn every(places: u32, place: u32) -> Self {
        Self { places, place }
    }

    /// The shares the region gave the rack.
    #[must_use]
    pub const fn of(share: Share) -> Self {
        Self::every(share.places, share.place)
    }

    /// Whether a client falls into one of them.
    #[must_use]
    pub fn holds(&self, client: &Client) -> bool {
        u32::from(share_of(client)).checked_rem(self.places) == Some(self.place)
    }

    /// Which of so many addresses are the rack's part: all of them if it has no share.
    #[must_use]
    pub fn part_of(&self, count: u128) -> Range<u128> {
        let (places, place) = match self.places {
            0 => (1, 0),
            places => (places.into(), self.place.min(places).into()),
        };
        let border = |place: u128| count.saturating_mul(place) / places;
        border(place)..border((place + 1).min(places))
    }
}

/// The share of a client: the hash of RFC 3074 section 6 over its hardware address, or its identifier if it has none.
#[must_use]
pub fn share_of(client: &Client) -> u8 {
    let key = match client {
        Client::Card(card) => card.0.as_slice(),
        Client::Identifier(identifier) => identifier,
    };
    let length = u8::try_from(key.len()).unwrap_or(u8::MAX);
    key.iter().rev().fold(length, |hash, octet| MIXED[usize::from(hash ^ octet)])
}

/// The mixing table of RFC 3074: every number once.
#[rustfmt::skip]
const MIXED: [u8; SHARES] = [
    251, 175, 119, 215, 81, 14, 79, 191, 103, 49, 181, 143, 186, 157, 0, 232,
    31, 32, 55, 60, 152, 58, 17, 237, 174, 70, 160, 144, 220, 90, 57, 223,
    59, 3, 18, 140, 111, 166, 203, 196, 134, 243, 124, 95, 222, 179, 197, 65,
    180, 48, 36, 15, 107, 46, 233, 130, 165, 30, 123, 161, 209, 23, 97, 16,
    40, 91, 219, 61, 100, 10, 210, 109, 250, 127, 22, 138, 29, 108, 244, 67,
    207, 9, 178, 204, 74, 98, 126, 249, 167, 116, 34, 77, 193, 200, 121, 5,
    20, 113, 71, 35, 128, 13, 182, 94, 25, 226, 227, 199, 75, 27, 41, 245,
    230, 224, 43, 225, 177, 26, 155, 150, 212, 142, 218, 115, 241, 73, 88, 105,
    39, 114, 62, 255, 192, 201, 145, 214, 168, 158, 221, 148, 154, 122, 12, 84,
    82, 163, 44, 139, 228, 236, 205, 242, 217, 11, 187, 146, 159, 64, 86, 239,
    195, 42, 106, 198, 118, 112, 184, 172, 87, 2, 173, 117, 176, 229, 247, 253,
    137, 185, 99, 164, 102, 147, 45, 66, 231, 52, 141, 211, 194, 206, 246, 238,
    56, 110, 78, 248, 63, 240, 189, 93, 92, 51, 53, 183, 19, 171, 72, 50,
    33, 104, 101, 69, 8, 252, 83, 120, 76, 135, 85, 54, 202, 125, 188, 213,
    96, 235, 136, 208, 162, 129, 190, 132, 156, 38, 47, 1, 7, 254, 24, 4,
    216, 131, 89, 21, 28, 133, 37, 153, 149, 80, 170, 68, 6, 169, 234, 151,
];

#[cfg(test)]
mod tests {
    use super::{MIXED, SHARES, Shares, share_of};
    use regent_core::lease::binding::Client;
    use regent_core::net::mac::MacAddr;
    use std::collections::BTreeSet;

    #[test]
    fn the_mixing_table_has_every_number_once() {
        assert_eq!(MIXED.iter().collect::<BTreeSet<_>>().len(), SHARES);
    }

    #[test]
    fn every_client_is_in_the_share_of_exactly_one_of_three_racks() {
        let racks = [0, 1, 2].map(|place| Shares::every(3, place));
        for last in 0..=u8::MAX {
            let client = Client::Card(MacAddr([2, 0, 0, 0, 9, last]));
            let holders = racks.iter().filter(|shares| shares.holds(&client)).count();
            assert_eq!(holders, 1, "share {}", share_of(&client));
        }
        assert!(!Shares::NONE.holds(&Client::Card(MacAddr([2, 0, 0, 0, 9, 0]))));
    }
}
