//! Messages as bytes: what is read from requests, and how replies are written. The other side of each test is another
//! implementation, or bytes spelled out.

use crate::packet::{Packet, ip, mac};
use crate::rack::{OURS, Rack, client, outgoing};
use dhcproto::v4::{DhcpOption, Message, MessageType};
use dhcproto::{Encodable, Encoder};
use regent_core::lease::binding::Client;
use regent_core::time::Millis;
use regent_rack_agent::dhcp::message::options::Options;
use regent_rack_agent::dhcp::message::reply::{REPLY_BYTES_MAX, REPLY_BYTES_MIN, Reply};
use regent_rack_agent::dhcp::message::request::{Kind, Request};

fn read(packet: &Packet) -> Request {
    Request::parse(&packet.bytes()).unwrap()
}

/// A reply to bring options into.
fn reply() -> Reply {
    let mut reply = outgoing(Rack::primary().hears(&Packet::discover(1))).reply;
    reply.options.clear();
    reply
}

/// Options of a message in the order they stand in, parts apart.
fn listed(bytes: &[u8]) -> Vec<(u8, Vec<u8>)> {
    let mut rest = &bytes[240..];
    let mut options = Vec::new();
    while let [code, behind @ ..] = rest {
        match (code, behind) {
            (255, _) => break,
            (0, _) => rest = behind,
            (_, [length, behind @ ..]) => {
                let (value, behind) = behind.split_at(usize::from(*length));
                options.push((*code, value.to_vec()));
                rest = behind;
            }
            (_, []) => panic!("an option without its length"),
        }
    }
    options
}

#[test]
fn every_field_of_a_request_is_read() {
    let packet = Packet::selecting(7, OURS, "10.0.0.150")
        .secs(3)
        .broadcast()
        .giaddr("10.9.0.1")
        .with(12, b"node-7")
        .with(51, &[0, 0, 1, 0])
        .with(55, &[1, 3, 6])
        .with(57, &[5, 220])
        .with(60, b"PXEClient")
        .with(61, &[1, 2, 3])
        .with(77, b"\x01a\x02bc")
        .with(80, &[])
        .with(82, &[1, 1, 9, 2, 2, 8, 8])
        .with(93, &[0, 7, 0, 9]);
    let request = read(&packet);
    assert_eq!(request.kind, Kind::Request);
    assert_eq!((request.xid, request.secs, request.broadcast), (0xAABB_CC07, 3, true));
    assert_eq!((request.ciaddr, request.giaddr), (None, Some(ip("10.9.0.1"))));
    assert_eq!((request.hardware.htype, request.hardware.hlen), (1, 6));
    assert_eq!(request.hardware.chaddr[..6], mac(7));
    assert_eq!(request.client, client(7));
    assert_eq!(request.server_id, Some(ip(OURS)));
    assert_eq!(request.requested, Some(ip("10.0.0.150")));
    assert_eq!(request.host_name.as_deref(), Some(b"node-7".as_slice()));
    assert_eq!(request.life, Some(Millis::from_secs(256)));
    assert_eq!(request.parameters, [1, 3, 6]);
    assert_eq!(request.size_max, Some(1500));
    assert_eq!(request.vendor_class.as_deref(), Some(b"PXEClient".as_slice()));
    assert_eq!(request.client_id.as_deref(), Some([1, 2, 3].as_slice()));
    assert_eq!(request.user_classes, [b"a".to_vec(), b"bc".to_vec()]);
    assert!(request.rapid_commit && !request.is_ipxe);
    let relay = request.relay.unwrap();
    assert_eq!((relay.circuit, relay.remote), (Some(vec![9]), Some(vec![8, 8])));
    assert_eq!(request.architectures, [7, 9]);
}

