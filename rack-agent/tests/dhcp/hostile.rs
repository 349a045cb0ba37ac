//! Packets nobody should send. Each is turned down for what is wrong with it, or met with silence, and changes nothing.

use crate::packet::{DECLINE, INFORM, Packet, RELEASE, REQUEST, ip};
use crate::rack::{OURS, PEER, Rack, STRANGER, VLAN};
use regent_rack_agent::dhcp::action::{Action, Silence};
use regent_rack_agent::dhcp::arrival::{Arrival, Cast};
use regent_rack_agent::dhcp::exchange::answer;
use regent_rack_agent::dhcp::holding::Contact;
use regent_rack_agent::dhcp::message::malformed::{Area, Malformed};
use regent_rack_agent::dhcp::message::request::Request;

fn cut(area: Area, code: u8, at: usize) -> Malformed {
    Malformed::OptionCut { area, code, at }
}

fn length(code: u8, bytes: usize) -> Malformed {
    Malformed::OptionLength { code, bytes }
}

fn discover() -> Packet {
    Packet::discover(1)
}

/// Packets as bytes, and what is wrong with each.
fn malformed() -> Vec<(&'static str, Vec<u8>, Malformed)> {
    let op = |op: u8| discover().field(0, &[op]);
    let hardware = |htype: u8, hlen: u8| discover().field(1, &[htype, hlen]);
    let wrong_hardware = |htype, hlen| Malformed::HardwareLength { htype, hlen };
    let value = |code| Malformed::OptionValue { code };
    let address = |field, text| Malformed::Address { field, address: ip(text) };
    let overloaded = |by: u8| discover().with(52, &[by]);
    let cases: Vec<(&str, Packet, Malformed)> = vec![
        ("a reply", op(2), Malformed::Operation(2)),
        ("no operation", op(0), Malformed::Operation(0)),
        ("an operation of the future", op(255), Malformed::Operation(255)),
        ("hlen over the end of chaddr", hardware(1, 255), wrong_hardware(1, 255)),
        ("hlen one over", hardware(6, 17), wrong_hardware(6, 17)),
        ("Ethernet of 5 octets", hardware(1, 5), wrong_hardware(1, 5)),
        ("Ethernet of 16 octets", hardware(1, 16), wrong_hardware(1, 16)),
        ("a card of zeros", discover().field(28, &[0; 6]), Malformed::HardwareAddress),
        ("the card of everybody", discover().field(28, &[255; 6]), Malformed::HardwareAddress),
        (
            "a card of a group",
            discover().field(28, &[1, 0, 94, 0, 0, 1]),
            Malformed::HardwareAddress,
        ),
        ("InfiniBand without identifier", hardware(32, 0), Malformed::NoClient),
        ("Ethernet without card and identifier", hardware(1, 0), Malformed::NoClient),
        ("unknown hardware without identifier", hardware(0, 6), Malformed::NoClient),
        (
            "ciaddr of everybody",
            discover().ciaddr("255.255.255.255"),
            address("ciaddr", "255.255.255.255"),
        ),
        ("ciaddr of a group", discover().ciaddr("224.0.0.1"), address("ciaddr", "224.0.0.1")),
        (
            "giaddr of everybody",
            discover().giaddr("255.255.255.255"),
            address("giaddr", "255.255.255.255"),
        ),
        ("giaddr of a group", discover().giaddr("239.1.2.3"), address("giaddr", "239.1.2.3")),
        (
            "another cookie",
            discover().field(236, &[99, 130, 83, 98]),
            Malformed::Cookie([99, 130, 83, 98]),
        ),
        (
            "an option without length",
            discover().raw(&[12]).without_end(),
            cut(Area::Options, 12, 243),
        ),
        (
            "an option cut off",
            discover().raw(&[12, 5, 1]).without_end(),
            cut(Area::Options, 12, 243),
        ),
        ("an option of 255 in nothing", discover().raw(&[50, 255]), cut(Area::Options, 50, 243)),
        (
            "an option that takes the end with it",
            discover().raw(&[12, 3, 1]),
            cut(Area::Options, 12, 243),
        ),
        (
            "a cut option behind filling",
            discover().raw(&[0, 0, 0, 61, 9]),
            cut(Area::Options, 61, 246),
        ),
        (
            "file overloaded with a cut option",
            overloaded(1).field(108, &[7; 128]),
            cut(Area::File, 7, 234),
        ),
        (
            "sname overloaded with a cut option",
            overloaded(2).field(44, &[61; 64]),
            cut(Area::Sname, 61, 107),
        ),
        ("overload of no field", overloaded(4), value(52)),
        ("overload of everything", overloaded(255), value(52)),
        ("overload of two bytes", discover().with(52, &[1, 2]), length(52, 2)),
        ("overload of nothing", discover().with(52, &[]), length(52, 0)),
        ("an offer", Packet::of(2, 1), value(53)),
        ("an acknowledgement", Packet::of(5, 1), value(53)),
        ("a refusal", Packet::of(6, 1), value(53)),
        ("a lease query", Packet::of(10, 1), value(53)),
        ("message type 0", Packet::of(0, 1), value(53)),
        ("message type 255", Packet::of(255, 1), value(53)),
        ("a message type of two bytes", Packet::bootp(1).with(53, &[1, 3]), length(53, 2)),
        ("two message types", discover().with(53, &[3]), length(53, 2)),
        ("an empty message type", Packet::bootp(1).with(53, &[]), length(53, 0)),
        ("a wish of three bytes", discover().with(50, &[10, 0, 0]), length(50, 3)),
        ("two wishes", discover().address(50, "10.0.0.1").address(50, "10.0.0.2"), length(50, 8)),
        ("a server of five bytes", discover().with(54, &[10, 0, 0, 2, 2]), length(54, 5)),
        ("two servers", discover().address(54, OURS).address(54, PEER), length(54, 8)),
        ("a lease time of one byte", discover().with(51, &[1]), length(51, 1)),
        ("a size of one byte", discover().with(57, &[5]), length(57, 1)),
        ("a size of four bytes", discover().with(57, &[0, 0, 5, 220]), length(57, 4)),
        (
            "relay information without length",
            discover().with(82, &[1]),
            Malformed::RelayCut { part: 1 },
        ),
        (
            "relay information cut off",
            discover().with(82, &[1, 1, 9, 2, 5, 1]),
            Malformed::RelayCut { part: 2 },
        ),
        ("a link of three bytes", discover().with(82, &[5, 3, 10, 9, 0]), length(82, 3)),
        ("a stand-in of five bytes", discover().with(82, &[11, 5, 10, 9, 0, 1, 1]), length(82, 5)),
        (
            "relay information without end",
            discover().with(82, &[1; 255]).with(82, &[1; 255]).with(82, &[1; 255]),
            length(82, 765),
        ),
    ];
    let short =
        |bytes| ("too short", discover().bytes()[..bytes].to_vec(), Malformed::Short { bytes });
    let mut all: Vec<_> =
        cases.into_iter().map(|(name, packet, error)| (name, packet.bytes(), error)).collect();
    all.extend([short(0), short(1), short(235), short(236), short(239)]);
    let long = [discover().bytes(), vec![0; 4096]].concat();
    let bytes = long.len();
    all.push(("too long", long, Malformed::Long { bytes }));
    all
}

