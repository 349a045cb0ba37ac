//! A client's message, read and typed. What it asks for is not judged here.
//!
//! An option the exchange can do without does not cost its client the answer: one that makes no sense counts as not sent.

use crate::dhcp::message::code;
use crate::dhcp::message::fqdn::Fqdn;
use crate::dhcp::message::malformed::Malformed;
use crate::dhcp::message::options::{OPTIONS_AT, Options};
use crate::dhcp::message::relay::Relay;
use regent_core::lease::binding::Client;
use regent_core::model::lease::CLIENT_ID_BYTES_MAX;
use regent_core::net::mac::MacAddr;
use regent_core::time::Millis;
use std::net::Ipv4Addr;

/// Longest packet that is read. Requests have some hundred bytes.
pub const REQUEST_BYTES_MAX: usize = 4096;
/// Octets of `chaddr`.
pub const HARDWARE_OCTETS_MAX: usize = 16;
/// A type and a UUID (RFC 4578 section 2.3).
pub const MACHINE_ID_BYTES: usize = 17;
const BOOTREQUEST: u8 = 1;
const COOKIE: [u8; 4] = [99, 130, 83, 99];
const NO_COOKIE: [u8; 4] = [0; 4];
const BROADCAST_FLAG: u16 = 1 << 15;
const ETHERNET: (u8, u8) = (1, 6);
const IPXE_CLASS: &[u8] = b"iPXE";

/// What a client wants (RFC 2131 section 2, table 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Looks for servers.
    Discover,
    /// Wants an address, or more time for the one it has.
    Request,
    /// Found its address in use.
    Decline,
    /// Gives its address back.
    Release,
    /// Has an address and wants the rest.
    Inform,
    /// A client from before DHCP (RFC 951, RFC 1534).
    Bootp,
}

/// The hardware a reply goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hardware {
    /// Its kind.
    pub htype: u8,
    /// How many octets its address has; at most [`HARDWARE_OCTETS_MAX`].
    pub hlen: u8,
    /// All of `chaddr`.
    pub chaddr: [u8; HARDWARE_OCTETS_MAX],
}

/// A client's message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// What it wants.
    pub kind: Kind,
    /// Number of the exchange, chosen by the client.
    pub xid: u32,
    /// Seconds since the client began to ask.
    pub secs: u16,
    /// Whether the client can be reached only by broadcast yet.
    pub broadcast: bool,
    /// The address the client has and answers at; none if zero.
    pub ciaddr: Option<Ipv4Addr>,
    /// The relay it came through; none if zero.
    pub giaddr: Option<Ipv4Addr>,
    /// The client's hardware.
    pub hardware: Hardware,
    /// Who it is.
    pub client: Client,
    /// The address it would like (option 50).
    pub requested: Option<Ipv4Addr>,
    /// The server it speaks to (option 54).
    pub server_id: Option<Ipv4Addr>,
    /// For how long it would like the address (option 51).
    pub life: Option<Millis>,
    /// The options it asks for, in the order it prefers (option 55).
    pub parameters: Vec<u8>,
    /// Its client identifier, which the reply repeats (option 61, RFC 6842).
    pub client_id: Option<Vec<u8>>,
    /// The name it says it has, unchecked (option 12).
    pub host_name: Option<Vec<u8>>,
    /// The whole name it says it has (option 81).
    pub fqdn: Option<Fqdn>,
    /// The longest datagram it takes in bytes (option 57).
    pub size_max: Option<u16>,
    /// What the relay added (option 82).
    pub relay: Option<Relay>,
    /// Its vendor class (option 60).
    pub vendor_class: Option<Vec<u8>>,
    /// Its user classes (option 77).
    pub user_classes: Vec<Vec<u8>>,
    /// The architectures it can boot, best first (option 93).
    pub architectures: Vec<u16>,
    /// The machine's own identifier, which the reply repeats for its firmware (option 97).
    pub machine_id: Option<[u8; MACHINE_ID_BYTES]>,
    /// Whether it is iPXE: by its own option or its user class.
    pub is_ipxe: bool,
    /// Whether it takes an acknowledgement at once (option 80).
    pub rapid_commit: bool,
}

