//! The DHCPv4 exchange of a rack: what is done about a packet, to the end.
//!
//! Whatever it is: at most one reply, to the client that asked, within what it takes, readable by another
//! implementation, the same each time. No address leaves that may not be given, and none without a commit or a right. No
//! reply goes to where no client or relay of ours can be, and nobody gives back an address he does not speak from.

use crate::target::Target;
use dhcproto::v4::{DhcpOption, Message, MessageType, OptionCode};
use dhcproto::{Decodable, Decoder};
use regent_core::id::{SubnetId, VlanId};
use regent_core::lease::binding::{Client, Tenure};
use regent_core::lease::refusal::Refusal;
use regent_core::lease::terms::Terms;
use regent_core::model::boot::{BootFile, BootSettings};
use regent_core::net::mac::MacAddr;
use regent_core::rack_view::host::Host;
use regent_core::rack_view::lease::{Lease, Standing};
use regent_core::rack_view::setting::Settings;
use regent_core::rack_view::subnet::{RapidCommit, Subnet, Told};
use regent_core::rack_view::vlan::Probing;
use regent_core::time::{ClusterTime, Millis};
use regent_rack_agent::dhcp::action::{Action, Destination, Found, Outgoing, Silence, Verdict};
use regent_rack_agent::dhcp::arrival::{Arrival, Cast};
use regent_rack_agent::dhcp::book::Book;
use regent_rack_agent::dhcp::exchange::discover::tried;
use regent_rack_agent::dhcp::exchange::{answer, grant};
use regent_rack_agent::dhcp::holding::{Contact, OwnBlock};
use regent_rack_agent::dhcp::message::reply::{REPLY_BYTES_MAX, REPLY_BYTES_MIN, ReplyKind};
use regent_rack_agent::dhcp::message::request::Request;
use regent_rack_agent::dhcp::view::host::Hosts;
use regent_rack_agent::dhcp::view::lease_list::LeaseList;
use regent_rack_agent::dhcp::view::server::{Peer, Shares};
use regent_rack_agent::dhcp::view::site::{View, Vlan};
use regent_rack_agent::lease::rack_time::RackTime;
use regent_rack_agent::lease::record::Record;
use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::OnceLock;

/// The target. Its input is one byte about the rack and how the packet comes, then the packet.
pub const TARGET: Target = Target {
    name: "dhcp",
    about: "answers a DHCPv4 packet, with the region, the disk and the wire played",
    run,
    seeds,
    words: WORDS,
    input_bytes_max: 4200,
    memory_bytes_max: 1 << 20,
    memory_factor: 64,
};

const WORDS: &[&[u8]] = &[
    b"\x63\x82\x53\x63",
    b"\x35\x01\x01",
    b"\x35\x01\x03",
    b"\x35\x01\x04",
    b"\x35\x01\x07",
    b"\x35\x01\x08",
    b"\x36\x04\x0a\0\0\x02",
    b"\x36\x04\x0a\0\0\x03",
    b"\x32\x04\x0a\0\0\x96",
    b"\x32\x04\x0a\0\0\xbe",
    b"\x32\x04\x0a\x09\0\x96",
    b"\x34\x01\x01",
    b"\x34\x01\x02",
    b"\x34\x01\x03",
    b"\x37\x04\x42\x43\x79\xf9",
    b"\x39\x02\x02\x40",
    b"\x39\x02\xff\xff",
    b"\x3c\x09PXEClient",
    b"\x3c\x0aHTTPClient",
    b"\x3d\x03\0\x01\x02",
    b"\x4d\x04iPXE",
    b"\x50\0",
    b"\x51\x05\x04\0\0\x01x",
    b"\x52\x06\x05\x04\x0a\x09\0\x01",
    b"\x52\x06\x0b\x04\x0a\x09\0\x01",
    b"\x5d\x02\0\x07",
    b"\x5d\x04\0\x10\0\0",
    b"\xaf\0",
    b"\xff",
    b"\0",
];

