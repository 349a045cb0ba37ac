//! The DNS server of a node, without its sockets: what is done with a packet.
//!
//! Whatever it is: at most one reply, never to a reply, with the request's id and question, within what the client
//! takes, readable by another implementation, the same each time. A zone goes only to who may have it, whole.

use crate::frames;
use crate::subject::sites::{applied, imported, request};
use crate::target::Target;
use hickory_proto::op::Message;
use regent_api::dns::config::DnsSection;
use regent_api::dns::limits::{
    MESSAGE_BYTES_MAX, TRANSFER_MESSAGE_BYTES, UDP_PAYLOAD_BYTES_MAX, UDP_PAYLOAD_BYTES_MIN,
};
use regent_api::dns::listening::Listening;
use regent_api::dns::question::{Question, Transport};
use regent_api::dns::responder::Responder;
use regent_api::dns::response::{Forwarded, Response};
use regent_api::dns::source::Source;
use regent_api::dns::transfer::Part;
use regent_core::command::Command;
use regent_core::model::subnet::Subnet;
use regent_core::outcome::Outcome;
use regent_core::state::State;
use regent_core::time::ClusterTime;
use regent_raft::state_machine::published::{Progress, Published};
use regent_raft::type_config::StoredMembership;
use serde_json::{Value, json};
use std::net::IpAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch;

/// The target. Its input is one byte about who asks and how, then the packet.
pub const TARGET: Target = Target {
    name: "dns",
    about: "answers a packet: authoritative data, forwarding, transfers",
    run,
    seeds,
    words: WORDS,
    input_bytes_max: 4097,
    memory_bytes_max: 4 << 20,
    memory_factor: 64,
};

const WORDS: &[&[u8]] = &[
    b"\x03maas\0",
    b"\x04many\x03big\0",
    b"\x07version\x04bind\0",
    b"\x09freshness\x06regent\0",
    b"\x01*",
    b"\x07in-addr\x04arpa\0",
    b"\x02ip6\x04arpa\0",
    b"\xc0\x0c",
    b"\xc0\x0d",
    b"\xff\xff",
    b"\x3f",
    b"\x40",
    b"\0",
    b"\0\x01\0\x01",
    b"\0\x02\0\x01",
    b"\0\x05\0\x01",
    b"\0\x06\0\x01",
    b"\0\x0c\0\x01",
    b"\0\x0f\0\x01",
    b"\0\x10\0\x01",
    b"\0\x1c\0\x01",
    b"\0\x21\0\x01",
    b"\0\xfb\0\x01",
    b"\0\xfc\0\x01",
    b"\0\xff\0\x01",
    b"\0\xff\0\xff",
    b"\0\x10\0\x03",
    b"\0\0\x29\x04\xd0\0\0\0\0\0\0",
    b"\0\0\x29\xff\xff\0\x01\0\0\0\0",
    b"\0\0\x29\0\0\0\0\x80\0\0\x0b\0\x0a\0\x08abcdefg",
    b"\0\0\xfa\0\xff\0\0\0\0\0\x10",
];

/// Where packets come from: this host, a secondary, anybody.
const CLIENTS: [IpAddr; 4] = [
    IpAddr::V4(std::net::Ipv4Addr::LOCALHOST),
    IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 53)),
    IpAddr::V4(std::net::Ipv4Addr::new(203, 0, 113, 9)),
    IpAddr::V6(std::net::Ipv6Addr::LOCALHOST),
];
/// The one of them that may transfer zones.
const SECONDARY: usize = 1;
/// Octets of a header.
const HEADER_BYTES: usize = 12;
/// Messages that any zone of the test state takes.
const MESSAGES_MAX: usize = 64;

/// A node that never changes.
struct Frozen {
    published: Arc<Published>,
    progress: watch::Sender<Progress>,
}

impl Source for Frozen {
    fn published(&self) -> Arc<Published> {
        Arc::clone(&self.published)
    }

    fn progress(&self) -> watch::Receiver<Progress> {
        self.progress.subscribe()
    }

    fn last_contact(&self) -> Option<Duration> {
        Some(Duration::from_millis(7))
    }

    fn is_leader(&self) -> bool {
        true
    }
}

/// Who asks and how.
#[derive(Clone, Copy)]
struct Asker {
    client: usize,
    transport: Transport,
}

impl Asker {
    fn of(byte: u8) -> Self {
        let transport = if byte & 1 == 0 { Transport::Udp } else { Transport::Tcp };
        Self { client: usize::from(byte >> 1) % CLIENTS.len(), transport }
    }
}

fn run(input: &[u8]) -> String {
    let Some((first, packet)) = input.split_first() else { return "nothing".into() };
    let asker = Asker::of(*first);
    let ask = || responder().respond(packet, CLIENTS[asker.client], asker.transport);
    match (ask(), ask()) {
        (Response::Silence, Response::Silence) => {
            assert!(is_no_request(packet), "a request met silence");
            "silence".into()
        }
        (Response::Message(reply), Response::Message(again)) => {
            assert_eq!(reply, again, "one question has two answers");
            check_reply(packet, &reply, asker);
            told(&reply)
        }
        (Response::Forward(forwarded), Response::Forward(_)) => check_forward(&forwarded, packet),
        (Response::Transfer(question), Response::Transfer(_)) => check_transfer(*question, asker),
        _ => panic!("one packet is met in two ways"),
    }
}

