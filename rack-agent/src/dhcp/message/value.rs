//! Values of options as bytes.

use regent_core::model::dns_name::DomainName;
use regent_core::rack_view::subnet::Route;
use regent_core::time::Millis;
use std::net::Ipv4Addr;

/// Addresses, one behind the other.
#[must_use]
pub fn addresses(addresses: &[Ipv4Addr]) -> Vec<u8> {
    addresses.iter().flat_map(Ipv4Addr::octets).collect()
}

/// A length of time in whole seconds, rounded down: a client never has an address for longer than it was given.
#[must_use]
pub fn seconds(length: Millis) -> Vec<u8> {
    u32::try_from(length.0 / 1000).unwrap_or(u32::MAX).to_be_bytes().to_vec()
}

/// Names in the form of DNS, one behind the other (RFC 3397, without the pointers it allows).
#[must_use]
pub fn names(names: &[DomainName]) -> Vec<u8> {
    names.iter().flat_map(DomainName::as_wire).copied().collect()
}

/// Routes in the form of RFC 3442: of a network only the octets its prefix reaches.
#[must_use]
pub fn routes(routes: &[Route]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for route in routes {
        let prefix = route.prefix.min(32);
        bytes.push(prefix);
        bytes.extend(&route.network.octets()[..usize::from(prefix.div_ceil(8))]);
        bytes.extend(route.gateway.octets());
    }
    bytes
}
