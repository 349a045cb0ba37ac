//! Odd rows: there, or told to stay behind; those that came with something wrong were told, too.

use crate::expected::Expected;
use crate::facts::Site;
use serde_json::Value as Json;
use std::collections::BTreeSet;

/// What an import says about single rows: what became of them, and what they are named by.
pub(crate) struct Reported(BTreeSet<(String, String)>);

impl Reported {
    /// Reads a report file.
    pub(crate) fn parse(text: &str) -> Self {
        let row = |line: &str| {
            let mut columns = line.split('\t');
            let (what, _table, key) = (columns.next()?, columns.next()?, columns.next()?);
            Some((what.to_owned(), key.to_owned()))
        };
        Self(text.lines().filter_map(row).collect())
    }

    fn has(&self, what: &str, key: &str) -> bool {
        self.0.contains(&(what.to_owned(), key.escape_debug().to_string()))
    }
}

pub(crate) fn check(site: &Site<'_>, facts: &Expected) {
    for (class, odd) in facts.oddities() {
        let key = odd.as_str().map_or_else(|| odd.to_string(), str::to_owned);
        assert!(is_met(site, class, odd, &key), "{class}: {key}");
    }
}

fn is_met(site: &Site<'_>, class: &str, odd: &Json, key: &str) -> bool {
    let Site { shown, reported, .. } = site;
    let is_noted = reported.has("noted", key);
    let with_ip = || shown.all("ip-addresses").filter(|address| address["ip"] == *odd);
    match class {
        "addresses_nothing_refers_to (not user-reserved)"
        | "addresses_outside_their_subnet"
        | "addresses_without_subnet" => shown.find("ip-addresses", odd).is_some() && is_noted,
        "addresses_present_twice" => with_ip().count() == 2,
        "temporary_addresses" => with_ip().any(|address| !address["temp_expires_on"].is_null()),
        "machines_without_interfaces"
        | "nodes_without_current_config"
        | "nodes_without_domain"
        | "hosts_named_like_a_domain" => shown.nodes().any(|node| node["system_id"] == *odd),
        "hostnames_differing_only_by_case" | "hostnames_that_are_no_dns_label" => {
            shown.nodes().any(|node| node["hostname"] == *odd)
        }
        "macs_on_several_interfaces" | "macs_in_upper_case" => {
            let mac = key.to_lowercase();
            shown.all("interfaces").any(|interface| interface["mac_address"] == mac)
        }
        "macs_that_cannot_be_read" => reported.has("unreadable", key),
        "unknown_interfaces_without_address_or_vlan" | "interfaces_with_several_expired_leases" => {
            shown.find("interfaces", odd).is_some()
        }
        "dnsdata_of_a_type_maas_refuses" => shown.find("dns-records", odd).is_some(),
        "bmc_secrets_without_bmc" => reported.has("skipped", key),
        "bmcs_without_secret" => shown.find("bmcs", odd).is_some() && is_noted,
        other => panic!("oddities of class {other} are unknown"),
    }
}
