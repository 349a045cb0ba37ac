//! One rack on one VLAN, with the region, the disk and the wire played by the test.

use crate::packet::{Packet, ip, mac};
use dhcproto::v4::{DhcpOption, Message, OptionCode};
use dhcproto::{Decodable, Decoder, Encodable, Encoder};
use regent_core::id::{NodeId, SubnetId, VlanId};
use regent_core::lease::binding::{Client, Tenure};
use regent_core::lease::server::{Incarnation, Server};
use regent_core::lease::terms::Terms;
use regent_core::net::mac::MacAddr;
use regent_core::rack_view::host::Host;
use regent_core::rack_view::lease::{Lease, Standing};
use regent_core::rack_view::setting::Settings;
use regent_core::rack_view::subnet::{RapidCommit, Subnet, Told};
use regent_core::rack_view::vlan::Probing;
use regent_core::time::Millis;
use regent_rack_agent::dhcp::action::{
    Action, Found, Kept, Outgoing, Pending, Silence, Trial, Verdict,
};
use regent_rack_agent::dhcp::arrival::{Arrival, Cast};
use regent_rack_agent::dhcp::book::Book;
use regent_rack_agent::dhcp::client_at::ClientAt;
use regent_rack_agent::dhcp::exchange::discover::tried;
use regent_rack_agent::dhcp::exchange::{answer, grant};
use regent_rack_agent::dhcp::holding::Contact;
use regent_rack_agent::dhcp::message::request::Request;
use regent_rack_agent::dhcp::view::host::Hosts;
use regent_rack_agent::dhcp::view::lease_list::LeaseList;
use regent_rack_agent::dhcp::view::server::{Peer, Shares};
use regent_rack_agent::dhcp::view::site::{View, Vlan};
use regent_rack_agent::lease::rack_time::RackTime;
use std::net::Ipv4Addr;

pub(crate) const VLAN: VlanId = VlanId(1);
pub(crate) const RELAYED: VlanId = VlanId(2);
/// The rack under test, the other rack of its VLAN, and somebody else's server.
pub(crate) const OURS: &str = "10.0.0.2";
pub(crate) const PEER: &str = "10.0.0.3";
pub(crate) const THIRD: &str = "10.0.0.4";
pub(crate) const STRANGER: &str = "10.0.0.66";
pub(crate) const LIFE: Millis = Millis::from_secs(600);
pub(crate) const HOUR: Millis = Millis::from_secs(3600);

/// A rack and what it knows.
pub(crate) struct Rack {
    pub(crate) vlans: Vec<Vlan>,
    pub(crate) book: Book,
    pub(crate) now: RackTime,
    pub(crate) number: u64,
}

pub(crate) fn client(number: u8) -> Client {
    Client::Card(MacAddr(mac(number)))
}

/// The client with this number on VLAN 1.
pub(crate) fn client_at(number: u8) -> ClientAt {
    ClientAt { vlan: VLAN, client: client(number) }
}

pub(crate) fn terms() -> Terms {
    Terms::new(LIFE, HOUR, HOUR, 1_000)
}

pub(crate) fn subnet(id: u32, cidr: &str, range: &str) -> Subnet {
    Subnet {
        id: SubnetId(id),
        cidr: cidr.parse().unwrap(),
        ranges: vec![range.parse().unwrap()],
        foreign_blocks: Vec::new(),
        closed: Vec::new(),
        terms: terms(),
        boot_life: Millis::from_secs(30),
        rapid_commit: RapidCommit::Refused,
        told: Told::default(),
        boot: None,
    }
}

pub(crate) fn vlan(id: VlanId, subnets: Vec<Subnet>) -> Vlan {
    Vlan {
        id,
        server_id: ip(OURS),
        place: 0,
        shares: Shares::NONE,
        peers: vec![Peer { server_id: ip(PEER), place: 1, missed_heartbeats: 0 }],
        subnets,
        hosts: Hosts::default(),
        leases: LeaseList::default(),
        boot: None,
        settings: Settings::default(),
        probing: Probing::Off,
    }
}

