//! What a relay agent adds to a request (RFC 3046): echoed as it came, and read where it says which network is meant.

use crate::dhcp::message::code;
use crate::dhcp::message::malformed::Malformed;
use std::net::Ipv4Addr;

/// Longest relay agent information that is echoed. Relays send some tens of bytes.
pub const RELAY_BYTES_MAX: usize = 510;
const CIRCUIT: u8 = 1;
const REMOTE: u8 = 2;
const LINK: u8 = 5;
const SERVER_ID: u8 = 11;

/// Relay agent information.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relay {
    /// As it came: the reply has to bring it back unchanged.
    pub raw: Vec<u8>,
    /// The port it came in at.
    pub circuit: Option<Vec<u8>>,
    /// Who is at that port.
    pub remote: Option<Vec<u8>>,
    /// An address in the network the client is in, where that is not the relay's own (RFC 3527).
    pub link: Option<Ipv4Addr>,
    /// What clients are to take for the server's address, so that everything goes through the relay (RFC 5107).
    pub server_id: Option<Ipv4Addr>,
}

impl Relay {
    /// Reads relay agent information.
    ///
    /// # Errors
    /// A part that is cut off or has another length than it must.
    pub fn read(raw: &[u8]) -> Result<Self, Malformed> {
        if raw.len() > RELAY_BYTES_MAX {
            return Err(Malformed::OptionLength { code: code::RELAY, bytes: raw.len() });
        }
        let mut relay =
            Self { raw: raw.to_vec(), circuit: None, remote: None, link: None, server_id: None };
        let mut rest = raw;
        while let Some((&part, behind)) = rest.split_first() {
            let cut = Malformed::RelayCut { part };
            let (&length, behind) = behind.split_first().ok_or(cut)?;
            let (value, behind) = behind.split_at_checked(usize::from(length)).ok_or(cut)?;
            match part {
                CIRCUIT => relay.circuit = Some(value.to_vec()),
                REMOTE => relay.remote = Some(value.to_vec()),
                LINK => relay.link = Some(address(value)?),
                SERVER_ID => relay.server_id = Some(address(value)?),
                _ => {}
            }
            rest = behind;
        }
        Ok(relay)
    }
}

fn address(value: &[u8]) -> Result<Ipv4Addr, Malformed> {
    let octets: Result<[u8; 4], _> = value.try_into();
    octets
        .map(Ipv4Addr::from)
        .map_err(|_| Malformed::OptionLength { code: code::RELAY, bytes: value.len() })
}
