//! A DHCP client that is only simulated, for demonstrations and measurements: what it says next, and what it makes of
//! replies. Whoever uses it sends, waits and tries again.
//!
//! It may speak as if through a relay, so that one process can be any number of clients of whatever network.

use crate::dhcp::message::code;
use crate::dhcp::message::options::{OPTIONS_AT, Options};
use regent_core::net::mac::MacAddr;
use regent_core::time::Millis;
use std::net::Ipv4Addr;
use std::time::Duration;

const BOOTREQUEST: u8 = 1;
const BOOTREPLY: u8 = 2;
const ETHERNET: u8 = 1;
const COOKIE: [u8; 4] = [99, 130, 83, 99];
const DISCOVER: u8 = 1;
const OFFER: u8 = 2;
const REQUEST: u8 = 3;
const ACK: u8 = 5;
const NAK: u8 = 6;
const RELEASE: u8 = 7;

/// A client.
#[derive(Clone, Debug)]
pub struct SimulatedClient {
    card: MacAddr,
    hostname: String,
    relay: Ipv4Addr,
    /// For how long it asks for an address.
    wish: Option<Duration>,
    xid: u32,
    stage: Stage,
}

/// How far it is (RFC 2131 figure 5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// It looks for servers.
    Selecting,
    /// It takes the offer of one.
    Requesting { address: Ipv4Addr, server: Ipv4Addr },
    /// It has an address.
    Bound(Hold),
    /// It wants to keep it.
    Renewing(Hold),
    /// It had this before it booted, and asks whether it may have it still.
    Rebooting(Hold),
}

/// An address it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hold {
    /// The address.
    pub address: Ipv4Addr,
    /// For how long from the request on.
    pub life: Millis,
    /// The server that gave it.
    pub server: Ipv4Addr,
}

/// What a reply meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// Nothing: it is no answer to what was said last.
    Nothing,
    /// An offer: there is something to say at once.
    Offer,
    /// An address, new or for longer.
    Address(Hold),
    /// A refusal: it begins anew.
    Refusal,
}

impl SimulatedClient {
    /// A client with this card that calls itself so, on the network of a relay with this address; without a relay if that is
    /// unspecified.
    #[must_use]
    pub const fn new(card: MacAddr, hostname: String, relay: Ipv4Addr) -> Self {
        Self { card, hostname, relay, wish: None, xid: 0, stage: Stage::Selecting }
    }

    /// The same, asking for an address for so long, in whole seconds.
    #[must_use]
    pub fn wishing(self, wish: Duration) -> Self {
        Self { wish: Some(wish), ..self }
    }

    /// Begins a new exchange under this number: for more time if it has an address, else for one.
    pub const fn begin(&mut self, xid: u32) {
        self.xid = xid;
        self.stage = match self.stage {
            Stage::Selecting | Stage::Requesting { .. } => Stage::Selecting,
            Stage::Bound(hold) | Stage::Renewing(hold) => Stage::Renewing(hold),
            Stage::Rebooting(hold) => Stage::Rebooting(hold),
        };
    }

    /// It boots. It does not use the address it had until it is told that it may (RFC 2131 section 3.2); `had` is that
    /// address, if it remembers one.
    pub fn reboot(&mut self, had: Option<Hold>) {
        self.stage = had.map_or(Stage::Selecting, Stage::Rebooting);
    }

    /// Gives back the address it has. What it says then, to the server that gave it.
    #[must_use]
    pub fn release(&mut self) -> Option<Vec<u8>> {
        let hold = self.hold()?;
        self.forget();
        let server = vec![(code::SERVER_ID, hold.server)];
        Some(self.bytes(RELEASE, 0, Some(hold.address), server))
    }

    /// Forgets the address it had: it ran out.
    pub const fn forget(&mut self) {
        self.stage = Stage::Selecting;
    }

    /// The address it has.
    #[must_use]
    pub const fn hold(&self) -> Option<Hold> {
        match self.stage {
            Stage::Bound(hold) | Stage::Renewing(hold) => Some(hold),
            Stage::Selecting | Stage::Requesting { .. } | Stage::Rebooting(_) => None,
        }
    }