impl Rack {
    /// The primary of VLAN 1 (10.0.0.0/24, .100 to .199), which also serves VLAN 2 (10.9.0.0/24) through relays.
    pub(crate) fn primary() -> Self {
        let mut own = subnet(1, "10.0.0.0/24", "10.0.0.100-10.0.0.199");
        own.told.gateway = Some(ip("10.0.0.1"));
        own.told.dns_servers = vec![ip("10.0.0.5"), ip("10.0.0.6")];
        own.told.domain = Some("lab.example".parse().unwrap());
        let relayed = subnet(2, "10.9.0.0/24", "10.9.0.100-10.9.0.199");
        let vlans = vec![vlan(VLAN, vec![own]), vlan(RELAYED, vec![relayed])];
        Self { vlans, book: Book::new(Contact::Quorum), now: RackTime(1_000_000), number: 0 }
    }

    /// The secondary of the same VLANs.
    pub(crate) fn secondary() -> Self {
        let mut rack = Self::primary();
        for vlan in &mut rack.vlans {
            vlan.place = 1;
            vlan.peers[0].place = 0;
        }
        rack
    }

    /// The third of the same VLANs: [`PEER`] is the primary, [`THIRD`] the secondary.
    pub(crate) fn third() -> Self {
        let mut rack = Self::secondary();
        for vlan in &mut rack.vlans {
            vlan.place = 2;
            vlan.peers.push(Peer { server_id: ip(THIRD), place: 1, missed_heartbeats: 0 });
        }
        rack
    }

    pub(crate) fn own(&mut self) -> &mut Vlan {
        &mut self.vlans[0]
    }

    pub(crate) fn own_subnet(&mut self) -> &mut Subnet {
        &mut self.vlans[0].subnets[0]
    }

    pub(crate) fn keep(&mut self, number: u8, address: &str) {
        let host = Host { addresses: vec![ip(address)], ..Host::default() };
        self.own().hosts.put(client(number), host);
    }

    /// The region tells of a lease.
    pub(crate) fn learns(&mut self, address: &str, owner: u8, standing: Standing) {
        let lease = Lease { client: Some(client(owner)), standing, tenure: Tenure::Leased };
        self.own().leases.put(ip(address), lease);
    }

    pub(crate) fn view(&self) -> View {
        View::new(self.vlans.clone())
    }

    pub(crate) fn passes(&mut self, millis: u64) {
        self.now = self.now.after(Millis(millis));
    }

    /// A broadcast on VLAN 1, from the address the client says it has.
    pub(crate) fn hears(&mut self, packet: &Packet) -> Action {
        self.receives(packet, &packet.source().to_string(), Cast::Broadcast)
    }

    /// A message to this rack alone, from an address.
    pub(crate) fn gets(&mut self, packet: &Packet, source: &str) -> Action {
        self.receives(packet, source, Cast::Unicast)
    }

    /// A message that a relay passed on to this rack.
    pub(crate) fn relayed(&mut self, packet: &Packet, relay: &str) -> Action {
        self.gets(&packet.clone().giaddr(relay), relay)
    }

    pub(crate) fn receives(&mut self, packet: &Packet, source: &str, cast: Cast) -> Action {
        let arrival =
            Arrival { vlan: VLAN, source: ip(source), cast, received: self.now, now: self.now };
        self.arrives(packet, &arrival)
    }

    pub(crate) fn arrives(&mut self, packet: &Packet, arrival: &Arrival) -> Action {
        let request = Request::parse(&packet.bytes()).unwrap();
        answer(&request, arrival, &self.view(), &mut self.book)
    }

    /// The region answers what it was asked.
    pub(crate) fn concludes(&mut self, pending: &Pending, verdict: Verdict) -> Action {
        let view = self.view();
        grant::concluded(pending, verdict, self.now, &view, &mut self.book)
    }

    /// The region commits what it was asked, and the disk has the record if there is one.
    pub(crate) fn commits(&mut self, action: Action) -> Reading {
        let pending = pending(action);
        let granted = self.grants();
        match self.concludes(&pending, granted) {
            Action::Keep(kept) => reading(self.keeps(&kept)),
            other => reading(other),
        }
    }

