//! Response codes, and the OPT record that carries their upper bits.

use crate::dns::limits::UDP_PAYLOAD_BYTES_MAX;

/// Octets of an OPT record without options.
pub const OPT_BYTES: usize = 11;

/// A response code (RFC 1035 4.1.1, RFC 6891).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum Code {
    /// It went well.
    NoError = 0,
    /// The request makes no sense.
    FormErr = 1,
    /// Something failed on this side.
    ServFail = 2,
    /// The name does not exist.
    NxDomain = 3,
    /// That kind of request is not known here.
    NotImp = 4,
    /// The client may not have that.
    Refused = 5,
    /// That version of EDNS is not known here.
    BadVers = 16,
}

/// An OPT record: what we take over UDP, EDNS version 0, and the upper bits of the code.
#[must_use]
pub fn opt(code: Code) -> [u8; OPT_BYTES] {
    let payload = u16::try_from(UDP_PAYLOAD_BYTES_MAX).unwrap_or(u16::MAX).to_be_bytes();
    let upper = u8::try_from(code as u16 >> 4).unwrap_or(u8::MAX);
    [0, 0, 41, payload[0], payload[1], upper, 0, 0, 0, 0, 0]
}