#[test]
fn a_request_of_another_implementation_is_read_alike() {
    let mut message = Message::default();
    message.set_xid(0x1234_5678).set_secs(5).set_chaddr(&mac(3)).set_ciaddr(ip("10.0.0.9"));
    message.opts_mut().insert(DhcpOption::MessageType(MessageType::Request));
    message.opts_mut().insert(DhcpOption::Hostname("x".into()));
    message.opts_mut().insert(DhcpOption::ClientIdentifier(vec![5; 200]));
    let mut bytes = Vec::new();
    message.encode(&mut Encoder::new(&mut bytes)).unwrap();
    let request = Request::parse(&bytes).unwrap();
    assert_eq!((request.kind, request.xid, request.secs), (Kind::Request, 0x1234_5678, 5));
    assert_eq!((request.client, request.ciaddr), (client(3), Some(ip("10.0.0.9"))));
    assert_eq!((request.host_name, request.client_id), (Some(b"x".to_vec()), Some(vec![5; 200])));
}

#[test]
fn a_client_is_its_card_and_without_one_its_identifier() {
    let infiniband = Packet::discover(1).field(1, &[32, 0]).with(61, &[0, 9, 9]);
    assert_eq!(read(&infiniband).client, Client::Identifier(vec![0, 9, 9]));
    assert_eq!(read(&Packet::discover(1).with(61, &[0, 9, 9])).client, client(1));
}

#[test]
fn an_option_that_makes_no_sense_and_can_be_done_without_counts_as_not_sent() {
    let label_of_64 = [&[4, 0, 0, 64], [b'x'; 64].as_slice()].concat();
    let name_of_256 = [&[0, 0, 0], [b'x'; 256].as_slice()].concat();
    let senseless: [(&str, u8, &[u8]); 14] = [
        ("an empty identifier", 61, &[]),
        ("an identifier of 256 bytes", 61, &[1; 256]),
        ("rapid commit with a value", 80, &[1]),
        ("a whole name without flags", 81, &[]),
        ("a whole name of two bytes", 81, &[0, 0]),
        ("a name label over its end", 81, &[4, 0, 0, 9, b'x']),
        ("a name label of 64", 81, &label_of_64),
        ("a name with a pointer", 81, &[4, 0, 0, 0xC0, 0]),
        ("a name with an empty label inside", 81, &[4, 0, 0, 0, 1, b'x']),
        ("a name of 256 bytes", 81, &name_of_256),
        ("no architecture", 93, &[]),
        ("half an architecture", 93, &[0]),
        ("one and a half architectures", 93, &[0, 7, 0]),
        ("a machine without type", 97, &[7; 16]),
    ];
    let plain = read(&Packet::discover(1));
    for (name, code, value) in senseless {
        let parts =
            value.chunks(255).fold(Packet::discover(1), |packet, part| packet.with(code, part));
        let packet = if value.is_empty() { parts.with(code, &[]) } else { parts };
        assert_eq!(read(&packet), plain, "{name}");
    }
}

#[test]
fn parts_of_an_option_are_joined_wherever_they_stand() {
    let packet = Packet::discover(1)
        .with(12, b"ab")
        .with(60, b"x")
        .with(12, b"cd")
        .with(52, &[3])
        .field(108, &[12, 2, b'e', b'f', 255])
        .field(44, &[12, 1, b'g', 0, 0, 255]);
    assert_eq!(read(&packet).host_name.as_deref(), Some(b"abcdefg".as_slice()));
}

#[test]
fn only_the_fields_that_are_overloaded_hold_options() {
    let fields = |overload: u8| {
        Packet::discover(1)
            .with(52, &[overload])
            .field(108, &[12, 1, b'f', 255])
            .field(44, &[60, 1, b's', 255])
    };
    for (overload, file, sname) in [(1, true, false), (2, false, true), (3, true, true)] {
        let request = read(&fields(overload));
        assert_eq!(request.host_name.is_some(), file, "{overload}");
        assert_eq!(request.vendor_class.is_some(), sname, "{overload}");
    }
}

#[test]
fn an_option_behind_the_end_does_not_count() {
    let packet = Packet::discover(1).raw(&[255]).with(12, b"late");
    assert_eq!(read(&packet).host_name, None);
}

#[test]
fn a_missing_end_is_forgiven() {
    assert_eq!(read(&Packet::discover(1).with(12, b"x").without_end()).kind, Kind::Discover);
}

