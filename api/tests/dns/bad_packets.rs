//! Packets that are wrong, made by hand, each with the code it gets or the silence it meets (RFC 1035, 6891, 8490).
//!
//! One row, one packet. None changes the state, and the plain question behind each is answered.

use crate::node::Node;
use regent_api::dns::config::DnsSection;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::net::UdpSocket;
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_secs(30);
const ASK_AGAIN: Duration = Duration::from_secs(1);

/// What comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reply {
    Silence,
    NoError,
    FormErr,
    NotImp,
    Refused,
    BadVers,
    Other(u16),
}
use Reply::{BadVers, FormErr, NoError, NotImp, Refused, Silence};

/// The second and third octet of a header.
const QUERY: [u8; 2] = [0, 0];
/// `web.maas A IN`.
const WEB: &[u8] = b"\x03web\x04maas\0\0\x01\0\x01";
/// An OPT record as clients send it: 1232 octets, version 0.
const OPT: &[u8] = b"\0\0\x29\x04\xd0\0\0\0\0\0\0";
/// `web.maas TSIG`, with nothing that a signature has.
const TSIG: &[u8] = b"\x03web\x04maas\0\0\xfa\0\xff\0\0\0\0\0\x03abc";

/// A packet: flags, the four counts, and what stands behind them.
type Row = (&'static str, [u8; 2], [u16; 4], &'static [&'static [u8]], Reply);

const HEADERS: &[Row] = &[
    ("a header and nothing else", QUERY, [0, 0, 0, 0], &[], FormErr),
    ("no question, though one is there", QUERY, [0, 0, 0, 0], &[WEB], FormErr),
    ("one question, which is not there", QUERY, [1, 0, 0, 0], &[], FormErr),
    ("two questions", QUERY, [2, 0, 0, 0], &[WEB, WEB], FormErr),
    ("two questions, one of them there", QUERY, [2, 0, 0, 0], &[WEB], FormErr),
    ("as many questions as can be announced", QUERY, [0xFFFF, 0, 0, 0], &[WEB], FormErr),
    ("an answer, which is not there", QUERY, [1, 1, 0, 0], &[WEB], FormErr),
    ("an authority, which is not there", QUERY, [1, 0, 1, 0], &[WEB], FormErr),
    ("as many additions as can be announced", QUERY, [1, 0, 0, 0xFFFF], &[WEB], FormErr),
    ("a reply", [0x80, 0], [1, 0, 0, 0], &[WEB], Silence),
    ("a reply with an error", [0x80, 1], [1, 0, 0, 0], &[WEB], Silence),
    ("a reply that makes no sense", [0x80, 0], [9, 9, 9, 9], &[b"\xff\xff\xff"], Silence),
    ("a reply to an operation that there is not", [0xF8, 0], [0, 0, 0, 0], &[], Silence),
    ("an inverse query", [0x08, 0], [1, 0, 0, 0], &[WEB], NotImp),
    ("a status request", [0x10, 0], [1, 0, 0, 0], &[WEB], NotImp),
    ("an operation that was never given out", [0x18, 0], [1, 0, 0, 0], &[WEB], NotImp),
    ("a notification", [0x20, 0], [1, 0, 0, 0], &[WEB], NotImp),
    ("an update", [0x28, 0], [1, 0, 0, 0], &[WEB], NotImp),
    ("a stateful operation", [0x30, 0], [0, 0, 0, 0], &[], NotImp),
    ("the last operation there is, with noise", [0x78, 0], [7, 7, 7, 7], &[b"noise"], NotImp),
    ("a question with the bits of an answer", [0x06, 0x8F], [1, 0, 0, 0], &[WEB], NoError),
    ("a question with the reserved bit", [0, 0x40], [1, 0, 0, 0], &[WEB], NoError),
    ("octets behind the question", QUERY, [1, 0, 0, 0], &[WEB, b"and more"], NoError),
];

const NAMES: &[Row] = &[
    ("a name that points at itself", QUERY, [1, 0, 0, 0], &[b"\xc0\x0c\0\x01\0\x01"], FormErr),
    ("a name that points ahead", QUERY, [1, 0, 0, 0], &[b"\xc0\x20\0\x01\0\x01"], FormErr),
    ("a name that points behind the end", QUERY, [1, 0, 0, 0], &[b"\xff\xff\0\x01\0\x01"], FormErr),
    (
        "two names that point at each other",
        QUERY,
        [1, 0, 0, 0],
        &[b"\xc0\x0e\xc0\x0c\0\x01\0\x01"],
        FormErr,
    ),
    (
        "a label, then back to it for ever",
        QUERY,
        [1, 0, 0, 0],
        &[b"\x01a\xc0\x0c\0\x01\0\x01"],
        FormErr,
    ),
    ("a pointer cut in two", QUERY, [1, 0, 0, 0], &[b"\xc0"], FormErr),
    ("a label of the kind 01", QUERY, [1, 0, 0, 0], &[b"\x41x\0\0\x01\0\x01"], FormErr),
    ("a label of the kind 10", QUERY, [1, 0, 0, 0], &[b"\x81x\0\0\x01\0\x01"], FormErr),
    ("a label that reaches behind the end", QUERY, [1, 0, 0, 0], &[b"\x3fweb\0\0\x01"], FormErr),
    ("a name without its end", QUERY, [1, 0, 0, 0], &[b"\x03web\x04maas"], FormErr),
    ("a name without type and class", QUERY, [1, 0, 0, 0], &[b"\x03web\x04maas\0"], FormErr),
    ("a name with half a type", QUERY, [1, 0, 0, 0], &[b"\x03web\x04maas\0\0"], FormErr),
    ("a name without class", QUERY, [1, 0, 0, 0], &[b"\x03web\x04maas\0\0\x01"], FormErr),
    (
        "a name of more than 255 octets",
        QUERY,
        [1, 0, 0, 0],
        &[L, L, L, L, b"\0\0\x01\0\x01"],
        FormErr,
    ),
    (
        "more labels than a name can have",
        QUERY,
        [1, 0, 0, 0],
        &[S, S, S, S, b"\0\0\x01\0\x01"],
        FormErr,
    ),
    (
        "a foreign name of 252 octets",
        QUERY,
        [1, 0, 0, 0],
        &[L, L, L, M, b"\0\0\x01\0\x01"],
        Refused,
    ),
    ("labels of zeros", QUERY, [1, 0, 0, 0], &[b"\x03\0\0\0\0\0\x01\0\x01"], Refused),
    ("labels of noise", QUERY, [1, 0, 0, 0], &[b"\x04\xff\xfe. \0\0\x01\0\x01"], Refused),
    ("the root", QUERY, [1, 0, 0, 0], &[b"\0\0\x02\0\x01"], Refused),
];

/// A label of 63 octets, and one of 59; 33 labels of one octet.
const L: &[u8] = b"\x3fxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
const M: &[u8] = b"\x3bxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
const S: &[u8] = b"\x01x\x01x\x01x\x01x\x01x\x01x\x01x\x01x\x01x\x01x\x01x\x01x\x01x\x01x\x01x\x01x\x01x\
                   \x01x\x01x\x01x\x01x\x01x\x01x\x01x\x01x\x01x\x01x\x01x\x01x\x01x\x01x\x01x\x01x";

const TYPES: &[Row] = &[
    ("class ANY", QUERY, [1, 0, 0, 0], &[b"\x03web\x04maas\0\0\x01\0\xff"], Refused),
    ("class NONE", QUERY, [1, 0, 0, 0], &[b"\x03web\x04maas\0\0\x01\0\xfe"], Refused),
    ("class 0", QUERY, [1, 0, 0, 0], &[b"\x03web\x04maas\0\0\x01\0\0"], Refused),
    ("class HS", QUERY, [1, 0, 0, 0], &[b"\x03web\x04maas\0\0\x01\0\x04"], Refused),
    ("the last class", QUERY, [1, 0, 0, 0], &[b"\x03web\x04maas\0\0\x01\xff\xff"], Refused),
    ("our name in class CH", QUERY, [1, 0, 0, 0], &[b"\x03web\x04maas\0\0\x10\0\x03"], Refused),
    ("type 0", QUERY, [1, 0, 0, 0], &[b"\x03web\x04maas\0\0\0\0\x01"], NoError),
    ("type OPT", QUERY, [1, 0, 0, 0], &[b"\x03web\x04maas\0\0\x29\0\x01"], NoError),
    ("type TSIG", QUERY, [1, 0, 0, 0], &[b"\x03web\x04maas\0\0\xfa\0\x01"], NoError),
    ("the last type", QUERY, [1, 0, 0, 0], &[b"\x03web\x04maas\0\xff\xff\0\x01"], NoError),
    ("a zone, asked by a stranger", QUERY, [1, 0, 0, 0], &[b"\x04maas\0\0\xfc\0\x01"], Refused),
    ("its difference, likewise", QUERY, [1, 0, 0, 0], &[b"\x04maas\0\0\xfb\0\x01"], Refused),
    ("a zone that is not ours", QUERY, [1, 0, 0, 0], &[b"\x03org\0\0\xfc\0\x01"], Refused),
    ("a foreign name", QUERY, [1, 0, 0, 0], &[b"\x03org\0\0\x01\0\x01"], Refused),
    (
        "a foreign name, to be asked of others",
        [1, 0],
        [1, 0, 0, 0],
        &[b"\x03org\0\0\x01\0\x01"],
        Refused,
    ),
];

const ADDITIONS: &[Row] = &[
    ("EDNS as it should be", QUERY, [1, 0, 0, 1], &[WEB, OPT], NoError),
    ("EDNS version 1", QUERY, [1, 0, 0, 1], &[WEB, b"\0\0\x29\x04\xd0\0\x01\0\0\0\0"], BadVers),
    ("EDNS version 255", QUERY, [1, 0, 0, 1], &[WEB, b"\0\0\x29\x04\xd0\0\xff\0\0\0\0"], BadVers),
    ("room for nothing", QUERY, [1, 0, 0, 1], &[WEB, b"\0\0\x29\0\0\0\0\0\0\0\0"], NoError),
    ("room for everything", QUERY, [1, 0, 0, 1], &[WEB, b"\0\0\x29\xff\xff\0\0\0\0\0\0"], NoError),
    ("all bits of EDNS", QUERY, [1, 0, 0, 1], &[WEB, b"\0\0\x29\x04\xd0\0\0\xff\xff\0\0"], NoError),
    ("two OPT records", QUERY, [1, 0, 0, 2], &[WEB, OPT, OPT], FormErr),
    ("half an OPT record", QUERY, [1, 0, 0, 1], &[WEB, b"\0\0\x29\x04\xd0\0"], FormErr),
    (
        "an OPT record with a name",
        QUERY,
        [1, 0, 0, 1],
        &[WEB, b"\x01x\0\0\x29\x04\xd0\0\0\0\0\0\0"],
        FormErr,
    ),
    (
        "an OPT record longer than the packet",
        QUERY,
        [1, 0, 0, 1],
        &[WEB, b"\0\0\x29\x04\xd0\0\0\0\0\0\xff"],
        FormErr,
    ),
    (
        "an option longer than its record",
        QUERY,
        [1, 0, 0, 1],
        &[WEB, b"\0\0\x29\x04\xd0\0\0\0\0\0\x05\0\x0a\0\xffx"],
        FormErr,
    ),
    (
        "half the head of an option: no option at all",
        QUERY,
        [1, 0, 0, 1],
        &[WEB, b"\0\0\x29\x04\xd0\0\0\0\0\0\x02\0\x0a"],
        NoError,
    ),
    (
        "an option nobody knows",
        QUERY,
        [1, 0, 0, 1],
        &[WEB, b"\0\0\x29\x04\xd0\0\0\0\0\0\x08\xfd\xe9\0\x04abcd"],
        NoError,
    ),
    ("a signature that is none", QUERY, [1, 0, 0, 1], &[WEB, TSIG], FormErr),
    ("a record that points into noise", QUERY, [1, 0, 0, 1], &[WEB, b"\xc0\xff\0\x01"], FormErr),
    (
        "an address of three octets",
        QUERY,
        [1, 1, 0, 0],
        &[WEB, b"\xc0\x0c\0\x01\0\x01\0\0\0\0\0\x03abc"],
        FormErr,
    ),
];

/// Packets that are not even a header.
const SCRAPS: &[(&str, &[u8])] = &[
    ("one octet", b"\x12"),
    ("an id", b"\x12\x34"),
    ("half a header", b"\x12\x34\0\0\0\x01"),
    ("a header without its last octet", b"\x12\x34\0\0\0\x01\0\0\0\0\0"),
    ("a line of text", b"GET / HTTP\r"),
];

#[tokio::test(flavor = "multi_thread")]
async fn bad_headers_get_their_code_or_silence() {
    check(HEADERS).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_names_are_format_errors_or_foreign() {
    check(NAMES).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_types_and_classes_are_refused_or_have_no_data() {
    check(TYPES).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_additions_get_their_code() {
    check(ADDITIONS).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn scraps_meet_silence() {
    let node = site().await;
    for (what, packet) in SCRAPS {
        assert_eq!(answered(node.address, packet).await, Silence, "{what}");
    }
}

async fn check(rows: &[Row]) {
    let node = site().await;
    let before = node.digest();
    let mut wrong = Vec::new();
    for (what, flags, counts, pieces, wanted) in rows {
        let mut packet = vec![0x12, 0x34, flags[0], flags[1]];
        packet.extend(counts.iter().flat_map(|count| count.to_be_bytes()));
        packet.extend(pieces.concat());
        let got = answered(node.address, &packet).await;
        if got != *wanted {
            wrong.push(format!("{what}: {got:?}, not {wanted:?}"));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert_eq!(node.digest(), before, "a packet changed the state");
}

async fn site() -> Node {
    let node = Node::start(DnsSection::default()).await;
    node.name("web", &["10.0.0.5"]);
    node
}

/// What a packet gets: it is sent, then a plain question with an id of its own. Packets of one socket are met in order,
/// so what comes before the answer to the question is the reply, and nothing means silence.
async fn answered(server: SocketAddr, packet: &[u8]) -> Reply {
    const LAST: [u8; 2] = [0xAB, 0xCD];
    let question = [&LAST, b"\0\0\0\x01\0\0\0\0\0\0".as_slice(), WEB].concat();
    let over = Instant::now() + PATIENCE;
    // UDP may lose a packet when the machine is busy; then all is done again on another socket.
    while Instant::now() < over {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        socket.connect(server).await.unwrap();
        socket.send(packet).await.unwrap();
        socket.send(&question).await.unwrap();
        let mut reply = Silence;
        let mut bytes = [0; 4096];
        while let Ok(length) = timeout(ASK_AGAIN, socket.recv(&mut bytes)).await {
            let answer = &bytes[..length.unwrap()];
            if answer[..2] == LAST {
                assert_eq!((answer[3] & 0xF, answer[7]), (0, 1), "the plain question suffers");
                return reply;
            }
            assert_eq!(reply, Silence, "more than one reply");
            reply = code(packet, answer);
        }
    }
    panic!("no answer to a plain question in {PATIENCE:?}");
}

fn code(packet: &[u8], answer: &[u8]) -> Reply {
    assert_eq!(answer[..2], packet[..2], "the id is another one");
    assert_eq!(answer[2] & 0xF8, packet[2] & 0x78 | 0x80, "no reply to this operation");
    // The upper bits of the code are in the OPT record, the only one of an answer without a question.
    let upper = if answer[5] == 0 && answer[11] == 1 { u16::from(answer[17]) } else { 0 };
    match upper << 4 | u16::from(answer[3] & 0xF) {
        0 => NoError,
        1 => FormErr,
        4 => NotImp,
        5 => Refused,
        16 => BadVers,
        other => Reply::Other(other),
    }
}
