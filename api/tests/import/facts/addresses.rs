//! Leases and reservations.

use crate::expected::{Expected, moment};
use crate::shown::Shown;
use serde_json::{Value as Json, json};

/// Tells the moment of cluster time from which a live lease runs on.
pub(crate) fn check_lease(shown: &Shown, fact: &Json, facts: &Expected) -> Option<u64> {
    let address = shown.one("ip-addresses", &fact["id"]);
    assert_eq!(fact["ip"], address["ip"]);
    assert_eq!(fact["lease_time"], address["lease_time"]);
    assert_eq!(moment(&fact["start"]), moment(&address["created"]), "{fact}");
    assert_eq!(fact["subnet"], shown.through("subnets", &address["subnet"], "cidr"));
    let lease = shown.find("leases", &address["ip"]);
    assert_eq!(fact["live_now"], json!(lease.is_some()), "{fact}");
    let lease = lease?;
    assert_eq!(fact["mac"], lease["mac_address"]);
    let left = u64::try_from(moment(&fact["expires"]) - moment(facts.now())).expect("it runs");
    let expires = lease["expires"].as_u64().expect("a moment of cluster time");
    let commit = expires.checked_sub(left).expect("it does not end early");
    let remaining = lease["remaining_ms"].as_u64().expect("a length of time");
    assert!(remaining <= left, "it does not end late: {fact}");
    Some(commit)
}

pub(crate) fn check_reservation(shown: &Shown, fact: &Json) {
    let reserved = shown.one("reserved-ips", &fact["id"]);
    assert_eq!(fact["ip"], reserved["ip"]);
    assert_eq!(fact["mac"], reserved["mac_address"]);
    assert_eq!(fact["subnet"], shown.through("subnets", &reserved["subnet"], "cidr"));
    assert_eq!(fact["comment"].as_str().unwrap_or_default(), reserved["comment"]);
}
