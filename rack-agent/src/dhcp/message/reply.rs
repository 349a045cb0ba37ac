//! A server's message and its bytes: one order, and never more than the client takes.

use crate::dhcp::message::code;
use crate::dhcp::message::request::Hardware;
use std::collections::BTreeMap;
use std::net::Ipv4Addr;

/// Shortest reply: relays and clients from the time of BOOTP drop shorter ones (RFC 1542 section 2.1).
pub const REPLY_BYTES_MIN: usize = 300;
/// Longest reply: an Ethernet frame without the headers of IP and UDP. Every client takes [`DATAGRAM_BYTES_MIN`] with
/// headers.
pub const REPLY_BYTES_MAX: usize = 1500 - HEADER_BYTES;
/// The datagram every client takes (RFC 2131 section 2).
pub const DATAGRAM_BYTES_MIN: u16 = 576;
/// Longest name of a boot file that fits its field with its end; a longer one stands in option 67 alone.
pub const FILE_BYTES_MAX: usize = 127;
const HEADER_BYTES: usize = 28;
const FIELDS_BYTES: usize = 240;
const BOOTREPLY: u8 = 2;
const PART_BYTES_MAX: usize = 255;

/// What is written first, and left out last. Options that are not named here follow by number. Where there is too
/// little room, each option that has none any more is left out.
const IMPORTANCE: [u8; 23] = [
    code::MESSAGE_TYPE,
    code::SERVER_ID,
    code::LEASE_TIME,
    code::CLIENT_ID,
    code::RAPID_COMMIT,
    code::SUBNET_MASK,
    code::ROUTERS,
    code::DNS_SERVERS,
    code::VENDOR_CLASS,
    code::BOOT_SERVER,
    code::BOOT_FILE,
    code::PATH_PREFIX,
    code::MACHINE_ID,
    code::RENEWAL_TIME,
    code::REBINDING_TIME,
    code::STATIC_ROUTES,
    code::STATIC_ROUTES_WINDOWS,
    code::DOMAIN_NAME,
    code::HOST_NAME,
    code::MTU,
    code::BROADCAST,
    code::NTP_SERVERS,
    code::DOMAIN_SEARCH,
];

/// What a reply is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReplyKind {
    /// DHCPOFFER.
    Offer,
    /// DHCPACK.
    Ack,
    /// DHCPNAK.
    Nak,
    /// BOOTREPLY, to a client from before DHCP.
    Boot,
}

/// A server's message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// What it is.
    pub kind: ReplyKind,
    /// The client's number of the exchange.
    pub xid: u32,
    /// Whether the client, or the relay on its behalf, is to use broadcast.
    pub broadcast: bool,
    /// The address the client has.
    pub ciaddr: Ipv4Addr,
    /// The address the client gets.
    pub yiaddr: Ipv4Addr,
    /// The server of the next step of booting.
    pub siaddr: Ipv4Addr,
    /// The relay it goes through.
    pub giaddr: Ipv4Addr,
    /// The client's hardware.
    pub hardware: Hardware,
    /// The boot file; left empty if longer than [`FILE_BYTES_MAX`].
    pub file: Vec<u8>,
    /// The options by number, without message type and relay agent information.
    pub options: BTreeMap<u8, Vec<u8>>,
    /// The relay agent information of the request.
    pub relay: Option<Vec<u8>>,
    /// The longest datagram the client says it takes, in bytes.
    pub size_max: Option<u16>,
}

/// A reply as bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encoded {
    /// The payload of the UDP datagram.
    pub bytes: Vec<u8>,
    /// Options there was no room for.
    pub left_out: Vec<u8>,
}

impl Reply {
    /// The reply as bytes.
    #[must_use]
    pub fn encode(&self) -> Encoded {
        let mut bytes = self.fields();
        let relay = self.relay.as_deref().map(|raw| parts(code::RELAY, raw)).unwrap_or_default();
        // The relay takes its own part off again, so it counts for the wire and not for the client.
        let end = self.client_bytes_max().min(REPLY_BYTES_MAX - relay.len()) - 1;
        let mut left_out = Vec::new();
        for (code, value) in self.ordered() {
            let option = parts(code, value);
            if bytes.len() + option.len() <= end {
                bytes.extend(option);
            } else {
                left_out.push(code);
            }
        }
        bytes.extend(relay);
        bytes.push(code::END);
        bytes.resize(bytes.len().max(REPLY_BYTES_MIN), code::PAD);
        Encoded { bytes, left_out }
    }

    fn client_bytes_max(&self) -> usize {
        match (self.kind, self.size_max) {
            // Before DHCP the vendor's area had 64 octets (RFC 951 section 3).
            (ReplyKind::Boot, None) => REPLY_BYTES_MIN,
            (ReplyKind::Offer | ReplyKind::Ack | ReplyKind::Nak | ReplyKind::Boot, size_max) => {
                let datagram = size_max.unwrap_or(DATAGRAM_BYTES_MIN).max(DATAGRAM_BYTES_MIN);
                usize::from(datagram) - HEADER_BYTES
            }
        }
    }

    fn fields(&self) -> Vec<u8> {
        let mut bytes = vec![BOOTREPLY, self.hardware.htype, self.hardware.hlen, 0];
        bytes.extend(self.xid.to_be_bytes());
        bytes.extend([0, 0, if self.broadcast { 0x80 } else { 0 }, 0]);
        for address in [self.ciaddr, self.yiaddr, self.siaddr, self.giaddr] {
            bytes.extend(address.octets());
        }
        bytes.extend(self.hardware.chaddr);
        bytes.resize(108, 0);
        if self.file.len() <= FILE_BYTES_MAX {
            bytes.extend(&self.file);
        }
        bytes.resize(236, 0);
        bytes.extend([99, 130, 83, 99]);
        debug_assert_eq!(bytes.len(), FIELDS_BYTES, "the fixed fields are all there");
        bytes
    }

    fn ordered(&self) -> Vec<(u8, &[u8])> {
        let kind: Option<&[u8]> = match self.kind {
            ReplyKind::Offer => Some(&[2]),
            ReplyKind::Ack => Some(&[5]),
            ReplyKind::Nak => Some(&[6]),
            ReplyKind::Boot => None,
        };
        let kind = kind.map(|kind| (code::MESSAGE_TYPE, kind));
        let mut options: Vec<_> = kind.into_iter().collect();
        options.extend(self.options.iter().map(|(code, value)| (*code, value.as_slice())));
        options.sort_by_key(|(code, _)| {
            let place = IMPORTANCE.iter().position(|important| important == code);
            (place.unwrap_or(IMPORTANCE.len()), *code)
        });
        options
    }
}

/// An option as bytes, in as many parts as it takes (RFC 3396).
fn parts(code: u8, value: &[u8]) -> Vec<u8> {
    if value.is_empty() {
        return vec![code, 0];
    }
    let mut bytes = Vec::with_capacity(value.len() + 2);
    for part in value.chunks(PART_BYTES_MAX) {
        let length = u8::try_from(part.len()).expect("a part has at most 255 bytes");
        bytes.extend([code, length]);
        bytes.extend(part);
    }
    bytes
}
