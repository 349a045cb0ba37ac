//! Addresses that stand, inside a batch, for the address an earlier step took: nobody ever has one of them.
//!
//! Multicast with every flag and scope bit set, which RFC 4291 2.7 reserves; the digits after them spell "regent".

use std::net::{IpAddr, Ipv6Addr};

const PREFIX: [u16; 7] = [0xffff, 0x7265, 0x6765, 0x6e74, 0, 0, 0];

/// The first fourteen octets of every such address.
pub const PREFIX_OCTETS: [u8; 14] =
    [0xff, 0xff, 0x72, 0x65, 0x67, 0x65, 0x6e, 0x74, 0, 0, 0, 0, 0, 0];

/// The address that stands for what step `step` of the batch took.
#[must_use]
pub const fn step_address(step: u16) -> IpAddr {
    let [a, b, c, d, e, f, g] = PREFIX;
    IpAddr::V6(Ipv6Addr::new(a, b, c, d, e, f, g, step))
}

/// The step an address stands for, if it stands for one.
#[must_use]
pub fn step_of_address(address: IpAddr) -> Option<usize> {
    let IpAddr::V6(address) = address else { return None };
    let [prefix @ .., step] = address.segments();
    (prefix == PREFIX).then_some(usize::from(step))
}

#[cfg(test)]
mod tests {
    use super::{PREFIX_OCTETS, step_address, step_of_address};
    use std::net::{IpAddr, Ipv6Addr};

    #[test]
    fn steps_are_told_from_addresses() {
        for step in [0, 7, u16::MAX] {
            assert_eq!(step_of_address(step_address(step)), Some(usize::from(step)));
        }
        for address in ["10.0.0.1", "fd00::1", "ffff:7265:6765:6e74::1:0", "ff02::1"] {
            assert_eq!(step_of_address(address.parse().unwrap()), None, "{address}");
        }
    }

    #[test]
    fn octets_are_those_of_the_address() {
        let IpAddr::V6(address) = step_address(0) else { panic!("it is of IPv6") };
        assert!(address.octets().starts_with(&PREFIX_OCTETS));
        assert!(Ipv6Addr::is_multicast(&address));
    }
}