impl Request {
    /// Reads a packet: the payload of the UDP datagram.
    ///
    /// # Errors
    /// What is wrong with it and where.
    pub fn parse(packet: &[u8]) -> Result<Self, Malformed> {
        let bytes = packet.len();
        if bytes > REQUEST_BYTES_MAX {
            return Err(Malformed::Long { bytes });
        }
        let Some(fixed) = packet.first_chunk::<OPTIONS_AT>() else {
            return Err(Malformed::Short { bytes });
        };
        if fixed[0] != BOOTREQUEST {
            return Err(Malformed::Operation(fixed[0]));
        }
        let options = match [fixed[236], fixed[237], fixed[238], fixed[239]] {
            COOKIE => Options::read(packet)?,
            NO_COOKIE => Options::default(),
            other => return Err(Malformed::Cookie(other)),
        };
        Self::typed(fixed, &options)
    }

    fn typed(fixed: &[u8; OPTIONS_AT], options: &Options) -> Result<Self, Malformed> {
        let hardware = hardware(fixed)?;
        let client_id = client_id(options);
        let user_classes = user_classes(options);
        let is_ipxe_class = user_classes.iter().any(|class| class == IPXE_CLASS);
        Ok(Self {
            kind: kind(options)?,
            xid: u32::from_be_bytes(octets(fixed, 4)),
            secs: u16::from_be_bytes([fixed[8], fixed[9]]),
            broadcast: u16::from_be_bytes([fixed[10], fixed[11]]) & BROADCAST_FLAG != 0,
            ciaddr: host(fixed, 12, "ciaddr")?,
            giaddr: host(fixed, 24, "giaddr")?,
            client: client(hardware, client_id.as_deref())?,
            hardware,
            requested: options.address(code::REQUESTED_ADDRESS)?,
            server_id: options.address(code::SERVER_ID)?,
            life: options
                .exactly(code::LEASE_TIME)?
                .map(|secs| Millis::from_secs(u32::from_be_bytes(secs).into())),
            parameters: options.get(code::PARAMETERS).unwrap_or_default().to_vec(),
            client_id,
            host_name: options.text(code::HOST_NAME),
            fqdn: options.get(code::FQDN).and_then(Fqdn::read),
            size_max: options.number(code::SIZE_MAX)?,
            relay: options.get(code::RELAY).map(Relay::read).transpose()?,
            vendor_class: options.text(code::VENDOR_CLASS),
            is_ipxe: is_ipxe_class || options.get(code::IPXE).is_some(),
            user_classes,
            architectures: architectures(options),
            machine_id: options.get(code::MACHINE_ID).and_then(|id| id.try_into().ok()),
            rapid_commit: options.get(code::RAPID_COMMIT).is_some_and(<[u8]>::is_empty),
        })
    }

    /// Whether the client takes an offer: it names a server and has no address yet (SELECTING, RFC 2131 section 4.3.2).
    #[must_use]
    pub fn takes_an_offer(&self) -> bool {
        self.kind == Kind::Request && self.ciaddr.is_none() && self.server_id.is_some()
    }

    /// Whether the client says that it has an address whose lease still runs: it renews or rebinds, and so uses the address
    /// (RFC 2131 section 4.3.2). One that was rebooted asks for an address it had, however long ago.
    #[must_use]
    pub fn claims_a_lease(&self) -> bool {
        self.kind == Kind::Request && self.ciaddr.is_some()
    }

    /// Whether the client asks for this option.
    #[must_use]
    pub fn asks_for(&self, code: u8) -> bool {
        self.parameters.contains(&code)
    }