const VLAN: VlanId = VlanId(1);
const OURS: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 2);
const PEER: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 3);
const STRANGER: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 77);
const NOW: RackTime = RackTime(10_000_000);
const HOUR: Millis = Millis::from_secs(3600);
const FIELDS_BYTES: usize = 240;
const RELAY: u8 = 82;
const END: u8 = 255;

/// What the first byte of an input says of the rack and of what answers it.
#[derive(Clone, Copy)]
struct Weather {
    contact: Contact,
    /// The rack's place among those of the VLAN.
    place: u32,
    cast: Cast,
    /// Whether it comes from another address than it says.
    is_forged: bool,
    verdict: Verdict,
    found: Found,
    probing: Probing,
}

impl Weather {
    fn of(byte: u8) -> Self {
        let until = ClusterTime(1);
        Self {
            contact: [Contact::Quorum, Contact::CutOff, Contact::Distrusted, Contact::Quorum]
                [usize::from(byte & 3)],
            place: u32::from(byte >> 2 & 1),
            cast: if byte & 8 == 0 { Cast::Broadcast } else { Cast::Unicast },
            is_forged: byte & 3 == 3,
            verdict: [
                Verdict::Granted { number: 1, sent: NOW, autonomy: HOUR },
                Verdict::Refused(Refusal::Owned { until }),
                Verdict::Refused(Refusal::Resting { until }),
                Verdict::Unreachable,
            ][usize::from(byte >> 4 & 3)],
            found: if byte & 64 == 0 { Found::Nobody } else { Found::Somebody },
            probing: if byte & 128 == 0 { Probing::Off } else { Probing::On },
        }
    }
}

fn run(input: &[u8]) -> String {
    let Some((first, packet)) = input.split_first() else { return "nothing".into() };
    let request = match (Request::parse(packet), Request::parse(packet)) {
        (Ok(request), Ok(again)) => {
            assert_eq!(request, again, "one packet is read in two ways");
            request
        }
        (Err(error), Err(again)) => {
            assert_eq!(error, again, "one packet is turned down in two ways");
            return malformed(&format!("{error:?}"));
        }
        _ => panic!("one packet is read and turned down"),
    };
    let weather = Weather::of(*first);
    let (told, action) = go(&request, weather);
    assert_eq!(action, go(&request, weather).1, "one request has two answers");
    match action {
        Action::Send(outgoing) => format!("{told}{}", check(&request, &outgoing, weather)),
        Action::Silent(Silence::Refused(_)) => format!("{told}refused"),
        Action::Silent(silence) => format!("{told}{silence:?}"),
        Action::Release(_) => {
            assert!(request.giaddr.is_some() || !weather.is_forged, "given back by somebody else");
            format!("{told}release")
        }
        Action::Decline(_) => format!("{told}decline"),
        Action::Commit(_) | Action::Keep(_) | Action::Probe(_) => panic!("it does not end"),
    }
}

/// The kind of an error, without its figures.
fn malformed(error: &str) -> String {
    let kind = error.split([' ', '(']).next().unwrap_or_default();
    format!("malformed: {kind}")
}

/// Answers a request to the end. Returns what had to be asked on the way.
fn go(request: &Request, weather: Weather) -> (String, Action) {
    let view = view(weather);
    let mut book = book(weather.contact);
    let own = request.ciaddr.unwrap_or(Ipv4Addr::UNSPECIFIED);
    let source = if weather.is_forged { STRANGER } else { own };
    let arrival = Arrival { vlan: VLAN, source, cast: weather.cast, received: NOW, now: NOW };
    match answer(request, &arrival, &view, &mut book) {
        Action::Commit(pending) => {
            assert_eq!(weather.contact, Contact::Quorum, "asked although cut off");
            let next = grant::concluded(&pending, weather.verdict, NOW, &view, &mut book);
            match next {
                Action::Keep(kept) => {
                    ("commit, keep, ".into(), grant::kept(&kept, NOW, &view, &mut book))
                }
                other => ("commit, ".into(), other),
            }
        }
        Action::Keep(kept) => {
            assert_eq!(weather.contact, Contact::CutOff, "alone without being cut off");
            assert!(book.holdings.at(kept.pending.address) == Some(&kept.record), "not remembered");
            ("keep, ".into(), grant::kept(&kept, NOW, &view, &mut book))
        }
        Action::Probe(trial) => {
            ("probe, ".into(), tried(&trial, weather.found, NOW, &view, &mut book))
        }
        other => (String::new(), other),
    }
}

