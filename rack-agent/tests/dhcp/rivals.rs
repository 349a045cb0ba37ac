//! Two racks that answer on one VLAN without hearing of each other's offers seldom offer one address to two clients.

use crate::packet::{Packet, ip};
use crate::rack::{ACK, NAK, OURS, PEER, Rack, pending, reading};
use regent_core::lease::refusal::Refusal;
use regent_core::rack_view::lease::Standing;
use regent_core::rack_view::vlan::{Probing, Share};
use regent_core::time::ClusterTime;
use regent_rack_agent::dhcp::action::{Action, Found, Verdict};
use regent_rack_agent::dhcp::exchange::ahead::{addresses_to_try, tried_ahead};
use regent_rack_agent::dhcp::view::server::Shares;
use std::collections::BTreeMap;
use std::net::Ipv4Addr;

const NEWCOMERS: u8 = 200;
/// The primary offers something to each of them, and has half of this to itself: they fit.
const ROOM: u32 = 500;
/// In this it does not.
const CROWDED: u32 = 250;
const BETWEEN_CLIENTS_MILLIS: u64 = 10;
/// Where the last three octets of a card stand in a packet.
const CARD_TAIL: usize = 31;

/// The client's card is like no other's: those of one maker would be strewn too well.
fn of_any_card(packet: Packet, number: u8) -> Packet {
    let [tail @ .., _] = (u32::from(number) + 1).wrapping_mul(0x9E37_79B9).to_be_bytes();
    packet.field(CARD_TAIL, &tail)
}

/// Two racks of one VLAN, and the region's table of who has what, which neither has been told of yet.
struct Rivals {
    racks: [Rack; 2],
    owners: BTreeMap<Ipv4Addr, u8>,
}

impl Rivals {
    /// The primary and the secondary, with so many addresses.
    fn with_addresses(count: u32) -> Self {
        let mut racks = [Rack::primary(), Rack::secondary()];
        let last = Ipv4Addr::from_bits(ip("10.0.1.0").to_bits() + count - 1);
        for (place, rack) in racks.iter_mut().enumerate() {
            rack.own_subnet().cidr = "10.0.0.0/16".parse().unwrap();
            rack.own_subnet().ranges = vec![format!("10.0.1.0-{last}").parse().unwrap()];
            let place = u32::try_from(place).unwrap();
            rack.own().shares = Shares::of(Share { place, places: 2 });
        }
        racks[1].own().server_id = ip(PEER);
        racks[1].own().peers[0].server_id = ip(OURS);
        Self { racks, owners: BTreeMap::new() }
    }

    /// Both try addresses ahead, at the same moment.
    fn try_ahead(&mut self) {
        for rack in &mut self.racks {
            rack.own().probing = Probing::On;
            let vlan = rack.own().clone();
            for address in addresses_to_try(&vlan, &rack.book, rack.now) {
                tried_ahead(&vlan, address, Found::Nobody, rack.now, &mut rack.book);
            }
        }
    }

    /// What a rack offers, if anything.
    fn offered(&mut self, rack: usize, number: u8) -> Option<Ipv4Addr> {
        let rack = &mut self.racks[rack];
        match rack.hears(&of_any_card(Packet::discover(number), number)) {
            Action::Send(offer) => Some(offer.reply.yiaddr),
            Action::Probe(trial) => {
                Some(reading(rack.tries(&trial, Found::Nobody)).message.yiaddr())
            }
            _ => None,
        }
    }

    /// A client looks for servers and takes one of the offers: of two, clients with odd numbers like the second better.
    fn chosen(&mut self, number: u8) -> (usize, Ipv4Addr) {
        let offers = [0, 1].map(|rack| self.offered(rack, number).map(|address| (rack, address)));
        let liked = usize::from(number % 2);
        offers[liked].or(offers[1 - liked]).unwrap()
    }

    /// The client asks for what it has chosen. Returns the type of the reply.
    fn asked(&mut self, number: u8, (rack, address): (usize, Ipv4Addr)) -> u8 {
        let packet = Packet::selecting(number, [OURS, PEER][rack], &address.to_string());
        let packet = of_any_card(packet, number);
        self.racks[1 - rack].hears(&packet);
        let rack = &mut self.racks[rack];
        let asking = rack.hears(&packet);
        if *self.owners.entry(address).or_insert(number) == number {
            return rack.commits(asking).kind();
        }
        let refused = Verdict::Refused(Refusal::Owned { until: ClusterTime(1) });
        reading(rack.concludes(&pending(asking), refused)).kind()
    }

    /// These look for servers, then ask. Returns who was refused; what the others have the racks are told then.
    fn refused(&mut self, clients: impl Iterator<Item = u8>) -> Vec<u8> {
        let chosen: Vec<_> = clients
            .map(|number| {
                self.racks.iter_mut().for_each(|rack| rack.passes(BETWEEN_CLIENTS_MILLIS));
                (number, self.chosen(number))
            })
            .collect();
        let replies: Vec<_> = chosen
            .into_iter()
            .map(|(number, chosen)| (number, self.asked(number, chosen)))
            .collect();
        assert!(replies.iter().all(|(_, kind)| [ACK, NAK].contains(kind)));
        for (address, owner) in &self.owners {
            for rack in &mut self.racks {
                rack.learns(&address.to_string(), *owner, Standing::Held);
            }
        }
        replies.into_iter().filter(|(_, kind)| *kind == NAK).map(|(number, _)| number).collect()
    }
}

#[test]
fn newcomers_are_refused_nothing_while_each_rack_has_room_in_its_part() {
    let mut rivals = Rivals::with_addresses(ROOM);
    assert_eq!(rivals.refused(0..NEWCOMERS), Vec::<u8>::new());
}

#[test]
fn addresses_tried_ahead_by_two_racks_at_one_moment_are_not_the_same() {
    let mut rivals = Rivals::with_addresses(ROOM);
    rivals.try_ahead();
    assert_eq!(rivals.refused(0..NEWCOMERS), Vec::<u8>::new());
}

#[test]
fn newcomers_that_just_fit_all_get_an_address_and_few_are_refused_one_first() {
    let mut rivals = Rivals::with_addresses(CROWDED);
    let refused = rivals.refused(0..NEWCOMERS);
    assert!(refused.len() <= usize::from(NEWCOMERS) / 10, "{}", refused.len());
    let again = rivals.refused(refused.into_iter());
    assert!(again.len() <= 1, "{}", again.len());
    assert_eq!(rivals.refused(again.into_iter()), Vec::<u8>::new());
    assert_eq!(rivals.owners.len(), usize::from(NEWCOMERS));
}
