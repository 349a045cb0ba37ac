//! Which machine and which lease has which address. Machines live above 10.128.0.0, leases in the /16 nets below.

use std::net::Ipv4Addr;

/// The net of all machines.
pub const MACHINES_NET: &str = "10.128.0.0/11";
/// The most machines there is room for.
pub const MACHINES_MAX: u32 = 1 << 20;
/// The most leases there is room for.
pub const LEASES_MAX: u32 = 100 * LEASES_PER_NET;
/// Leases in one net.
pub const LEASES_PER_NET: u32 = 60_000;

const MACHINES_FIRST: u32 = u32::from_be_bytes([10, 128, 0, 0]);
const LEASES_FIRST: u32 = u32::from_be_bytes([10, 0, 0, 0]);
/// Addresses at the beginning of a net that nobody gets.
const SPARED: u32 = 256;

/// The address of the machine with this number, counted from 1.
#[must_use]
pub const fn of_machine(number: u32) -> Ipv4Addr {
    Ipv4Addr::from_bits(MACHINES_FIRST + SPARED + number)
}

/// The address of the lease with this number, counted from 0.
#[must_use]
pub const fn of_lease(number: u32) -> Ipv4Addr {
    let net = (number / LEASES_PER_NET) << 16;
    Ipv4Addr::from_bits(LEASES_FIRST + net + SPARED + number % LEASES_PER_NET)
}

/// The nets of so many leases.
pub fn lease_nets(leases: u32) -> impl Iterator<Item = String> {
    (0..leases.div_ceil(LEASES_PER_NET)).map(|net| format!("10.{net}.0.0/16"))
}

#[cfg(test)]
mod tests {
    use super::{LEASES_MAX, LEASES_PER_NET, MACHINES_MAX, lease_nets, of_lease, of_machine};

    #[test]
    fn nets_of_machines_and_leases_do_not_meet() {
        assert_eq!(of_machine(1).to_string(), "10.128.1.1");
        assert!(of_machine(MACHINES_MAX).to_string().starts_with("10.144."));
        assert!(of_lease(LEASES_MAX - 1).to_string().starts_with("10.99."));
    }

    #[test]
    fn every_lease_is_in_one_of_the_nets() {
        let leases = LEASES_PER_NET + 1;
        assert_eq!(lease_nets(leases).collect::<Vec<_>>(), ["10.0.0.0/16", "10.1.0.0/16"]);
        assert_eq!(of_lease(leases - 1).to_string(), "10.1.1.0");
    }
}
