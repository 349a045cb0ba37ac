//! What is wrong with a packet, and where.

use std::fmt;
use std::net::Ipv4Addr;

/// Where options may stand in a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Area {
    /// The options field, behind the magic cookie.
    Options,
    /// The `file` field, when it is overloaded.
    File,
    /// The `sname` field, when it is overloaded.
    Sname,
}

/// Why a packet is no request. It gets no reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// Shorter than the fixed fields and the magic cookie.
    #[error("{bytes} bytes are no whole message")]
    Short {
        /// Its length.
        bytes: usize,
    },
    /// Longer than any request.
    #[error("{bytes} bytes are more than a request has")]
    Long {
        /// Its length.
        bytes: usize,
    },
    /// `op` says that this is no request.
    #[error("op {0} is not a request")]
    Operation(u8),
    /// `hlen` does not fit the kind of hardware, or `chaddr`.
    #[error("hardware of type {htype} has no addresses of {hlen} bytes")]
    HardwareLength {
        /// The kind of hardware.
        htype: u8,
        /// Length of its address.
        hlen: u8,
    },
    /// `chaddr` is no address of a single card.
    #[error("chaddr is no address of one card")]
    HardwareAddress,
    /// Neither a hardware address nor a client identifier.
    #[error("nothing says who the client is")]
    NoClient,
    /// An address field holds what no host can have.
    #[error("{field} {address} is no address of a host")]
    Address {
        /// The field.
        field: &'static str,
        /// What it holds.
        address: Ipv4Addr,
    },
    /// Behind the fixed fields stand neither DHCP options nor nothing.
    #[error("{0:02x?} is not the magic cookie")]
    Cookie([u8; 4]),
    /// An option is announced longer than what is left.
    #[error("option {code} at byte {at} reaches beyond the {area}")]
    OptionCut {
        /// Where it stands.
        area: Area,
        /// The option.
        code: u8,
        /// Where in the packet it begins.
        at: usize,
    },
    /// An option, joined from all its parts, has another length than its kind allows.
    #[error("option {code} has {bytes} bytes")]
    OptionLength {
        /// The option.
        code: u8,
        /// Its length.
        bytes: usize,
    },
    /// An option has a value that means nothing.
    #[error("the value of option {code} means nothing")]
    OptionValue {
        /// The option.
        code: u8,
    },
    /// A part of the relay agent information is announced longer than what is left.
    #[error("part {part} of the relay agent information is cut off")]
    RelayCut {
        /// The part.
        part: u8,
    },
}

impl fmt::Display for Area {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Options => "options",
            Self::File => "file field",
            Self::Sname => "sname field",
        })
    }
}