    /// The name it would like to have in DNS, as it wrote it; none if it does not want one.
    #[must_use]
    pub fn name(&self) -> Option<&[u8]> {
        match &self.fqdn {
            Some(fqdn) if fqdn.is_private() => None,
            Some(fqdn) if !fqdn.text.is_empty() => Some(&fqdn.text),
            Some(_) | None => self.host_name.as_deref(),
        }
    }

    /// Whether its vendor class begins like this.
    #[must_use]
    pub fn is_of_vendor_class(&self, prefix: &[u8]) -> bool {
        self.vendor_class.as_ref().is_some_and(|class| class.starts_with(prefix))
    }
}

fn octets(fixed: &[u8; OPTIONS_AT], at: usize) -> [u8; 4] {
    [fixed[at], fixed[at + 1], fixed[at + 2], fixed[at + 3]]
}

fn host(
    fixed: &[u8; OPTIONS_AT],
    at: usize,
    field: &'static str,
) -> Result<Option<Ipv4Addr>, Malformed> {
    let address = Ipv4Addr::from(octets(fixed, at));
    if address.is_multicast() || address.is_broadcast() {
        return Err(Malformed::Address { field, address });
    }
    Ok(Some(address).filter(|address| !address.is_unspecified()))
}

fn kind(options: &Options) -> Result<Kind, Malformed> {
    match options.byte(code::MESSAGE_TYPE)? {
        None => Ok(Kind::Bootp),
        Some(1) => Ok(Kind::Discover),
        Some(3) => Ok(Kind::Request),
        Some(4) => Ok(Kind::Decline),
        Some(7) => Ok(Kind::Release),
        Some(8) => Ok(Kind::Inform),
        Some(_) => Err(Malformed::OptionValue { code: code::MESSAGE_TYPE }),
    }
}

fn hardware(fixed: &[u8; OPTIONS_AT]) -> Result<Hardware, Malformed> {
    let (htype, hlen) = (fixed[1], fixed[2]);
    let is_ethernet_of_other_length = htype == ETHERNET.0 && hlen != ETHERNET.1 && hlen != 0;
    if usize::from(hlen) > HARDWARE_OCTETS_MAX || is_ethernet_of_other_length {
        return Err(Malformed::HardwareLength { htype, hlen });
    }
    let mut chaddr = [0; HARDWARE_OCTETS_MAX];
    chaddr.copy_from_slice(&fixed[28..44]);
    Ok(Hardware { htype, hlen, chaddr })
}

fn client(hardware: Hardware, client_id: Option<&[u8]>) -> Result<Client, Malformed> {
    if (hardware.htype, hardware.hlen) == ETHERNET {
        let [a, b, c, d, e, f, ..] = hardware.chaddr;
        let card = MacAddr([a, b, c, d, e, f]);
        if card.is_multicast() || card == MacAddr([0; 6]) {
            return Err(Malformed::HardwareAddress);
        }
        return Ok(Client::Card(card));
    }
    client_id.map(|id| Client::Identifier(id.to_vec())).ok_or(Malformed::NoClient)
}

fn client_id(options: &Options) -> Option<Vec<u8>> {
    options.text(code::CLIENT_ID).filter(|id| id.len() <= CLIENT_ID_BYTES_MAX)
}

/// The list of RFC 4578: two bytes each.
fn architectures(options: &Options) -> Vec<u16> {
    let value = options.get(code::ARCHITECTURES).unwrap_or_default();
    if !value.len().is_multiple_of(2) {
        return Vec::new();
    }
    value.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect()
}

/// The list of RFC 3004, each class behind its length; or, as iPXE and others send it, one class and no length.
fn user_classes(options: &Options) -> Vec<Vec<u8>> {
    let Some(value) = options.text(code::USER_CLASS) else { return Vec::new() };
    let mut classes = Vec::new();
    let mut rest = value.as_slice();
    while let Some((&length, behind)) = rest.split_first() {
        match behind.split_at_checked(length.into()) {
            Some((class, behind)) if !class.is_empty() => {
                classes.push(class.to_vec());
                rest = behind;
            }
            Some(_) | None => return vec![value],
        }
    }
    classes
}