#[test]
fn a_malformed_packet_is_turned_down_for_what_is_wrong_and_where() {
    for (name, bytes, error) in malformed() {
        assert_eq!(Request::parse(&bytes).err(), Some(error), "{name}");
    }
}

/// Packets that can be read, and why they meet silence.
fn hostile() -> Vec<(&'static str, Packet, Silence)> {
    let request = || Packet::of(REQUEST, 1);
    vec![
        (
            "an offer of a strange server is taken",
            Packet::selecting(1, STRANGER, "10.0.0.150"),
            Silence::OtherServer,
        ),
        ("a server of zeros", Packet::selecting(1, "0.0.0.0", "10.0.0.150"), Silence::OtherServer),
        (
            "the server of everybody",
            Packet::selecting(1, "255.255.255.255", "10.0.0.150"),
            Silence::OtherServer,
        ),
        ("the rack's own address is wanted", Packet::selecting(1, OURS, OURS), Silence::NotServed),
        (
            "the other rack's address is wanted",
            Packet::selecting(1, OURS, PEER),
            Silence::NotServed,
        ),
        ("the gateway is wanted", Packet::selecting(1, OURS, "10.0.0.1"), Silence::NotServed),
        ("the network is wanted", Packet::selecting(1, OURS, "10.0.0.0"), Silence::NotServed),
        (
            "the broadcast address is wanted",
            Packet::selecting(1, OURS, "10.0.0.255"),
            Silence::NotServed,
        ),
        (
            "an address outside of ranges is renewed",
            Packet::renewing(1, "10.0.0.50"),
            Silence::NotServed,
        ),
        (
            "a reserved address is wanted by another",
            Packet::selecting(1, OURS, "10.0.0.20"),
            Silence::NotServed,
        ),
        ("nothing is wanted", request(), Silence::Contradiction),
        ("nothing is wanted of us", request().address(54, OURS), Silence::Contradiction),
        (
            "a strange server is asked for renewal",
            request().ciaddr("10.0.0.150").address(54, STRANGER),
            Silence::OtherServer,
        ),
        (
            "a client nobody knows reboots",
            Packet::rebooting(1, "10.0.0.150"),
            Silence::UnknownClient,
        ),
        (
            "an address is given back by a stranger",
            Packet::of(RELEASE, 1).ciaddr("10.0.0.180"),
            Silence::NotOwner,
        ),
        ("nothing is given back", Packet::of(RELEASE, 1), Silence::Contradiction),
        (
            "an address is given back elsewhere",
            Packet::of(RELEASE, 9).ciaddr("10.0.0.180").address(54, STRANGER),
            Silence::OtherServer,
        ),
        (
            "an address is declined by a stranger",
            Packet::of(DECLINE, 1).address(54, OURS).address(50, "10.0.0.180"),
            Silence::NotOwner,
        ),
        (
            "an address is declined to nobody",
            Packet::of(DECLINE, 9).address(50, "10.0.0.180"),
            Silence::OtherServer,
        ),
        ("nothing is declined", Packet::of(DECLINE, 9).address(54, OURS), Silence::Contradiction),
        (
            "an address of another network is declined",
            Packet::of(DECLINE, 9).address(54, OURS).address(50, "8.8.8.8"),
            Silence::NotOwner,
        ),
        ("somebody informs from nowhere", Packet::of(INFORM, 1), Silence::Contradiction),
        (
            "somebody informs from elsewhere",
            Packet::of(INFORM, 1).ciaddr("8.8.8.8"),
            Silence::UnknownNetwork,
        ),
        ("a strange BOOTP client", Packet::bootp(1), Silence::UnknownClient),
        ("a relay from nowhere", discover().giaddr("8.8.8.8"), Silence::UnknownNetwork),
        ("a relay that broadcasts", discover().giaddr("10.9.0.1"), Silence::UnknownRelay),
        (
            "a relay that links nowhere",
            discover().giaddr("10.9.0.1").with(82, &[5, 4, 8, 8, 8, 8]),
            Silence::UnknownNetwork,
        ),
        (
            "a relay that links to zeros",
            discover().giaddr("10.9.0.1").with(82, &[5, 4, 0, 0, 0, 0]),
            Silence::UnknownNetwork,
        ),
        ("a relay on loopback", discover().giaddr("127.0.0.1"), Silence::UnknownNetwork),
    ]
}

