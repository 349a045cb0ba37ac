//! The wire between clients and racks: packets are late, some are lost, and it may fall apart into one part a rack.

use crate::chance::Chance;
use crate::rack::site::address_of;
use crate::trace::Trace;
use regent_rack_agent::dhcp::arrival::Cast;
use std::cell::{Cell, RefCell};
use std::fmt::Debug;
use std::net::Ipv4Addr;
use std::rc::Rc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::sleep;

/// Packets that wait to be read; what comes beyond that is lost.
const PACKETS_MAX: usize = 64;
/// Packets lost, of a hundred.
const LOSS_PERCENT: u8 = 2;
/// What a packet takes, in microseconds.
const TAKES_US: (u64, u64) = (50, 3_000);

/// A packet of a client.
#[derive(Clone, Debug)]
pub struct Packet {
    /// The payload.
    pub bytes: Vec<u8>,
    /// The client's address, if it uses one.
    pub source: Ipv4Addr,
    /// The rack it is for; all that it reaches if none.
    pub to: Option<Ipv4Addr>,
}

impl Packet {
    /// Whom it was sent to.
    #[must_use]
    pub const fn cast(&self) -> Cast {
        match self.to {
            Some(_) => Cast::Unicast,
            None => Cast::Broadcast,
        }
    }
}

/// The wire; clones are the same.
#[derive(Clone)]
pub struct Lan(Rc<Inner>);

struct Inner {
    /// In the order of their places.
    racks: Vec<mpsc::Sender<Packet>>,
    /// In the order of their numbers.
    tenants: Vec<mpsc::Sender<Vec<u8>>>,
    /// How many faults have it fall apart.
    splits: Cell<u32>,
    chance: RefCell<Chance>,
    trace: Trace,
}

/// What comes in at each place.
pub struct Inboxes {
    /// At racks.
    pub racks: Vec<mpsc::Receiver<Packet>>,
    /// At clients.
    pub tenants: Vec<mpsc::Receiver<Vec<u8>>>,
}

impl Lan {
    /// A wire with so many racks and clients.
    #[must_use]
    pub fn new(racks: u8, tenants: u8, chance: Chance, trace: Trace) -> (Self, Inboxes) {
        let (at_racks, racks) = (0..racks).map(|_| mpsc::channel(PACKETS_MAX)).unzip();
        let (at_tenants, tenants) = (0..tenants).map(|_| mpsc::channel(PACKETS_MAX)).unzip();
        let (splits, chance) = (Cell::new(0), RefCell::new(chance));
        let inner = Inner { racks: at_racks, tenants: at_tenants, splits, chance, trace };
        (Self(Rc::new(inner)), Inboxes { racks, tenants })
    }

    /// Sends what a client says.
    pub fn to_racks(&self, tenant: u8, packet: &Packet) {
        for (place, inbox) in (0..).zip(&self.0.racks) {
            let is_for = packet.to.is_none_or(|to| to == address_of(place));
            if is_for && self.reach(place, tenant) {
                self.carry(inbox, packet.clone(), &format!("t{tenant} to rack {place}"));
            }
        }
    }

    /// Sends what a rack says to a client.
    pub fn to_tenant(&self, place: u8, tenant: u8, bytes: Vec<u8>) {
        let inbox = self.0.tenants.get(usize::from(tenant));
        if let Some(inbox) = inbox.filter(|_| self.reach(place, tenant)) {
            self.carry(inbox, bytes, &format!("rack {place} to t{tenant}"));
        }
    }

    /// Has it fall apart until it is [joined](Self::join), as often as this is called.
    pub fn split(&self) {
        self.0.splits.update(|splits| splits + 1);
    }

    /// Takes that back once.
    pub fn join(&self) {
        self.0.splits.update(|splits| splits.saturating_sub(1));
    }

    fn reach(&self, place: u8, tenant: u8) -> bool {
        let racks = u8::try_from(self.0.racks.len()).unwrap_or(u8::MAX).max(1);
        self.0.splits.get() == 0 || tenant % racks == place
    }

    fn carry<T: Debug + 'static>(&self, inbox: &mpsc::Sender<T>, packet: T, what: &str) {
        let (is_lost, takes) = {
            let mut chance = self.0.chance.borrow_mut();
            (chance.percent(LOSS_PERCENT), chance.within(TAKES_US.0..=TAKES_US.1))
        };
        self.0.trace.note(what, format!("{packet:?}").as_bytes());
        if is_lost {
            return;
        }
        let inbox = inbox.clone();
        tokio::task::spawn_local(async move {
            sleep(Duration::from_micros(takes)).await;
            // A full queue loses it, as a socket's does.
            drop(inbox.try_send(packet));
        });
    }
}
