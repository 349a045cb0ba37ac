//! What the rack itself remembers while it serves: what it holds, and the last minutes.

use crate::dhcp::holding::{Contact, Holdings};
use crate::dhcp::recent::bucket::Buckets;
use crate::dhcp::recent::decline::Declines;
use crate::dhcp::recent::left::LeftOnes;
use crate::dhcp::recent::memory::Memory;
use crate::dhcp::recent::newcomer::Newcomers;
use crate::dhcp::recent::offer::Offers;
use crate::dhcp::recent::sighting::Sightings;
use crate::dhcp::recent::sweep::Sweeps;
use crate::lease::rack_time::RackTime;
use regent_core::id::{SubnetId, VlanId};
use regent_core::lease::binding::Client;
use regent_core::lease::give_up::DECLINED_MILLIS;
use regent_core::time::Millis;
use std::collections::BTreeSet;
use std::net::Ipv4Addr;

/// How long after an acknowledgement its client may say that the address is in use (rule R15).
pub const DECLINE_SPAN: Millis = Millis::from_secs(60);
/// How long an address that was tried on the wire and found unused counts as that (rule R14).
pub const TRIED_SPAN: Millis = Millis::from_secs(30);
/// How long an address the region refused is not offered again.
pub const REFUSED_SPAN: Millis = Millis::from_secs(60);
/// Entries of each memory of addresses.
pub const ADDRESSES_MAX: usize = 16_384;

/// Something an operator should know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Alarm {
    /// A client got nothing because no address of the VLAN is free.
    NoAddress(VlanId),
    /// So many new clients at once that somebody may be making them up; not all were heard.
    Newcomers(VlanId),
    /// Clients or probes found more addresses in use than is believable.
    Declines(SubnetId),
}

/// What the rack remembers.
#[derive(Clone, Debug)]
pub struct Book {
    /// How it stands with the region.
    pub contact: Contact,
    /// What it acknowledged, and its blocks.
    pub holdings: Holdings,
    /// What it offered.
    pub offers: Offers,
    /// Exchanges seen.
    pub sightings: Sightings,
    /// Requests that name another rack, and when they were first heard.
    pub takings: Sightings,
    /// Requests left to another rack.
    pub left: LeftOnes,
    /// How often clients were heard.
    pub buckets: Buckets,
    /// Addresses declined.
    pub declines: Declines,
    /// New clients.
    pub newcomers: Newcomers,
    /// Acknowledgements that may still be declined.
    pub acked: Memory<Ipv4Addr, Client>,
    /// Addresses tried and found unused.
    pub tried: Memory<Ipv4Addr, ()>,
    /// Those of them that were tried before anybody asked, and that nobody was offered since, by VLAN.
    pub ready: Memory<(VlanId, Ipv4Addr), ()>,
    /// Addresses found in use.
    pub occupied: Memory<Ipv4Addr, ()>,
    /// Addresses the region refused, and to whom.
    pub refused: Memory<Ipv4Addr, Client>,
    /// Searches for a free address.
    pub sweeps: Sweeps,
    /// Alarms nobody has taken yet; at most some for each VLAN and subnet.
    pub alarms: BTreeSet<Alarm>,
}

impl Book {
    /// Addresses of a VLAN that wait for a client, tried. There are a few at most, however many were offered of late.
    pub fn ready_on(&self, vlan: VlanId, now: RackTime) -> impl Iterator<Item = Ipv4Addr> {
        let of_vlan = (vlan, Ipv4Addr::UNSPECIFIED)..=(vlan, Ipv4Addr::BROADCAST);
        let ready = self.ready.keys_within(of_vlan, now).map(|(_, address)| *address);
        ready.filter(move |address| self.tried.get(address, now).is_some())
    }

    /// An empty book.
    #[must_use]
    pub fn new(contact: Contact) -> Self {
        Self {
            contact,
            holdings: Holdings::default(),
            offers: Offers::default(),
            sightings: Sightings::default(),
            takings: Sightings::default(),
            left: LeftOnes::default(),
            buckets: Buckets::default(),
            declines: Declines::default(),
            newcomers: Newcomers::default(),
            acked: Memory::new(ADDRESSES_MAX, DECLINE_SPAN),
            tried: Memory::new(ADDRESSES_MAX, TRIED_SPAN),
            ready: Memory::new(ADDRESSES_MAX, TRIED_SPAN),
            occupied: Memory::new(ADDRESSES_MAX, DECLINED_MILLIS),
            refused: Memory::new(ADDRESSES_MAX, REFUSED_SPAN),
            sweeps: Sweeps::default(),
            alarms: BTreeSet::new(),
        }
    }
}
