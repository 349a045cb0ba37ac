//! The name a client says it has, and who enters it into DNS (RFC 4702).

use regent_core::model::dns_name::{LABEL_OCTETS_MAX, NAME_OCTETS_MAX};

const SERVER_UPDATES: u8 = 1;
const OVERRIDDEN: u8 = 2;
const WIRE: u8 = 4;
const NO_UPDATES: u8 = 8;
/// The two response codes are of no use any more; a server sends this in both.
const RCODE: u8 = 255;
const NAME_AT: usize = 3;

/// The option as a client sent it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fqdn {
    flags: u8,
    name: Vec<u8>,
    /// The name as text, with dots; unchecked otherwise. Empty if the client leaves it to the server.
    pub text: Vec<u8>,
}

impl Fqdn {
    /// Reads the option. None if it has too few bytes, or a name in wire form that is none.
    #[must_use]
    pub fn read(value: &[u8]) -> Option<Self> {
        let (fixed, name) = value.split_at_checked(NAME_AT)?;
        if name.len() > NAME_OCTETS_MAX {
            return None;
        }
        let flags = fixed[0];
        let text = if flags & WIRE != 0 { dotted(name)? } else { name.to_vec() };
        Some(Self { flags, name: name.to_vec(), text })
    }

    /// Whether the client wants nobody to enter its name.
    #[must_use]
    pub fn is_private(&self) -> bool {
        self.flags & NO_UPDATES != 0
    }

    /// What the server says to it: it enters both directions, unless nobody is to.
    #[must_use]
    pub fn answer(&self) -> Vec<u8> {
        let form = self.flags & WIRE;
        let asked = self.flags & SERVER_UPDATES;
        let flags = if self.is_private() {
            form | NO_UPDATES | if asked != 0 { OVERRIDDEN } else { 0 }
        } else {
            form | SERVER_UPDATES | if asked == 0 { OVERRIDDEN } else { 0 }
        };
        [&[flags, RCODE, RCODE], self.name.as_slice()].concat()
    }
}

/// A name in wire form, whole or without its end, as text.
fn dotted(wire: &[u8]) -> Option<Vec<u8>> {
    let mut labels = Vec::new();
    let mut rest = wire;
    while let Some((&length, behind)) = rest.split_first() {
        let length = usize::from(length);
        if length == 0 && behind.is_empty() {
            break;
        }
        if length == 0 || length > LABEL_OCTETS_MAX {
            return None;
        }
        let (label, behind) = behind.split_at_checked(length)?;
        labels.push(label);
        rest = behind;
    }
    Some(labels.join(&b'.'))
}
