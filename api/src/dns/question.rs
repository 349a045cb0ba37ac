//! A request read from its bytes. Whatever they are, the outcome is a question, an error code to send, or silence.

use crate::dns::code::{Code, opt};
use crate::dns::limits::{MESSAGE_BYTES_MAX, UDP_PAYLOAD_BYTES_MAX, UDP_PAYLOAD_BYTES_MIN};
use hickory_proto::op::{Message, OpCode};
use hickory_proto::rr::{DNSClass, Name, RData, Record};
use regent_core::dns::answer::Wanted;
use regent_core::model::dns_name::DomainName;
use regent_core::model::record_type::RecordType;
use regent_core::model::serial::Serial;

/// Octets of a message's header.
const HEADER_BYTES: usize = 12;
/// Where a header has the number of questions.
const QUESTIONS_AT: usize = 4;
/// Types of questions that are no types of our records.
const DS: u16 = 43;
const IXFR: u16 = 251;
const AXFR: u16 = 252;
const ANY: u16 = 255;

/// How the request came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// As one packet.
    Udp,
    /// On a connection.
    Tcp,
}

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// Records at a name.
    Records(Wanted),
    /// A whole zone; with the serial a secondary has, if it says so, what is new since then.
    Transfer {
        /// That serial (RFC 1995 section 3).
        since: Option<Serial>,
    },
    /// About the server itself (class CH).
    Server,
}

/// One question, with what its answer must repeat.
#[derive(Clone, Debug)]
pub struct Question {
    /// The number the client gave it.
    pub id: u16,
    /// Whether the client wants others asked (RD).
    pub recursion_desired: bool,
    /// The name, spelled as it was asked.
    pub name: DomainName,
    /// What is asked.
    pub asked: Asked,
    /// Number of the type asked for.
    pub qtype: u16,
    /// Number of the class.
    pub qclass: u16,
    /// Whether the client speaks EDNS.
    pub edns: bool,
    /// Bytes the answer may have.
    pub bytes_max: usize,
    /// The transport.
    pub transport: Transport,
}

/// What came of reading a request.
pub enum Reading {
    /// A question.
    Question(Question),
    /// A request of which no more than header (and question) can be told; it gets this code.
    Error(Vec<u8>),
    /// Nothing to answer: no request at all.
    Silence,
}

/// Reads a request.
#[must_use]
pub fn read(bytes: &[u8], transport: Transport) -> Reading {
    let Some([id_high, id_low, flags, _]) = bytes.first_chunk::<4>().copied() else {
        return Reading::Silence;
    };
    // Answers are not answered (RFC 1035 4.1.1, QR), or two servers could go on for ever.
    if bytes.len() < HEADER_BYTES || flags & 0x80 != 0 {
        return Reading::Silence;
    }
    let error = |code: Code| {
        let mut header = vec![id_high, id_low, 0x80 | flags & 0x79, code as u8];
        header.resize(HEADER_BYTES, 0);
        Reading::Error(header)
    };
    if flags >> 3 & 0xF != 0 {
        return error(Code::NotImp);
    }
    // Before anything is decoded: the decoder makes room for as many questions as a packet announces.
    if bytes.get(QUESTIONS_AT..QUESTIONS_AT + 2) != Some(&[0, 1]) {
        return error(Code::FormErr);
    }
    let Ok(message) = Message::from_vec(bytes) else { return error(Code::FormErr) };
    debug_assert_eq!(message.metadata.op_code, OpCode::Query);
    let [query] = message.queries.as_slice() else { return error(Code::FormErr) };
    let Some(name) = name(query.name()) else { return error(Code::FormErr) };
    let edns = message.edns.as_ref();
    if edns.is_some_and(|edns| edns.version() > 0) {
        return Reading::Error(bad_version(bytes));
    }
    let announced = edns.map_or(UDP_PAYLOAD_BYTES_MIN, |edns| usize::from(edns.max_payload()));
    let qtype = u16::from(query.query_type());
    let Some(asked) = asked(query.query_class(), qtype, &message) else {
        return error(Code::Refused);
    };
    Reading::Question(Question {
        id: u16::from_be_bytes([id_high, id_low]),
        recursion_desired: message.metadata.recursion_desired,
        name,
        asked,
        qtype,
        qclass: u16::from(query.query_class()),
        edns: edns.is_some(),
        bytes_max: match transport {
            Transport::Udp => announced.clamp(UDP_PAYLOAD_BYTES_MIN, UDP_PAYLOAD_BYTES_MAX),
            Transport::Tcp => MESSAGE_BYTES_MAX,
        },
        transport,
    })
}

fn asked(class: DNSClass, qtype: u16, message: &Message) -> Option<Asked> {
    match class {
        DNSClass::IN => Some(match qtype {
            AXFR => Asked::Transfer { since: None },
            IXFR => Asked::Transfer { since: known_serial(message) },
            DS => Asked::Records(Wanted::DelegationSigner),
            ANY => Asked::Records(Wanted::Any),
            _ => Asked::Records(RecordType::from_code(qtype).map_or(Wanted::Unknown, Wanted::Type)),
        }),
        DNSClass::CH => Some(Asked::Server),
        _ => None,
    }
}

/// The serial of the SOA record that a secondary sends along.
fn known_serial(message: &Message) -> Option<Serial> {
    let soa = |record: &Record| match &record.data {
        RData::SOA(soa) => Some(Serial(soa.serial)),
        _ => None,
    };
    message.authorities.iter().find_map(soa)
}

fn name(name: &Name) -> Option<DomainName> {
    DomainName::from_labels(name.iter()).ok()
}

/// BADVERS stands in the OPT record, which says that we know version 0 (RFC 6891 6.1.3).
fn bad_version(request: &[u8]) -> Vec<u8> {
    let id = request.first_chunk::<2>().copied().unwrap_or_default();
    let mut bytes = vec![id[0], id[1], 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 1];
    bytes.extend_from_slice(&opt(Code::BadVers));
    bytes
}
