//! The readers of other DHCP servers' lease files.
//!
//! Whatever the bytes: leases and oddities, or an error in words; the same however often they are read; each lease one
//! that the protocol has room for; and all of it again if the same file comes twice, since the newest record counts.

use crate::subject::way;
use crate::target::Target;
use regent_api::cli::import::foreign::error::ForeignError;
use regent_api::cli::import::foreign::lease::{HOSTNAME_BYTES_MAX, IDENTIFIER_BYTES_MAX};
use regent_api::cli::import::foreign::newest::Newest;
use regent_api::cli::import::foreign::selection::{Chosen, FOREVER_MILLIS, choose};
use regent_api::cli::import::foreign::{isc, kea};

/// The target.
pub const TARGET: Target = Target {
    name: "leases",
    about: "reads lease files of ISC dhcpd and Kea",
    run,
    seeds,
    words: WORDS,
    input_bytes_max: 64 << 10,
    memory_bytes_max: 4 << 20,
    memory_factor: 200,
};

const ISC: &str = include_str!("../../../../api/tests/data/dhcpd.leases");
const KEA: &str = include_str!("../../../../api/tests/data/kea-leases4.csv");

const WORDS: &[&[u8]] = &[
    b"lease 10.0.0.1 {",
    b"}\n",
    b";\n",
    b"{",
    b"#",
    b"\"",
    b"\\377",
    b"\\\"",
    b"starts epoch 100;",
    b"ends never;",
    b"ends 4 2026/11/22 00:00:00;",
    b"cltt epoch 200;",
    b"binding state abandoned;",
    b"binding state free;",
    b"hardware ethernet 02:00:00:00:00:01;",
    b"uid \"",
    b"client-hostname \"x\";",
    b"on expiry {",
    b"failover peer \"x\" state {",
    b"ia-na",
    b",",
    b"&#x2c",
    b"4294967295",
    b"18446744073709551615",
    b"\n10.0.0.1,02:00:00:00:00:01,,0,100,1,0,0,,0,",
    b"duid",
    b"\0",
    b"\xff",
];

fn run(input: &[u8]) -> String {
    let ways = [tried("isc", input, isc_file), tried("kea", input, kea_file)];
    ways.join("\n")
}

fn isc_file(input: &[u8], newest: &mut Newest) -> Result<(), ForeignError> {
    isc::read(input, newest)
}

fn kea_file(input: &[u8], newest: &mut Newest) -> Result<(), ForeignError> {
    newest.begin_journal();
    kea::read(input, newest)
}

fn tried(
    name: &str,
    input: &[u8],
    read: fn(&[u8], &mut Newest) -> Result<(), ForeignError>,
) -> String {
    let mut newest = Newest::default();
    if let Err(error) = read(input, &mut newest) {
        assert!(!error.to_string().is_empty(), "an error without words");
        return format!("{name}: {}", way::of(&error));
    }
    let as_of = newest.as_of.unwrap_or_default();
    let mut ways: Vec<String> = newest
        .leases()
        .map(|lease| {
            assert!(lease.hostname.len() <= HOSTNAME_BYTES_MAX, "a host name without bound");
            assert!(lease.client_id.len() <= IDENTIFIER_BYTES_MAX, "an identifier without bound");
            let chosen = choose(lease, as_of);
            if let Chosen::Held { remaining, .. } = chosen {
                assert!(lease.client().is_some(), "a lease of nobody");
                assert!(remaining <= FOREVER_MILLIS, "a lease longer than for ever");
            }
            format!("{name}: {}", way::of(&chosen))
        })
        .collect();
    let odd = newest.oddities.as_slice().iter();
    ways.extend(odd.map(|it| format!("{name}: {}", way::plain(&it.reason))));
    let mut again = Newest::default();
    let twice = read(input, &mut again).and_then(|()| read(input, &mut again));
    assert!(twice.is_ok(), "what was read once is an error now");
    let (once, twice): (Vec<_>, Vec<_>) = (newest.leases().collect(), again.leases().collect());
    assert_eq!(once.len(), twice.len(), "addresses come or go when a file is read twice");
    ways.sort_unstable();
    ways.dedup();
    ways.join("\n")
}

fn seeds() -> Vec<Vec<u8>> {
    let pair = "failover peer \"x\" state { my state normal at 4 1970/01/01 00:00:00; }\n\
                lease 10.0.0.1 { starts epoch 1; ends never; on expiry { x; } abandoned; }\n";
    let deleted = "10.9.0.100,,00,0,1795364197,1,0,0,a&#x2cb,1,\n";
    vec![
        ISC.as_bytes().to_vec(),
        format!("{pair}{ISC}").into_bytes(),
        KEA.as_bytes().to_vec(),
        format!("{KEA}{deleted}").into_bytes(),
    ]
}

#[cfg(test)]
mod tests {
    use super::{run, seeds};

    #[test]
    fn each_seed_is_a_file_of_one_of_the_two() {
        for seed in seeds() {
            let ways = run(&seed);
            assert!(ways.contains(": Held"), "{ways}");
        }
    }
}
