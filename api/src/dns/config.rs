//! The `[dns]` section of a node's configuration. What concerns the site as a whole is in the state, not here.

use crate::dns::access::Networks;
use crate::dns::limits::ANSWERS_PER_SECOND;
use serde::{Deserialize, Serialize};
use std::net::{IpAddr, SocketAddr};

/// The port of name servers.
pub const DNS_PORT: u16 = 53;

/// Settings of the DNS server of one node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DnsSection {
    /// Servers that questions about foreign names are forwarded to, in place of the site's setting `upstream_dns`.
    pub upstreams: Vec<Upstream>,
    /// Clients whose questions are forwarded, beside this host and the subnets with `allow_dns`.
    pub allow_forward: Networks,
    /// Who may transfer zones. Nobody unless listed.
    pub allow_transfer: Networks,
    /// Secondaries that are told when a zone changes.
    pub secondaries: Vec<Upstream>,
    /// Answers a second over UDP for the clients of one network (an IPv4 /24, an IPv6 /56); 0 for no limit. Beyond that
    /// every second question is answered with "ask over TCP", the others not at all, so that a node cannot be used to
    /// flood those whose addresses others forge.
    pub answers_per_second: u32,
    /// Clients without that limit: this host unless others are listed.
    pub allow_unlimited: Networks,
}

/// A name server: an address, with a port if it is another than 53.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Upstream(pub SocketAddr);

impl Default for DnsSection {
    fn default() -> Self {
        Self {
            upstreams: Vec::new(),
            allow_forward: Networks::default(),
            allow_transfer: Networks::default(),
            secondaries: Vec::new(),
            answers_per_second: ANSWERS_PER_SECOND,
            allow_unlimited: Networks::lenient(["127.0.0.0/8", "::1"].into_iter()),
        }
    }
}

impl DnsSection {
    /// Whether nothing is set.
    #[must_use]
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

impl TryFrom<String> for Upstream {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let address = text.parse::<SocketAddr>();
        let address = address
            .or_else(|_| text.parse::<IpAddr>().map(|address| SocketAddr::new(address, DNS_PORT)));
        address.map(Self).map_err(|_| format!("{text} is neither an address nor address:port"))
    }
}

impl From<Upstream> for String {
    fn from(upstream: Upstream) -> Self {
        upstream.0.to_string()
    }
}
