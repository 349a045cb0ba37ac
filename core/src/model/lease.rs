//! A DHCP lease: the binding of an address, and what is known of the client besides.

use crate::id::{NodeId, SubnetId};
use crate::lease::binding::{Binding, Client, Held};
use crate::model::dns_name::LABEL_OCTETS_MAX;
use crate::model::hostname::Hostname;
use crate::net::mac::MacAddr;
use crate::time::{ClusterTime, Millis};
use serde::{Deserialize, Serialize};
use std::net::Ipv4Addr;

/// Longest client identifier (RFC 2132 section 9.14: one length octet).
pub const CLIENT_ID_BYTES_MAX: usize = 255;
/// How long it is remembered who had an address that is free again: the client gets it back if nobody else got it.
pub const REMEMBERED_MILLIS: Millis = Millis::from_secs(24 * 3_600);
/// What the C library of some clients calls a host without a name.
const UNSET: &str = "(none)";
/// Longest host name a client may send.
pub const CLIENT_HOSTNAME_BYTES_MAX: usize = 255;

/// A lease; the address is its key. It stays when it has ended: a client that comes back gets its address again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// Whose the address is, until when, and who may act on it.
    pub binding: Binding,
    /// The client's identifier; empty if it sent none. Does not count, unless the client has no hardware address.
    pub client_id: Vec<u8>,
    /// The host name the client sent; empty if none. Not trusted to be a name.
    pub hostname: String,
    /// The subnet it was given on.
    pub subnet: Option<SubnetId>,
    /// The rack that gave it last.
    pub rack: Option<NodeId>,
    /// When its owner got it.
    pub start: ClusterTime,
    /// Until when nobody else is given the address, as things stand: every right to it is over then. No earlier than the
    /// binding expires.
    pub rests_until: ClusterTime,
    /// Whether that has passed: the lease is only a memory of who had the address.
    pub is_past: bool,
}

impl Lease {
    /// The hardware address of its owner, if it has one.
    #[must_use]
    pub fn mac_address(&self) -> Option<MacAddr> {
        match self.binding.owner {
            Some(Client::Card(mac_address)) => Some(mac_address),
            Some(Client::Identifier(_)) | None => None,
        }
    }

    /// The name its owner has while it has the address: the host name it sent, made a label.
    #[must_use]
    pub fn client_name(&self) -> Option<Hostname> {
        let is_held = self.binding.held == Held::Bound && self.binding.owner.is_some();
        if is_held { label_of(&self.hostname) } else { None }
    }

    /// Whether nobody else may be given the address for good meanwhile.
    #[must_use]
    pub const fn holds_address(&self) -> bool {
        !self.is_past
    }

    /// What happens to it by itself next, and when: it runs out, it has rested, it is forgotten.
    #[must_use]
    pub fn next_due(&self) -> ClusterTime {
        match self.binding.held {
            Held::Bound => self.binding.expires,
            Held::Expired | Held::Released | Held::Declined | Held::Ended if self.is_past => {
                self.rests_until.after(REMEMBERED_MILLIS)
            }
            Held::Expired | Held::Released | Held::Declined | Held::Ended => self.rests_until,
        }
    }
}

/// What a client calls itself, as a label, in MAAS's way: lower case, with a hyphen for each run of other characters. None
/// if nothing is left, if it is too long, and if it reads like an address: those are names of other addresses.
fn label_of(hostname: &str) -> Option<Hostname> {
    let hostname = hostname.trim();
    if hostname == UNSET {
        return None;
    }
    let words = hostname.split(|c: char| !c.is_ascii_alphanumeric());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    let label = words.join("-").to_ascii_lowercase();
    let is_address = words.join(".").parse::<Ipv4Addr>().is_ok();
    if label.len() > LABEL_OCTETS_MAX || is_address { None } else { Hostname::new(&label).ok() }
}

#[cfg(test)]
mod tests {
    use super::label_of;

    #[test]
    fn what_a_client_calls_itself_becomes_a_label() {
        let long = "a".repeat(64);
        for (sent, label) in [
            ("web", Some("web")),
            ("Web 01_a", Some("web-01-a")),
            ("host.example.com", Some("host-example-com")),
            ("--x--", Some("x")),
            ("Straße", Some("stra-e")),
            (" ", None),
            ("", None),
            ("(none)", None),
            ("10-0-0-7", None),
            ("10.0.0.7", None),
            (long.as_str(), None),
        ] {
            let made = label_of(sent);
            assert_eq!(made.as_ref().map(|made| made.as_str()), label, "{sent:?}");
        }
    }
}