    /// The region's yes to a question sent just now.
    pub(crate) fn grants(&mut self) -> Verdict {
        self.number += 1;
        Verdict::Granted { number: self.number, sent: self.now, autonomy: HOUR }
    }

    /// The disk has the record.
    pub(crate) fn keeps(&mut self, kept: &Kept) -> Action {
        let view = self.view();
        grant::kept(kept, self.now, &view, &mut self.book)
    }

    /// The wire has answered.
    pub(crate) fn tries(&mut self, trial: &Trial, found: Found) -> Action {
        let view = self.view();
        tried(trial, found, self.now, &view, &mut self.book)
    }

    /// A whole exchange: the client has the address.
    pub(crate) fn binds(&mut self, number: u8) -> Ipv4Addr {
        let offer = reading(self.hears(&Packet::discover(number)));
        let address = offer.message.yiaddr();
        let taking = Packet::selecting(number, OURS, &address.to_string());
        let asking = self.hears(&taking);
        assert_eq!(self.commits(asking).kind(), ACK);
        address
    }
}

pub(crate) fn pending(action: Action) -> Pending {
    match action {
        Action::Commit(pending) => *pending,
        other => panic!("the region is not asked: {other:?}"),
    }
}

pub(crate) fn kept(action: Action) -> Kept {
    match action {
        Action::Keep(kept) => *kept,
        other => panic!("nothing is written: {other:?}"),
    }
}

pub(crate) fn trial(action: Action) -> Trial {
    match action {
        Action::Probe(trial) => *trial,
        other => panic!("nothing is tried: {other:?}"),
    }
}

pub(crate) fn outgoing(action: Action) -> Outgoing {
    match action {
        Action::Send(outgoing) => *outgoing,
        other => panic!("nothing is sent: {other:?}"),
    }
}

#[track_caller]
pub(crate) fn assert_silent(action: Action, why: Silence) {
    assert_eq!(action, Action::Silent(why));
}

pub(crate) const OFFER: u8 = 2;
pub(crate) const ACK: u8 = 5;
pub(crate) const NAK: u8 = 6;

/// A reply as another implementation reads it.
pub(crate) struct Reading {
    pub(crate) outgoing: Outgoing,
    pub(crate) bytes: Vec<u8>,
    pub(crate) message: Message,
}

pub(crate) fn reading(action: Action) -> Reading {
    let outgoing = outgoing(action);
    let bytes = outgoing.reply.encode().bytes;
    let message = Message::decode(&mut Decoder::new(&bytes)).unwrap();
    Reading { outgoing, bytes, message }
}

impl Reading {
    /// The message type; 0 if there is none.
    pub(crate) fn kind(&self) -> u8 {
        self.option(53).map_or(0, |value| value[0])
    }

    /// The bytes of an option.
    pub(crate) fn option(&self, code: u8) -> Option<Vec<u8>> {
        let option = self.message.opts().get(OptionCode::from(code))?;
        Some(value(option))
    }

    pub(crate) fn text(&self, code: u8) -> Option<String> {
        self.option(code).map(|value| String::from_utf8(value).unwrap())
    }

    /// The lease time in seconds.
    pub(crate) fn life_secs(&self) -> u32 {
        u32::from_be_bytes(self.option(51).unwrap().try_into().unwrap())
    }

    /// The boot file, up to its end.
    pub(crate) fn file(&self) -> String {
        let field = self.message.fname().unwrap_or_default();
        let end = field.iter().position(|byte| *byte == 0).unwrap_or(field.len());
        String::from_utf8(field[..end].to_vec()).unwrap()
    }
}

/// The value of an option of the other implementation, joined from its parts.
fn value(option: &DhcpOption) -> Vec<u8> {
    let mut bytes = Vec::new();
    option.encode(&mut Encoder::new(&mut bytes)).unwrap();
    let mut rest = bytes.as_slice();
    let mut value = Vec::new();
    while let [_, length, behind @ ..] = rest {
        let (part, behind) = behind.split_at(usize::from(*length));
        value.extend(part);
        rest = behind;
    }
    value
}

/// Some other rack.
pub(crate) fn other_server() -> Server {
    Server { rack: NodeId(9), incarnation: Incarnation(0) }
}
