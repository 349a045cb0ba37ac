//! The DNS names of the site: one address and one name back for each machine.

use crate::site::address::of_machine;

/// The zones, as the peers are given them.
pub const ZONES: [&str; 2] = ["bench.example.", "10.in-addr.arpa."];
/// The domain of all machines.
pub const DOMAIN: &str = "bench.example";

/// Numbers of a walk through all machines that looks random and is always the same.
const STRIDE: u64 = 7_919_777;

/// The host name of a machine.
#[must_use]
pub fn host(number: u32) -> String {
    format!("m{number:07}")
}

/// The zones as master files (RFC 1035 section 5).
#[must_use]
pub fn zone_files(machines: u32) -> [(&'static str, String); 2] {
    let start = |zone: &str| {
        format!(
            "$ORIGIN {zone}\n$TTL 30\n@ SOA ns.{DOMAIN}. root.{DOMAIN}. 1 600 1800 604800 30\n\
             @ NS ns.{DOMAIN}.\n"
        )
    };
    let [mut forward, mut reverse] = ZONES.map(start);
    forward.push_str("ns A 10.127.0.1\n");
    for number in 1..=machines {
        let (host, address) = (host(number), of_machine(number));
        let [_, b, c, d] = address.octets();
        forward.push_str(&format!("{host} A {address}\n"));
        reverse.push_str(&format!("{d}.{c}.{b} PTR {host}.{DOMAIN}.\n"));
    }
    let [first, second] = ZONES;
    [(first, forward), (second, reverse)]
}

/// So many questions as `dnsperf` reads them: by turns for an address and for a name, of machines in no order.
#[must_use]
pub fn questions(machines: u32, count: u32) -> String {
    let question = |turn: u32| {
        let walked = u64::from(turn / 2) * STRIDE % u64::from(machines.max(1));
        let number = u32::try_from(walked).unwrap_or_default() + 1;
        let [a, b, c, d] = of_machine(number).octets();
        match turn % 2 {
            0 => format!("{}.{DOMAIN} A\n", host(number)),
            _ => format!("{d}.{c}.{b}.{a}.in-addr.arpa PTR\n"),
        }
    };
    (0..count).map(question).collect()
}

#[cfg(test)]
mod tests {
    use super::{questions, zone_files};
    use std::collections::BTreeSet;

    #[test]
    fn zones_hold_both_directions_of_a_machine() {
        let [(_, forward), (_, reverse)] = zone_files(1);
        assert!(forward.ends_with("m0000001 A 10.128.1.1\n"), "{forward}");
        assert!(reverse.ends_with("1.1.128 PTR m0000001.bench.example.\n"), "{reverse}");
    }

    #[test]
    fn questions_go_through_all_machines() {
        let questions = questions(1000, 2000);
        let names: BTreeSet<_> = questions.lines().filter(|line| line.ends_with(" A")).collect();
        assert_eq!(names.len(), 1000);
        let back: BTreeSet<_> = questions.lines().filter(|line| line.ends_with(" PTR")).collect();
        assert_eq!(back.len(), 1000);
    }
}
