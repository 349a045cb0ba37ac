//! Clients that do as they like, and count what they hold by their own clocks.

use crate::packet::{DECLINE, Packet, RELEASE};
use crate::simulation::clock::real;
use crate::simulation::dice::Dice;
use regent_rack_agent::dhcp::action::Outgoing;
use regent_rack_agent::dhcp::arrival::Cast;
use regent_rack_agent::dhcp::message::reply::ReplyKind;
use std::net::Ipv4Addr;

/// A client counts its lease from the last copy of its request; copies are sent within this.
const COPIES_MILLIS_MAX: u64 = 60_000;
const SERVER_ID: u8 = 54;
const REQUESTED: u8 = 50;
const LEASE_TIME: u8 = 51;

/// A client.
pub(super) struct Client {
    pub(super) number: u8,
    pub(super) wire: usize,
    drift_ppm: i64,
    xid: u32,
    asking: Option<Asking>,
    /// The address it has and until when, in real time.
    pub(super) hold: Option<(Ipv4Addr, u64)>,
    last: Option<Ipv4Addr>,
    server: Option<Ipv4Addr>,
}

/// What a client waits for.
struct Asking {
    what: What,
    message: Message,
    first_sent: u64,
    last_sent: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    Offer,
    Ack,
}

/// A message to one rack or to all of its network.
#[derive(Clone)]
pub(super) struct Message {
    pub(super) bytes: Vec<u8>,
    pub(super) source: Ipv4Addr,
    pub(super) cast: Cast,
    /// The rack it goes to; all of them if none.
    pub(super) to: Option<Ipv4Addr>,
}

impl Client {
    pub(super) fn new(number: u8, wire: usize, drift_ppm: i64) -> Self {
        let (xid, asking, hold) = (u32::from(number) << 24, None, None);
        Self { number, wire, drift_ppm, xid, asking, hold, last: None, server: None }
    }

    /// What it does next, if anything.
    pub(super) fn act(&mut self, now: u64, dice: &mut Dice) -> Option<Message> {
        if self.hold.is_some_and(|(_, until)| until <= now) {
            self.hold = None;
        }
        if let Some(asking) = &mut self.asking {
            if now < asking.first_sent + COPIES_MILLIS_MAX && dice.once_in(2) {
                asking.last_sent = now;
                return Some(asking.message.clone());
            }
            self.asking = None;
        }
        let wire = self.wire;
        let some = Ipv4Addr::from([10, 0, u8::try_from(wire).unwrap(), 100]);
        let some = Ipv4Addr::from_bits(some.to_bits() + u32::try_from(dice.below(20)).unwrap());
        match (self.hold, dice.below(20)) {
            (Some((address, _)), 0 | 1) => Some(self.give_back(RELEASE, address)),
            (Some((address, _)), 2) => Some(self.give_back(DECLINE, address)),
            (Some((address, _)), 3) => Some(self.reboot(address, now, dice)),
            (Some(_), 4) => {
                self.hold = None;
                Some(self.discover(some, now, dice))
            }
            (Some((address, _)), 5..=14) => Some(self.renew(address, now, dice)),
            (Some(_), _) => None,
            (None, 0) => Some(self.reboot(some, now, dice)),
            (None, 1) => Some(self.renew(some, now, dice)),
            (None, 2..=4) => {
                let address = self.last.unwrap_or(some);
                Some(self.reboot(address, now, dice))
            }
            (None, 5) => Some(self.select(some, None, now)),
            (None, _) => Some(self.discover(some, now, dice)),
        }
    }

    /// Hears a reply. Returns the address it has from now on and until when, or what it sends next.
    pub(super) fn hear(&mut self, outgoing: &Outgoing, now: u64) -> Heard {
        let reply = &outgoing.reply;
        let Some(asking) = self.asking.take_if(|_| reply.xid == self.xid) else {
            return Heard::Nothing;
        };
        let server = reply.options.get(&SERVER_ID).map(|value| octets(value));
        match (asking.what, reply.kind) {
            (What::Offer, ReplyKind::Offer) => {
                Heard::Taking(self.select(reply.yiaddr, server, now))
            }
            (What::Ack, ReplyKind::Ack) => {
                let secs = reply.options.get(&LEASE_TIME).map(|value| octets(value).to_bits());
                let life = u64::from(secs.unwrap()) * 1000;
                let until = asking.last_sent + real(life, self.drift_ppm);
                (self.server, self.last) = (server, Some(reply.yiaddr));
                self.hold = Some((reply.yiaddr, until)).filter(|_| now < until);
                Heard::Acked(reply.yiaddr, until)
            }
            (What::Ack, ReplyKind::Nak) => {
                (self.hold, self.last) = (None, None);
                Heard::Nothing
            }
            (What::Offer | What::Ack, _) => {
                self.asking = Some(asking);
                Heard::Nothing
            }
        }
    }

