//! How many of each kind there are.

use crate::expected::Expected;
use crate::facts::Site;
use serde_json::Value as Json;

const DISCOVERED: u64 = 6;
const RACK_CONTROLLERS: [u64; 2] = [2, 4];
const REGION_CONTROLLERS: [u64; 2] = [3, 4];

pub(crate) fn check(site: &Site<'_>, facts: &Expected) {
    let count = |noun: &str| site.shown.all(noun).count() as u64;
    for (noun, kind) in [
        ("machines", "machines"),
        ("devices", "devices"),
        ("leases", "leases_live_now"),
        ("api-tokens", "api_tokens"),
        ("bmcs", "bmcs"),
    ] {
        assert_eq!(count(noun), facts.count(kind), "{noun}");
    }
    let controllers = |types: [u64; 2]| {
        let is_meant = |node: &&Json| types.iter().any(|number| node["node_type"] == *number);
        site.shown.all("controllers").filter(is_meant).count() as u64
    };
    assert_eq!(controllers(RACK_CONTROLLERS), facts.count("rack_controllers"));
    assert_eq!(controllers(REGION_CONTROLLERS), facts.count("region_controllers"));
    let interfaces = |of_type: &dyn Fn(&Json) -> bool| {
        site.shown.all("interfaces").filter(|row| of_type(&row["type"])).count() as u64
    };
    let on_nodes = interfaces(&|found| found != "unknown");
    assert_eq!(on_nodes, facts.count("interfaces_on_nodes"));
    let unknown = interfaces(&|found| found == "unknown") + facts.unread_interfaces();
    assert_eq!(unknown, facts.count("interfaces_unknown"));
    check_addresses(site, facts);
    check_by_type(site, facts);
}

fn check_addresses(site: &Site<'_>, facts: &Expected) {
    let seen = || site.shown.all("ip-addresses").filter(|row| row["alloc_type"] == DISCOVERED);
    let is_leased = |row: &&Json| !row["ip"].is_null() && row["lease_time"].as_u64() > Some(0);
    assert_eq!(seen().filter(is_leased).count() as u64, facts.count("leases_with_address"));
    let over = seen().filter(|row| row["ip"].is_null()).count() as u64;
    assert_eq!(over, facts.count("leases_expired_address_null"));
}

fn check_by_type(site: &Site<'_>, facts: &Expected) {
    for (table, noun, field) in [
        ("machines_by_status", "machines", "status"),
        ("addresses_by_alloc_type", "ip-addresses", "alloc_type"),
        ("dnsdata_by_type", "dns-records", "rrtype"),
    ] {
        facts.each_count(table, |name, count| {
            let is_meant = |row: &&Json| match row[field].as_u64() {
                Some(number) => name.parse() == Ok(number),
                None => row[field] == name,
            };
            let found = site.shown.all(noun).filter(is_meant).count() as u64;
            assert_eq!(found, count, "{field} {name}");
        });
    }
    facts.each_count("bmcs_by_power_type", |power_type, count| {
        let shown = site.shown.all("bmcs").filter(|row| row["power_type"] == power_type).count();
        let hosts = site.dump.tables.bmcs.iter().filter(|row| row.bmc_type != 0);
        let hosts = hosts.filter(|row| row.power_type == power_type).count();
        assert_eq!((shown + hosts) as u64, count, "{power_type}");
    });
}
