//! What a rack agent hears of: packets, disk, region, wires, its clock, and that time passes.
//!
//! Everything the machine of [`duty`](crate::duty) knows of the world comes in through here. Nothing is read or waited
//! for in this file.

use crate::clock::mark::Mark;
use crate::dhcp::action::Found;
use crate::dhcp::arrival::Cast;
use crate::lease::rack_time::RackTime;
use crate::session::FromRegion;
use regent_core::model::dns_name::DomainName;
use std::collections::BTreeMap;
use std::net::Ipv4Addr;

/// A network interface, for as long as the process runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WireId(pub u32);

/// A write, by the order in which they are to be made durable.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WriteId(pub u64);

/// A trial of an address on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProbeId(pub u64);

/// A network interface that packets come in at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wire {
    /// Its id.
    pub id: WireId,
    /// How the system calls it.
    pub name: String,
    /// The rack's own addresses there, the preferred one first.
    pub addresses: Vec<WireAddress>,
}

/// An own address of the rack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WireAddress {
    /// The address.
    pub address: Ipv4Addr,
    /// Length of its prefix in bits.
    pub prefix: u8,
}

/// A packet from the wire: the payload of the UDP datagram and how it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    /// Where it came in.
    pub wire: WireId,
    /// The payload.
    pub bytes: Vec<u8>,
    /// The address it came from; unspecified if the client has none.
    pub source: Ipv4Addr,
    /// Whom it was sent to.
    pub cast: Cast,
    /// When the kernel took it from the wire.
    pub received: RackTime,
}

/// Something happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A packet came in.
    Heard(Box<Heard>),
    /// An address was tried.
    Tried {
        /// Which trial.
        id: ProbeId,
        /// What it found.
        found: Found,
    },
    /// This write is on disk and synced, and so is every one before it.
    Durable(WriteId),
    /// The region says something, or its session is over.
    Region(FromRegion),
    /// These are the interfaces now, and no others.
    Wires(Vec<Wire>),
    /// Names of servers stand for these addresses, and other names for none that are known.
    Names(BTreeMap<DomainName, Vec<Ipv4Addr>>),
    /// The machine stood still or was set back, or its clocks have parted: what was counted on them is in doubt (rule R12).
    /// With this event alone time may go back.
    ClockInDoubt,
    /// Another process has this rack's identity: what this one holds may be the other's to give, too.
    Rival,
    /// The clocks are in order and show this. Comes every second, and after [`ClockInDoubt`](Self::ClockInDoubt) at once.
    Clocks(Mark),
    /// Time has passed. Comes every 100 ms to 1 s, and at once where nothing else comes.
    Tick,
}