    fn discover(&mut self, wish: Ipv4Addr, now: u64, dice: &mut Dice) -> Message {
        let packet = self.wishing(Packet::discover(self.number), dice);
        let packet =
            if dice.once_in(2) { packet.address(REQUESTED, &wish.to_string()) } else { packet };
        self.asks(What::Offer, packet, None, now)
    }

    fn select(&mut self, address: Ipv4Addr, server: Option<Ipv4Addr>, now: u64) -> Message {
        let server = server.unwrap_or(Ipv4Addr::new(10, 0, 0, 2)).to_string();
        let packet = Packet::selecting(self.number, &server, &address.to_string());
        self.asks(What::Ack, packet, None, now)
    }

    fn reboot(&mut self, address: Ipv4Addr, now: u64, dice: &mut Dice) -> Message {
        let packet = Packet::rebooting(self.number, &address.to_string());
        let packet = self.wishing(packet, dice);
        self.asks(What::Ack, packet, None, now)
    }

    fn renew(&mut self, address: Ipv4Addr, now: u64, dice: &mut Dice) -> Message {
        let packet = Packet::renewing(self.number, &address.to_string());
        let packet = self.wishing(packet, dice);
        let to = self.server.filter(|_| dice.once_in(2)).map(|server| (server, address));
        self.asks(What::Ack, packet, to, now)
    }

    /// Some clients want their address for a short while only.
    fn wishing(&self, packet: Packet, dice: &mut Dice) -> Packet {
        match dice.below(4) {
            0 => packet.with(LEASE_TIME, &60_u32.to_be_bytes()),
            1 => packet.with(LEASE_TIME, &180_u32.to_be_bytes()),
            _ => packet,
        }
    }

    fn asks(
        &mut self,
        what: What,
        packet: Packet,
        to: Option<(Ipv4Addr, Ipv4Addr)>,
        now: u64,
    ) -> Message {
        self.xid += 1;
        let bytes = packet.xid(self.xid).secs(3).bytes();
        let message = match to {
            Some((server, source)) => {
                Message { bytes, source, cast: Cast::Unicast, to: Some(server) }
            }
            None => {
                let (source, cast) = (Ipv4Addr::UNSPECIFIED, Cast::Broadcast);
                Message { bytes, source, cast, to: None }
            }
        };
        let asking = Asking { what, message: message.clone(), first_sent: now, last_sent: now };
        self.asking = Some(asking);
        message
    }

    /// From here on it does not use the address any more.
    fn give_back(&mut self, kind: u8, address: Ipv4Addr) -> Message {
        (self.hold, self.asking) = (None, None);
        let server = self.server.unwrap();
        let packet = Packet::of(kind, self.number).address(SERVER_ID, &server.to_string());
        let text = address.to_string();
        let packet = match kind {
            DECLINE => packet.address(REQUESTED, &text),
            _ => packet.ciaddr(&text),
        };
        let (source, cast) = match kind {
            DECLINE => (Ipv4Addr::UNSPECIFIED, Cast::Broadcast),
            _ => (address, Cast::Unicast),
        };
        let to = (cast == Cast::Unicast).then_some(server);
        Message { bytes: packet.bytes(), source, cast, to }
    }
}

/// What a reply does.
pub(super) enum Heard {
    /// Nothing.
    Nothing,
    /// The client takes an offer.
    Taking(Message),
    /// The client has the address until then.
    Acked(Ipv4Addr, u64),
}

fn octets(value: &[u8]) -> Ipv4Addr {
    Ipv4Addr::from(<[u8; 4]>::try_from(value).unwrap())
}