fn is_no_request(packet: &[u8]) -> bool {
    packet.len() < HEADER_BYTES || packet[2] & 0x80 != 0
}

fn check_reply(packet: &[u8], reply: &[u8], asker: Asker) {
    assert!(!is_no_request(packet), "what is no request got a reply");
    assert!(reply.len() >= HEADER_BYTES, "a reply without a header");
    assert_eq!(reply[..2], packet[..2], "the id is another one");
    assert_eq!(reply[2] & 0x80, 0x80, "the reply does not say that it is one");
    assert_eq!(reply[2] & 0x78, packet[2] & 0x78, "the operation is another one");
    assert_eq!(reply[3] & 0x40, 0, "a reserved bit is set");
    let replied = Message::from_vec(reply).unwrap_or_else(|error| panic!("unreadable: {error}"));
    // The decoder makes room for as many questions as a packet announces; only one is ever answered.
    let asked = (packet[4..6] == [0, 1]).then(|| Message::from_vec(packet).ok()).flatten();
    check_size(reply, asked.as_ref(), asker.transport);
    if !replied.queries.is_empty() {
        let asked = asked.as_ref().expect("a repeated question was read from the request");
        assert_eq!(replied.queries, asked.queries, "the question is another one");
        assert_eq!(reply[2] & 1, packet[2] & 1, "RD is another one");
        assert_eq!(replied.edns.is_some(), asked.edns.is_some(), "EDNS on one side only");
    }
    let back = responder().respond(reply, CLIENTS[asker.client], asker.transport);
    assert!(matches!(back, Response::Silence), "a reply got a reply");
}

fn check_size(reply: &[u8], asked: Option<&Message>, transport: Transport) {
    let announced = asked.and_then(|asked| asked.edns.as_ref()).map(|edns| edns.max_payload());
    let size_max = match transport {
        Transport::Udp => announced
            .map_or(UDP_PAYLOAD_BYTES_MIN, usize::from)
            .clamp(UDP_PAYLOAD_BYTES_MIN, UDP_PAYLOAD_BYTES_MAX),
        Transport::Tcp => MESSAGE_BYTES_MAX,
    };
    assert!(reply.len() <= size_max, "{} bytes, {size_max} allowed", reply.len());
    let truncated = reply[2] & 2 != 0;
    assert!(!truncated || transport == Transport::Udp, "cut over TCP");
}

fn told(reply: &[u8]) -> String {
    let count = |at: usize| if reply[at] > 0 || reply[at + 1] > 0 { '+' } else { '-' };
    let flags = (reply[2] & 6, reply[3] & 0x8F);
    format!("reply {flags:?} {}{}{}", count(6), count(8), count(10))
}

fn check_forward(forwarded: &Forwarded, packet: &[u8]) -> String {
    assert!(packet[2] & 1 == 1, "forwarded without having been asked to");
    assert!(!forwarded.servers.is_empty(), "forwarded to nobody");
    format!("forward, aliased: {}", forwarded.answer.is_some())
}

fn check_transfer(question: Question, asker: Asker) -> String {
    assert_eq!(asker.transport, Transport::Tcp, "a zone over UDP");
    assert_eq!(asker.client, SECONDARY, "a zone for a stranger");
    let responder = responder();
    let view = responder.source.published().state.dns().clone();
    let messages = runtime().block_on(async {
        let mut coming =
            responder.transfers.begin(question.clone(), view).expect("no other is under way");
        let mut messages = Vec::new();
        while let Some(part) = coming.recv().await {
            assert!(messages.len() < MESSAGES_MAX, "a transfer that does not end");
            match part {
                Part::More(message) => messages.push(message),
                Part::Last(message) => {
                    messages.push(message);
                    return messages;
                }
            }
        }
        panic!("a transfer without its end")
    });
    let mut soas = Vec::new();
    let mut records = 0;
    for bytes in &messages {
        assert!(bytes.len() <= TRANSFER_MESSAGE_BYTES + MESSAGE_BYTES_MAX / 2, "a long message");
        assert_eq!(bytes[..2], question.id.to_be_bytes(), "the id is another one");
        let message =
            Message::from_vec(bytes).unwrap_or_else(|error| panic!("unreadable: {error}"));
        for record in &message.answers {
            if record.record_type() == hickory_proto::rr::RecordType::SOA {
                soas.push((records, record.clone()));
            }
            records += 1;
        }
    }
    let [(0, first), (last, again)] = soas.as_slice() else { panic!("SOAs: {soas:?}") };
    assert_eq!(first, again, "a transfer begins and ends with the same SOA");
    assert_eq!(last + 1, records, "records behind the end");
    "transfer".into()
}

fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| Builder::new_current_thread().build().expect("a runtime can be made"))
}

fn responder() -> &'static Responder {
    static RESPONDER: OnceLock<Responder> = OnceLock::new();
    RESPONDER.get_or_init(|| {
        let (transfer, upstream) = (CLIENTS[SECONDARY].to_string(), "192.0.2.1".to_owned());
        let config = json!({ "allow_transfer": [transfer], "upstreams": [upstream] });
        let config: DnsSection = serde_json::from_value(config).expect("a section as in the file");
        let published = Published {
            applied: None,
            membership: StoredMembership::default(),
            state: site(),
            since_boot: Duration::ZERO,
        };
        let progress = watch::Sender::new(Progress::default());
        let source = Frozen { published: Arc::new(published), progress };
        Responder::new(Arc::new(source), config, Listening::default())
    })
}

/// The imported site, with a domain whose answers do not fit small packets and one that leads away.
fn site() -> State {
    const ADDRESSES: u8 = 90;
    let mut state = imported();
    let vlan = state.tables().vlans.iter().next().map(|(id, _)| *id).expect("it has VLANs");
    let subnet = Subnet::new(vlan, "198.51.100.0/24".parse().expect("a prefix"));
    let mut create = |command: Value| -> Value {
        let command: Command = serde_json::from_value(command).expect("a command as its JSON");
        let applied = applied(&state, ClusterTime(0), request(command));
        state = applied.state;
        match applied.reply.result {
            Ok(Outcome::Created(object)) => json!(object.key.to_string().parse::<u32>().ok()),
            other => panic!("not made: {other:?}"),
        }
    };
    create(json!({ "Subnet": { "Create": subnet } }));
    let domain = create(json!({ "Domain": { "Create": {
        "name": "big", "authoritative": true, "ttl": null, "forward_servers": [],
    } } }));
    let addresses: Vec<Value> = (1..=ADDRESSES)
        .map(|last| {
            create(json!({ "StaticIpAddress": { "Create": {
                "ip": format!("198.51.100.{last}"), "alloc_type": "UserReserved", "subnet": null,
                "interfaces": [], "user": null, "lease_time": 0, "temp_expires_on": null,
                "comment": "",
            } } }))
        })
        .collect();
    let mut resource = |name: &str, addresses: &[Value]| {
        create(json!({ "DnsResource": { "Create": {
            "name": name, "domain": domain, "address_ttl": null, "addresses": addresses,
        } } }))
    };
    resource("many", &addresses);
    let (text, away) = (resource("text", &[]), resource("away", &[]));
    let long = format!("\"{}\"", "x".repeat(200)).repeat(9).replace("\"\"", "\" \"");
    for (resource, rtype, rdata) in
        [(text, "TXT", long.as_str()), (away, "CNAME", "elsewhere.example.org.")]
    {
        create(json!({ "DnsData": { "Create": {
            "resource": resource, "ttl": null, "rdata": { "rtype": rtype, "rdata": rdata },
        } } }));
    }
    state
}

fn seeds() -> Vec<Vec<u8>> {
    const OPT: &[u8] = b"\0\0\x29\x04\xd0\0\0\0\0\0\0";
    const ASKERS: [u8; 5] = [0, 1, 3, 4, 6];
    const TYPES: [u16; 12] = [1, 2, 5, 6, 12, 15, 16, 28, 33, 251, 252, 255];
    let view = site();
    let view = view.dns();
    let apexes = view.zones().map(|zone| zone.apex.clone());
    let names =
        ["many.big", "text.big", "away.big", "nothing.big", "example.org", "freshness.regent"]
            .map(|name| name.parse().expect("names are names"));
    let mut seeds = Vec::new();
    for (number, name) in apexes.chain(names).enumerate() {
        for (place, qtype) in TYPES.iter().enumerate() {
            let edns = (number + place).is_multiple_of(2);
            let mut packet = vec![ASKERS[(number + place) % ASKERS.len()]];
            packet.extend([0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, u8::from(edns)]);
            packet.extend(name.as_wire());
            packet.extend(qtype.to_be_bytes());
            packet.extend([0, if name.to_string().contains("regent") { 3 } else { 1 }]);
            packet.extend(if edns { OPT } else { &[] });
            seeds.push(packet);
        }
    }
    assert!(seeds.iter().all(|seed| frames::split(seed, 2).len() == 1), "a packet is one frame");
    seeds
}

#[cfg(test)]
mod tests {
    use super::{run, seeds};
    use std::collections::BTreeSet;

    #[test]
    fn seeds_reach_answers_of_every_kind() {
        let ways: BTreeSet<String> = seeds().iter().map(|seed| run(seed)).collect();
        for part in ["transfer", "forward, aliased: true", "forward, aliased: false", "reply (6,"] {
            assert!(ways.iter().any(|way| way.starts_with(part)), "{part}: {ways:#?}");
        }
    }
}