#[test]
fn a_hostile_packet_meets_silence_and_nothing_is_offered_or_remembered() {
    for (name, packet, why) in hostile() {
        let mut rack = Rack::primary();
        rack.keep(8, "10.0.0.20");
        rack.learns("10.0.0.180", 9, regent_core::rack_view::lease::Standing::Held);
        assert_eq!(rack.hears(&packet), Action::Silent(why), "{name}");
        let book = &rack.book;
        let remembered =
            [book.acked.len(), book.tried.len(), book.occupied.len(), book.refused.len()];
        assert_eq!((remembered, book.offers.len()), ([0; 4], 0), "{name}");
        assert!(book.alarms.is_empty(), "{name}");
    }
}

#[test]
fn there_are_at_least_eighty_cases_of_both_kinds_together_and_no_two_are_one() {
    let mut packets: Vec<Vec<u8>> = malformed().into_iter().map(|(_, bytes, _)| bytes).collect();
    packets.extend(hostile().into_iter().map(|(_, packet, _)| packet.bytes()));
    let count = packets.len();
    assert!(count >= 80);
    packets.sort_unstable();
    packets.dedup();
    assert_eq!(packets.len(), count);
}

#[test]
fn no_packet_with_one_byte_changed_or_cut_off_anywhere_stops_the_server() {
    let whole = Packet::selecting(1, OURS, "10.0.0.150")
        .with(52, &[3])
        .with(55, &[1, 3, 6, 121, 249])
        .with(61, &[1, 2, 3])
        .with(81, b"\x05\0\0\x04node\x03lab\0")
        .with(82, &[1, 1, 9, 5, 4, 10, 9, 0, 1])
        .with(93, &[0, 7])
        .bytes();
    let cut_off = (0..whole.len()).map(|length| whole[..length].to_vec());
    let changed = (0..whole.len()).flat_map(|at| {
        [0, 1, 2, 0x7F, 0x80, 0xFE, 0xFF].map(|byte| {
            let mut bytes = whole.clone();
            bytes[at] = byte;
            bytes
        })
    });
    let rack = Rack::primary();
    let view = rack.view();
    let mut answered = 0;
    for bytes in cut_off.chain(changed) {
        let Ok(request) = Request::parse(&bytes) else { continue };
        for contact in [Contact::Quorum, Contact::CutOff, Contact::Distrusted] {
            let mut book = rack.book.clone();
            book.contact = contact;
            let (received, source) = (rack.now, ip("0.0.0.0"));
            let cast = Cast::Broadcast;
            let arrival = Arrival { vlan: VLAN, source, cast, received, now: received };
            if let Action::Send(outgoing) = answer(&request, &arrival, &view, &mut book) {
                assert!(outgoing.reply.encode().bytes.len() <= 1472);
            }
            answered += 1;
        }
    }
    assert!(answered > 1_000, "{answered}");
}
