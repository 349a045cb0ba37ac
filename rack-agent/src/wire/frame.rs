//! UDP datagrams and Ethernet frames as bytes. Nothing is read here.

use crate::wire::checksum;
use regent_core::net::mac::MacAddr;
use std::net::SocketAddrV4;

/// What an Ethernet frame carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EtherType {
    /// IPv4 (RFC 894).
    Ipv4,
    /// ARP (RFC 826).
    Arp,
}

/// Everybody on the network.
pub const BROADCAST: MacAddr = MacAddr([0xff; 6]);
/// Largest payload of a UDP datagram that fits an Ethernet frame, in bytes.
pub const PAYLOAD_BYTES_MAX: usize = 1500 - IP_BYTES - UDP_BYTES;
const IP_BYTES: usize = 20;
const UDP_BYTES: usize = 8;
const VERSION_AND_LENGTH: u8 = 0x45;
const HOPS_MAX: u8 = 64;
const UDP: u8 = 17;

/// An IPv4 datagram with UDP inside (RFC 791, RFC 768), with both checksums. None if the payload is longer than
/// [`PAYLOAD_BYTES_MAX`].
#[must_use]
pub fn datagram(from: SocketAddrV4, to: SocketAddrV4, payload: &[u8]) -> Option<Vec<u8>> {
    let udp_length = u16::try_from(UDP_BYTES + payload.len()).ok()?;
    let length = u16::try_from(IP_BYTES + UDP_BYTES + payload.len()).ok()?;
    if payload.len() > PAYLOAD_BYTES_MAX {
        return None;
    }
    let mut bytes = vec![VERSION_AND_LENGTH, 0];
    bytes.extend(length.to_be_bytes());
    // Identification and fragmentation: zero.
    bytes.extend([0; 4]);
    bytes.extend([HOPS_MAX, UDP, 0, 0]);
    bytes.extend(from.ip().octets());
    bytes.extend(to.ip().octets());
    let header = checksum::of(&[&bytes]);
    bytes[10..12].copy_from_slice(&header.to_be_bytes());
    bytes.extend(from.port().to_be_bytes());
    bytes.extend(to.port().to_be_bytes());
    bytes.extend(udp_length.to_be_bytes());
    bytes.extend([0; 2]);
    bytes.extend(payload);
    let pseudo = [0, UDP, udp_length.to_be_bytes()[0], udp_length.to_be_bytes()[1]];
    let udp = match checksum::of(&[&bytes[12..20], &pseudo, &bytes[IP_BYTES..]]) {
        // Zero would say that there is none.
        0 => u16::MAX,
        sum => sum,
    };
    bytes[IP_BYTES + 6..IP_BYTES + 8].copy_from_slice(&udp.to_be_bytes());
    Some(bytes)
}

/// An Ethernet frame around `content`.
#[must_use]
pub fn ethernet(to: MacAddr, from: MacAddr, kind: EtherType, content: &[u8]) -> Vec<u8> {
    let kind: u16 = match kind {
        EtherType::Ipv4 => 0x0800,
        EtherType::Arp => 0x0806,
    };
    [&to.0, &from.0, &kind.to_be_bytes()[..], content].concat()
}

#[cfg(test)]
mod tests {
    use super::{PAYLOAD_BYTES_MAX, datagram};
    use crate::wire::checksum;
    use std::net::{Ipv4Addr, SocketAddrV4};

    fn ends() -> (SocketAddrV4, SocketAddrV4) {
        let server = SocketAddrV4::new(Ipv4Addr::new(192, 0, 2, 1), 67);
        (server, SocketAddrV4::new(Ipv4Addr::BROADCAST, 68))
    }

    #[test]
    fn both_checksums_are_right_for_payloads_of_even_and_odd_length() {
        let (from, to) = ends();
        for payload in [&b""[..], b"odd", b"even", &[0xff; 1000]] {
            let bytes = datagram(from, to, payload).unwrap();
            let (header, udp) = bytes.split_at(20);
            assert_eq!(checksum::of(&[header]), 0);
            let length = u16::try_from(udp.len()).unwrap().to_be_bytes();
            assert_eq!(checksum::of(&[&header[12..], &[0, 17], &length, udp]), 0);
            assert_eq!(&udp[8..], payload);
        }
    }

    #[test]
    fn a_checksum_of_zero_is_sent_as_all_ones() {
        let (from, to) = ends();
        let plain = datagram(from, to, &[0, 0]).unwrap();
        // A payload that is the checksum without it brings the sum to zero.
        let bytes = datagram(from, to, &plain[26..28]).unwrap();
        assert_eq!(bytes[26..28], [0xff, 0xff]);
    }

    #[test]
    fn what_fits_no_frame_is_refused() {
        let (from, to) = ends();
        let fits = datagram(from, to, &[0; PAYLOAD_BYTES_MAX]).unwrap();
        assert_eq!(fits.len(), 1500);
        assert_eq!(datagram(from, to, &[0; PAYLOAD_BYTES_MAX + 1]), None);
    }
}