fn check(request: &Request, outgoing: &Outgoing, weather: Weather) -> String {
    let encoded = outgoing.reply.encode();
    let bytes = encoded.bytes;
    assert!((REPLY_BYTES_MIN..=REPLY_BYTES_MAX).contains(&bytes.len()), "{} bytes", bytes.len());
    assert!(Request::parse(&bytes).is_err(), "a reply passes for a request");
    let reply = Message::decode(&mut Decoder::new(&bytes))
        .unwrap_or_else(|error| panic!("unreadable: {error}"));
    assert_eq!(reply.xid(), request.xid, "another exchange");
    assert_eq!(bytes[28..44], request.hardware.chaddr, "another client");
    assert_eq!(reply.giaddr(), request.giaddr.unwrap_or(Ipv4Addr::UNSPECIFIED), "another relay");
    assert_eq!(reply.yiaddr(), outgoing.reply.yiaddr, "another address");
    let kind = match reply.opts().get(OptionCode::MessageType) {
        Some(DhcpOption::MessageType(kind)) => Some(*kind),
        _ => None,
    };
    let expected = match outgoing.reply.kind {
        ReplyKind::Offer => Some(MessageType::Offer),
        ReplyKind::Ack => Some(MessageType::Ack),
        ReplyKind::Nak => Some(MessageType::Nak),
        ReplyKind::Boot => None,
    };
    assert_eq!(kind, expected, "another message");
    check_relay(request, &bytes);
    check_address(request, outgoing, weather);
    check_destination(request, outgoing, weather);
    format!("{:?} {}", outgoing.reply.kind, if encoded.left_out.is_empty() { "" } else { "cut" })
}

/// The relay's information comes back as it came, behind everything else.
fn check_relay(request: &Request, bytes: &[u8]) {
    let Some(relay) = &request.relay else { return };
    let mut rest = &bytes[FIELDS_BYTES..];
    let mut found: Vec<u8> = Vec::new();
    while let [code, length, behind @ ..] = rest {
        if *code == END {
            break;
        }
        let (value, behind) = behind.split_at(usize::from(*length));
        assert!(found.is_empty() || *code == RELAY, "something behind the relay's information");
        if *code == RELAY {
            found.extend(value);
        }
        rest = behind;
    }
    assert_eq!(found, relay.raw, "the relay's information has changed");
}

/// Nobody gets what is not for it, and a rack that cannot rely on itself gives nothing.
fn check_address(request: &Request, outgoing: &Outgoing, weather: Weather) {
    let address = outgoing.reply.yiaddr;
    if address.is_unspecified() {
        return;
    }
    let view = view(weather);
    let vlan = view.vlan_with(address).expect("an address of a network that is served");
    assert!(vlan.may_give(address, &request.client), "{address} is not for this client");
    assert_ne!(weather.contact, Contact::Distrusted, "an address from a rack that must not");
    if weather.contact == Contact::CutOff {
        let book = book(weather.contact);
        let is_ours = book.holdings.block_of(address).is_some()
            || book.holdings.is_last_of(address, &request.client);
        assert!(is_ours, "{address} without a right to it");
    }
}

fn check_destination(request: &Request, outgoing: &Outgoing, weather: Weather) {
    let view = view(weather);
    match outgoing.to {
        Destination::Relay(relay) => {
            assert_eq!(request.giaddr, Some(relay), "another relay");
            assert_eq!(weather.cast, Cast::Unicast, "no relay broadcasts");
            assert!(view.may_be_relay(relay), "{relay} is no relay");
        }
        Destination::Client(address) => {
            assert_eq!(request.ciaddr, Some(address), "another client");
            assert!(view.vlan_with(address).is_some(), "{address} is in no network of ours");
        }
        Destination::Broadcast | Destination::Frame { .. } => {
            assert_eq!(request.giaddr, None, "it goes past the relay");
        }
    }
}