#[test]
fn the_whole_name_of_a_client_is_read_in_both_forms() {
    let text = read(&Packet::discover(1).with(81, b"\x01\0\0node.lab"));
    assert_eq!(text.name(), Some(b"node.lab".as_slice()));
    let wire = read(&Packet::discover(1).with(81, b"\x05\0\0\x04node\x03lab\0"));
    assert_eq!(wire.name(), Some(b"node.lab".as_slice()));
    let empty = read(&Packet::discover(1).with(81, b"\x01\0\0").with(12, b"short"));
    assert_eq!(empty.name(), Some(b"short".as_slice()));
    let private = read(&Packet::discover(1).with(81, b"\x08\0\0node").with(12, b"node"));
    assert_eq!(private.name(), None);
}

#[test]
fn the_server_says_that_it_enters_the_name() {
    for (asked, said) in [(0_u8, 3_u8), (1, 1), (4, 7), (5, 5), (8, 8), (9, 10)] {
        let fqdn = read(&Packet::discover(1).with(81, &[asked, 0, 0, 1, b'x'])).fqdn.unwrap();
        assert_eq!(fqdn.answer(), [said, 255, 255, 1, b'x'], "{asked}");
    }
}

#[test]
fn options_of_a_reply_stand_in_one_order_with_the_relays_last() {
    let mut reply = reply();
    for code in [200, 12, 6, 3, 100, 1, 51, 54] {
        reply.options.insert(code, vec![code]);
    }
    reply.relay = Some(vec![1, 1, 1]);
    let codes: Vec<u8> = listed(&reply.encode().bytes).iter().map(|(code, _)| *code).collect();
    assert_eq!(codes, [53, 54, 51, 1, 3, 6, 12, 100, 200, 82]);
}

#[test]
fn a_long_option_is_cut_into_parts_that_make_the_whole() {
    let mut reply = reply();
    let value: Vec<u8> = (0..=u8::MAX).chain(0..=u8::MAX).collect();
    reply.options.insert(43, value.clone());
    reply.size_max = Some(1500);
    let bytes = reply.encode().bytes;
    let parts: Vec<usize> =
        listed(&bytes).iter().filter(|(code, _)| *code == 43).map(|(_, part)| part.len()).collect();
    assert_eq!(parts, [255, 255, 2]);
    assert_eq!(Options::read(&bytes).unwrap().get(43), Some(value.as_slice()));
}

#[test]
fn a_reply_is_never_longer_than_the_client_takes_and_the_least_important_is_left_out() {
    let mut reply = reply();
    reply.options.extend([
        (3, vec![3; 100]),
        (119, vec![9; 200]),
        (12, vec![12; 60]),
        (224, vec![1; 60]),
    ]);
    for (size_max, left_out, bytes_max) in [
        (None, vec![119], 548),
        (Some(0), vec![119], 548),
        (Some(576), vec![119], 548),
        (Some(800), vec![], 772),
        (Some(u16::MAX), vec![], REPLY_BYTES_MAX),
    ] {
        reply.size_max = size_max;
        let encoded = reply.encode();
        assert_eq!(encoded.left_out, left_out, "{size_max:?}");
        assert!(encoded.bytes.len() <= bytes_max, "{size_max:?}");
    }
}

#[test]
fn what_the_relay_added_always_comes_back_and_the_frame_still_holds_it() {
    let mut reply = reply();
    reply.size_max = Some(u16::MAX);
    reply.options.extend((100..120).map(|code| (code, vec![code; 100])));
    reply.relay = Some(vec![0; 510]);
    let encoded = reply.encode();
    assert!(encoded.bytes.len() <= REPLY_BYTES_MAX);
    assert_eq!(Options::read(&encoded.bytes).unwrap().get(82).map(<[u8]>::len), Some(510));
    assert!(!encoded.left_out.is_empty());
}

#[test]
fn a_short_reply_is_filled_up() {
    assert_eq!(reply().encode().bytes.len(), REPLY_BYTES_MIN);
}

#[test]
fn a_boot_file_that_does_not_fit_its_field_leaves_it_empty() {
    let mut reply = reply();
    reply.file = vec![b'x'; 127];
    assert_eq!(reply.encode().bytes[108..236], [vec![b'x'; 127], vec![0]].concat());
    reply.file = vec![b'x'; 128];
    assert_eq!(reply.encode().bytes[108..236], [0; 128]);
}
