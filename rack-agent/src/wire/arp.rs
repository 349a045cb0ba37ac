//! ARP probes and what they bring back (RFC 826, RFC 5227 section 2.1.1).

use crate::wire::frame::{self, EtherType};
use regent_core::net::mac::MacAddr;
use std::net::Ipv4Addr;

/// Octets of an ARP message about IPv4 on Ethernet.
pub const MESSAGE_BYTES: usize = 28;
/// Ethernet, IPv4, and the lengths of their addresses.
const KIND: [u8; 6] = [0, 1, 8, 0, 6, 4];
const REQUEST: [u8; 2] = [0, 1];
const REPLY: [u8; 2] = [0, 2];

/// The frame that asks whose `address` is, without saying that it is anybody's.
#[must_use]
pub fn probe(from: MacAddr, address: Ipv4Addr) -> Vec<u8> {
    let nobody = [0; 4];
    let message = [&KIND[..], &REQUEST, &from.0, &nobody, &[0; 6], &address.octets()].concat();
    frame::ethernet(frame::BROADCAST, from, EtherType::Arp, &message)
}

/// Which address its sender says is his, in a request or a reply; none if it is something else, or a probe: two racks
/// that try the same address are not in each other's way.
#[must_use]
pub fn owned(message: &[u8]) -> Option<Ipv4Addr> {
    let rest = message.get(..MESSAGE_BYTES)?.strip_prefix(&KIND)?;
    let rest = rest.strip_prefix(&REQUEST).or_else(|| rest.strip_prefix(&REPLY))?;
    let (_mac, rest) = rest.split_first_chunk::<6>()?;
    let (address, _) = rest.split_first_chunk::<4>()?;
    let address = Ipv4Addr::from(*address);
    (!address.is_unspecified()).then_some(address)
}

#[cfg(test)]
mod tests {
    use super::{owned, probe};
    use regent_core::net::mac::MacAddr;
    use std::net::Ipv4Addr;

    const MAC: MacAddr = MacAddr([2, 0, 0, 0, 0, 9]);
    const ADDRESS: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 7);

    fn reply() -> Vec<u8> {
        let mut message = vec![0, 1, 8, 0, 6, 4, 0, 2];
        message.extend(MAC.0);
        message.extend(ADDRESS.octets());
        message.extend([2, 0, 0, 0, 0, 1, 0, 0, 0, 0]);
        message
    }

    #[test]
    fn a_probe_goes_to_everybody_and_claims_nothing() {
        let frame = probe(MAC, ADDRESS);
        assert_eq!(frame[..6], [0xff; 6]);
        assert_eq!(frame[12..14], [8, 6]);
        assert_eq!(owned(&frame[14..]), None);
        assert_eq!(frame[38..42], ADDRESS.octets());
    }

    #[test]
    fn replies_and_requests_of_others_name_their_owner_padded_or_not() {
        let named = Some(ADDRESS);
        assert_eq!(owned(&reply()), named);
        assert_eq!(owned(&[reply(), vec![0; 18]].concat()), named);
        let mut request = reply();
        request[7] = 1;
        assert_eq!(owned(&request), named);
    }

    #[test]
    fn what_is_cut_short_or_of_another_kind_names_nobody() {
        for length in 0..28 {
            assert_eq!(owned(&reply()[..length]), None, "{length} bytes");
        }
        for (at, value) in [(1, 6), (2, 6), (4, 8), (5, 16), (7, 9)] {
            let mut other = reply();
            other[at] = value;
            assert_eq!(owned(&other), None, "octet {at}");
        }
    }
}
