//! Names, reverse names and record data against what is expected of the MAAS sample databases.
//!
//! Reads the `*.expected.json` files of the shared data folder (`REGENT_SHARED`, else `../shared`
//! beside the repository); says so and passes where they are missing.

use regent_core::model::dns_name::DomainName;
use regent_core::model::record_data::RecordData;
use regent_core::model::record_type::RecordType;
use regent_core::model::reverse::{ptr_name, reverse_zones};
use regent_core::net::cidr::Cidr;
use regent_core::net::mac::MacAddr;
use serde_json::Value;
use std::io::Write as _;
use std::net::IpAddr;
use std::path::PathBuf;

const SAMPLES: [&str; 3] = ["maas-3.5-small", "maas-3.7-small", "maas-3.7-site"];

fn shared_folder() -> PathBuf {
    std::env::var_os("REGENT_SHARED").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared"),
        PathBuf::from,
    )
}

/// Runs `check` on each sample there is; it returns how many things it looked at.
#[expect(clippy::disallowed_methods, reason = "the samples lie in files outside the repository")]
fn with_samples(test: &str, check: impl Fn(&Value) -> usize) {
    for sample in SAMPLES {
        let path = shared_folder().join("data").join(format!("{sample}.expected.json"));
        let Ok(bytes) = std::fs::read(&path) else {
            writeln!(std::io::stdout(), "SKIPPED {test}: absent: {sample}.expected.json")
                .expect("standard output is open");
            continue;
        };
        let expected = serde_json::from_slice(&bytes).expect("the file is JSON");
        assert!(check(&expected) > 0, "{sample} has nothing to look at");
    }
}

fn entries<'a>(holder: &'a Value, list: &str) -> impl Iterator<Item = &'a Value> {
    holder[list].as_array().expect("a list").iter()
}

fn facts<'a>(expected: &'a Value, kind: &'a str) -> impl Iterator<Item = &'a Value> {
    entries(expected, "facts").filter(move |fact| fact["kind"] == kind)
}

fn text<'a>(entry: &'a Value, field: &str) -> &'a str {
    entry[field].as_str().expect(field)
}

#[test]
fn reverse_names_are_those_maas_serves() {
    with_samples("reverse_names_are_those_maas_serves", |expected| {
        let pointers = entries(expected, "dns").filter(|entry| entry["type"] == "PTR");
        pointers
            .inspect(|entry| {
                let ip: IpAddr = text(entry, "ip").parse().expect("an address");
                assert_eq!(ptr_name(ip).to_string(), text(entry, "name"));
            })
            .count()
    });
}

#[test]
fn classless_questions_are_led_through_the_name_maas_uses() {
    with_samples("classless_questions_are_led_through_the_name_maas_uses", |expected| {
        let subnets: Vec<Cidr> = facts(expected, "subnet")
            .map(|fact| text(fact, "cidr").parse().expect("a prefix"))
            .collect();
        let led = entries(expected, "dns").filter(|entry| entry.get("via_cname").is_some());
        led.filter_map(|entry| {
            let ip: IpAddr = text(entry, "ip").parse().expect("an address");
            let subnet = subnets.iter().find(|subnet| subnet.contains(ip))?;
            let zones = reverse_zones(*subnet);
            let alias = zones.glue.as_ref().and_then(|glue| glue.alias(ip)).expect("inside");
            assert_eq!(alias.owner.to_string(), text(entry, "name"));
            assert_eq!(alias.target.to_string(), text(entry, "via_cname"));
            assert_eq!(zones.zones[0].owner(ip), Some(alias.target));
            Some(())
        })
        .count()
    });
}

#[test]
fn record_data_is_written_as_expected() {
    with_samples("record_data_is_written_as_expected", |expected| {
        let mut seen = 0;
        for entry in entries(expected, "dns").filter(|entry| entry["type"] != "PTR") {
            let rtype: RecordType = text(entry, "type").parse().expect("a known type");
            let name: DomainName = text(entry, "name").parse().expect("a name");
            assert_eq!(name.to_string(), text(entry, "name"));
            for rdata in entry["rdata"].as_array().into_iter().flatten() {
                let rdata = rdata.as_str().expect("text");
                let data = RecordData::parse(rtype, rdata, &name).expect(rdata);
                assert_eq!(data.to_string(), rdata);
                seen += 1;
            }
        }
        seen
    });
}

#[test]
fn subnets_have_as_many_hosts_as_maas_counts() {
    with_samples("subnets_have_as_many_hosts_as_maas_counts", |expected| {
        facts(expected, "subnet")
            .filter_map(|fact| {
                let cidr: Cidr = text(fact, "cidr").parse().expect("a prefix");
                assert_eq!(cidr.to_string(), text(fact, "cidr"));
                let counted = fact["statistics"]["total_addresses"].as_u64()?;
                assert_eq!(cidr.host_count(), u128::from(counted), "{cidr}");
                Some(())
            })
            .count()
    });
}

#[test]
fn interface_addresses_are_read_and_written_alike() {
    with_samples("interface_addresses_are_read_and_written_alike", |expected| {
        facts(expected, "node")
            .flat_map(|node| entries(node, "interfaces"))
            .filter_map(|interface| interface["mac"].as_str())
            .inspect(|mac| {
                let read: MacAddr = mac.parse().expect("a MAC address");
                assert_eq!(read.to_string(), mac.to_lowercase());
            })
            .count()
    });
}