    /// What it says now, having asked for so many seconds already. Nothing if it has what it wants.
    #[must_use]
    pub fn message(&self, secs: u16) -> Option<Vec<u8>> {
        let (kind, held, options) = match self.stage {
            Stage::Selecting => (DISCOVER, None, Vec::new()),
            Stage::Requesting { address, server } => {
                let options = vec![(code::REQUESTED_ADDRESS, address), (code::SERVER_ID, server)];
                (REQUEST, None, options)
            }
            Stage::Renewing(hold) => (REQUEST, Some(hold.address), Vec::new()),
            Stage::Rebooting(hold) => {
                (REQUEST, None, vec![(code::REQUESTED_ADDRESS, hold.address)])
            }
            Stage::Bound(_) => return None,
        };
        Some(self.bytes(kind, secs, held, options))
    }

    fn bytes(
        &self,
        kind: u8,
        secs: u16,
        held: Option<Ipv4Addr>,
        options: Vec<(u8, Ipv4Addr)>,
    ) -> Vec<u8> {
        let hops = u8::from(!self.relay.is_unspecified());
        let mut bytes = vec![0; OPTIONS_AT];
        bytes[..4].copy_from_slice(&[BOOTREQUEST, ETHERNET, 6, hops]);
        bytes[4..8].copy_from_slice(&self.xid.to_be_bytes());
        bytes[8..10].copy_from_slice(&secs.to_be_bytes());
        let ciaddr = held.unwrap_or(Ipv4Addr::UNSPECIFIED);
        bytes[12..16].copy_from_slice(&ciaddr.octets());
        bytes[24..28].copy_from_slice(&self.relay.octets());
        bytes[28..34].copy_from_slice(&self.card.0);
        bytes[OPTIONS_AT - COOKIE.len()..].copy_from_slice(&COOKIE);
        bytes.extend([code::MESSAGE_TYPE, 1, kind]);
        for (code, address) in options {
            bytes.extend([code, 4]);
            bytes.extend(address.octets());
        }
        if let Some(wish) = self.wish.filter(|_| kind != RELEASE) {
            let secs = u32::try_from(wish.as_secs()).unwrap_or(u32::MAX);
            bytes.extend([code::LEASE_TIME, 4]);
            bytes.extend(secs.to_be_bytes());
        }
        if let Some(length) = u8::try_from(self.hostname.len()).ok().filter(|length| *length > 0) {
            bytes.extend([code::HOST_NAME, length]);
            bytes.extend(self.hostname.bytes());
        }
        bytes.push(code::END);
        bytes
    }

    /// What it makes of a reply.
    pub fn hear(&mut self, bytes: &[u8]) -> Heard {
        self.read(bytes).unwrap_or(Heard::Nothing)
    }

    fn read(&mut self, bytes: &[u8]) -> Option<Heard> {
        let is_for_it = bytes.first() == Some(&BOOTREPLY)
            && bytes.get(4..8)? == self.xid.to_be_bytes()
            && bytes.get(28..34)? == self.card.0;
        let cookie = bytes.get(OPTIONS_AT - COOKIE.len()..OPTIONS_AT)?;
        let options = Options::read(bytes).ok().filter(|_| is_for_it && cookie == COOKIE)?;
        let server = Ipv4Addr::from(<[u8; 4]>::try_from(options.get(code::SERVER_ID)?).ok()?);
        let address = Ipv4Addr::from(<[u8; 4]>::try_from(bytes.get(16..20)?).ok()?);
        let kind = *options.get(code::MESSAGE_TYPE)?.first()?;
        match (kind, self.stage) {
            (OFFER, Stage::Selecting) => {
                self.stage = Stage::Requesting { address, server };
                Some(Heard::Offer)
            }
            (ACK, Stage::Requesting { .. } | Stage::Renewing(_) | Stage::Rebooting(_)) => {
                let secs = u32::from_be_bytes(options.get(code::LEASE_TIME)?.try_into().ok()?);
                let hold = Hold { address, life: Millis::from_secs(secs.into()), server };
                self.stage = Stage::Bound(hold);
                Some(Heard::Address(hold))
            }
            (NAK, Stage::Requesting { .. } | Stage::Renewing(_) | Stage::Rebooting(_)) => {
                self.stage = Stage::Selecting;
                Some(Heard::Refusal)
            }
            _ => None,
        }
    }
}
