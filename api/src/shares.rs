//! How many of something each client holds, so that none holds them all.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};

/// What each client holds; those that hold nothing are not in it.
#[derive(Debug, Default)]
pub struct Shares(Mutex<BTreeMap<IpAddr, usize>>);

/// One of what a client holds.
#[derive(Debug)]
pub struct Share {
    shares: Arc<Shares>,
    client: IpAddr,
}

impl Shares {
    /// One more for a client, unless it holds `max` already.
    #[must_use]
    pub fn take(self: &Arc<Self>, client: IpAddr, max: usize) -> Option<Share> {
        let client = counted_as(client);
        let mut each = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let held = each.entry(client).or_default();
        if *held >= max {
            return None;
        }
        *held += 1;
        Some(Share { shares: Arc::clone(self), client })
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut each = self.shares.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(held) = each.get_mut(&self.client) {
            *held -= 1;
            if *held == 0 {
                each.remove(&self.client);
            }
        }
    }
}

/// Whom an address is counted for: all of loopback is this machine, and an IPv6 host has a whole /64 (RFC 4291).
fn counted_as(client: IpAddr) -> IpAddr {
    match client.to_canonical() {
        address if address.is_loopback() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => {
            IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Shares;
    use std::net::IpAddr;
    use std::sync::Arc;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn client_that_holds_its_share_gets_no_more_until_it_lets_go_and_others_do() {
        let shares: Arc<Shares> = Arc::default();
        let first = shares.take(ip("10.0.0.1"), 1).unwrap();
        assert!(shares.take(ip("10.0.0.1"), 1).is_none());
        assert!(shares.take(ip("10.0.0.2"), 1).is_some());
        drop(first);
        assert!(shares.take(ip("10.0.0.1"), 1).is_some());
        assert!(shares.0.lock().unwrap().is_empty(), "who holds nothing is forgotten");
    }

    #[test]
    fn addresses_of_one_ipv6_network_and_mapped_addresses_are_one_client() {
        let shares: Arc<Shares> = Arc::default();
        let _first = shares.take(ip("2001:db8::1"), 1).unwrap();
        assert!(shares.take(ip("2001:db8::2"), 1).is_none());
        assert!(shares.take(ip("2001:db8:0:1::1"), 1).is_some());
        let _second = shares.take(ip("::ffff:10.0.0.1"), 1).unwrap();
        assert!(shares.take(ip("10.0.0.1"), 1).is_none());
    }
}