fn card(last: u8) -> Client {
    Client::Card(MacAddr([2, 0, 0, 0, 0, last]))
}

fn book(contact: Contact) -> Book {
    let mut book = Book::new(contact);
    let range = "10.0.0.190-10.0.0.195".parse().expect("a range");
    book.holdings.blocks.push(OwnBlock { range, deadline: NOW.after(HOUR) });
    let record = Record {
        client: card(1),
        acked_until: NOW.after(Millis::from_secs(100)),
        is_certain: true,
        tenure: Tenure::Leased,
        life: Millis::from_secs(600),
        alone_until: Some(NOW.after(HOUR)),
        given_up_in: 0,
    };
    book.holdings.put(Ipv4Addr::new(10, 0, 0, 150), record);
    book.acked.put(Ipv4Addr::new(10, 0, 0, 150), card(1), NOW);
    book
}

fn view(weather: Weather) -> View {
    static SITE: OnceLock<[Vlan; 2]> = OnceLock::new();
    let mut vlans = SITE.get_or_init(site).clone();
    for vlan in &mut vlans {
        vlan.place = weather.place;
        vlan.probing = weather.probing;
    }
    View::new(vlans)
}

fn site() -> [Vlan; 2] {
    let mut own = subnet(1, "10.0.0.0/24", "10.0.0.100-10.0.0.199");
    own.told = told();
    let mut vlan = empty(VLAN, own);
    let host = Host {
        addresses: vec![Ipv4Addr::new(10, 0, 0, 20)],
        name: Some("kept".into()),
        settings: Settings::default(),
    };
    vlan.hosts.put(card(2), host);
    let client = Some(card(3));
    let lease = Lease { client, standing: Standing::Held, tenure: Tenure::Leased };
    vlan.leases.put(Ipv4Addr::new(10, 0, 0, 160), lease);
    vlan.boot = Some(boot());
    vlan.settings.set(43, vec![7; 300]).expect("not the protocol's");
    let relayed = subnet(2, "10.9.0.0/24", "10.9.0.100-10.9.0.199");
    [vlan, empty(VlanId(2), relayed)]
}

fn told() -> Told {
    Told {
        gateway: Some(Ipv4Addr::new(10, 0, 0, 1)),
        dns_servers: vec![Ipv4Addr::new(10, 0, 0, 5); 3],
        domain: Some("lab.example".parse().expect("a name")),
        search: vec!["lab.example".parse().expect("a name"); 12],
        ntp_servers: vec![Ipv4Addr::new(10, 0, 0, 5); 40],
        ntp_names: Vec::new(),
        mtu: Some(9000),
        ..Told::default()
    }
}

fn boot() -> BootSettings {
    let file = BootFile { path: "bootx64.efi".into(), prefix: Some("grub/".into()) };
    BootSettings {
        server: Some(OURS),
        files: BTreeMap::from([(0, file.clone()), (7, file)]),
        ipxe_script: Some(format!("http://10.0.0.2/{}", "x".repeat(150))),
        http: BTreeMap::from([(0x10, "http://10.0.0.2/bootx64.efi".into())]),
    }
}

fn subnet(id: u32, cidr: &str, range: &str) -> Subnet {
    Subnet {
        id: SubnetId(id),
        cidr: cidr.parse().expect("a prefix"),
        ranges: vec![range.parse().expect("a range")],
        foreign_blocks: vec!["10.0.0.196-10.0.0.199".parse().expect("a range")],
        closed: vec!["10.0.0.190-10.0.0.195".parse().expect("a range")],
        terms: Terms::new(Millis::from_secs(600), HOUR, HOUR, 1000),
        boot_life: Millis::from_secs(30),
        rapid_commit: RapidCommit::Allowed,
        told: Told::default(),
        boot: None,
    }
}

fn empty(id: VlanId, subnet: Subnet) -> Vlan {
    Vlan {
        id,
        server_id: OURS,
        place: 0,
        shares: Shares::every(2, 1),
        peers: vec![Peer { server_id: PEER, place: 1, missed_heartbeats: 3 }],
        subnets: vec![subnet],
        hosts: Hosts::default(),
        leases: LeaseList::default(),
        boot: None,
        settings: Settings::default(),
        probing: Probing::Off,
    }
}

/// A packet of a client with these addresses and options.
fn packet(client: u8, ciaddr: [u8; 4], giaddr: [u8; 4], options: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0; FIELDS_BYTES - 4];
    bytes[..4].copy_from_slice(&[1, 1, 6, 0]);
    bytes[4..8].copy_from_slice(&[1, 2, 3, client]);
    bytes[12..16].copy_from_slice(&ciaddr);
    bytes[24..28].copy_from_slice(&giaddr);
    bytes[28..34].copy_from_slice(&[2, 0, 0, 0, 0, client]);
    bytes.extend([99, 130, 83, 99]);
    bytes.extend(options);
    bytes.push(END);
    bytes
}

fn seeds() -> Vec<Vec<u8>> {
    const NONE: [u8; 4] = [0; 4];
    const RELAY: [u8; 4] = [10, 9, 0, 1];
    let own = [10, 0, 0, 150];
    let packets = [
        packet(1, NONE, NONE, b"\x35\x01\x01"),
        packet(4, NONE, NONE, b"\x35\x01\x01\x50\0"),
        packet(4, NONE, NONE, b"\x35\x01\x01\x3c\x09PXEClient\x5d\x02\0\x07\x37\x03\x42\x43\xd2"),
        packet(4, NONE, NONE, b"\x35\x01\x01\x3c\x0aHTTPClient\x5d\x02\0\x10"),
        packet(4, NONE, NONE, b"\x35\x01\x01\x4d\x04iPXE\x39\x02\x05\xdc"),
        packet(4, NONE, RELAY, b"\x35\x01\x01\x52\x0c\x01\x04port\x05\x04\x0a\x09\0\x01"),
        packet(1, NONE, NONE, b"\x35\x01\x03\x36\x04\x0a\0\0\x02\x32\x04\x0a\0\0\x96"),
        packet(5, NONE, NONE, b"\x35\x01\x03\x36\x04\x0a\0\0\x03\x32\x04\x0a\0\0\xbe"),
        packet(5, NONE, NONE, b"\x35\x01\x03\x32\x04\x0a\x63\0\x96"),
        packet(5, NONE, NONE, b"\x35\x01\x03\x32\x04\x0a\0\0\xa0"),
        packet(1, own, NONE, b"\x35\x01\x03\x51\x09\x05\0\0\x04node\0"),
        packet(1, NONE, NONE, b"\x35\x01\x04\x36\x04\x0a\0\0\x02\x32\x04\x0a\0\0\x96"),
        packet(1, own, NONE, b"\x35\x01\x07\x36\x04\x0a\0\0\x02"),
        packet(6, own, NONE, b"\x35\x01\x08\x37\x05\x01\x03\x06\x0f\x77"),
        packet(2, NONE, NONE, b""),
        packet(4, NONE, NONE, b"\x35\x01\x01\x34\x01\x03"),
    ];
    const WEATHER: [u8; 10] = [0, 1, 2, 3, 8, 8 + 3, 16, 32 + 4, 128, 128 + 64];
    let all = packets
        .iter()
        .flat_map(|packet| WEATHER.map(|weather| [&[weather], packet.as_slice()].concat()));
    all.collect()
}

#[cfg(test)]
mod tests {
    use super::{run, seeds};
    use std::collections::BTreeSet;

    #[test]
    fn seeds_reach_answers_of_every_kind() {
        let ways: BTreeSet<String> = seeds().iter().map(|seed| run(seed)).collect();
        for way in [
            "commit, keep, Ack",
            "keep, Ack",
            "probe, Offer",
            "probe, decline",
            "Offer",
            "Nak",
            "release",
            "decline",
            "commit, keep, Boot",
            "UnknownRelay",
            "Contradiction",
            "commit, refused",
            "NoRight",
            "commit, Nak",
        ] {
            assert!(ways.iter().any(|told| told.starts_with(way)), "{way}: {ways:#?}");
        }
    }
}
