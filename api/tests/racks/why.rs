//! What an operator asks about addresses and clients: why, and how many are left.

use crate::asking::commit;
use crate::site::Site;
use regent_core::command::rack::LeaseStep;
use serde_json::{Value, json};

/// A site whose rack has leased one address.
async fn leased() -> (Site, crate::agent::Line) {
    let site = Site::start().await;
    let agent = site.rack("rack").await;
    site.served_by(&[&agent]).await;
    let (mut line, _) = agent.connect(site.node()).await;
    line.done(&[LeaseStep::Adopted, commit(&site, 1)]).await;
    (site, line)
}

async fn why(site: &Site, asked: &str) -> Value {
    site.admin("GET", &format!("/v1/leases/{asked}/why"), json!(null)).await["answers"].take()
}

fn codes(answer: &Value) -> Vec<&str> {
    let reasons = answer["reasons"].as_array().unwrap().iter();
    reasons.map(|reason| reason["code"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn address_and_its_client_are_explained_in_words_and_codes() {
    let (site, _line) = leased().await;
    let held = &why(&site, "10.7.0.100").await[0];
    let wanted =
        ["on_subnet", "served_by", "in_dynamic_range", "held_by", "renewable_by", "rests_until"];
    assert_eq!(codes(held), wanted, "{held}");
    let summary = held["summary"].as_str().unwrap();
    assert!(summary.starts_with("10.7.0.100 goes to no new client: another client"), "{summary}");
    let until = &held["reasons"][3];
    assert!(until["text"].as_str().unwrap().starts_with("02:00:00:00:00:09 has it"), "{until}");
    assert!(until["remaining_ms"].as_u64() > Some(0), "{until}");
    let free = &why(&site, "10.7.0.101").await[0];
    assert!(free["summary"].as_str().unwrap().contains("would go to a new client now"), "{free}");
    let outside = &why(&site, "10.9.9.9").await[0];
    assert_eq!(codes(outside), ["no_subnet"]);
    let client = why(&site, "02:00:00:00:00:09").await;
    let summary = client[0]["summary"].as_str().unwrap();
    assert!(summary.contains("gets 10.7.0.100, which it had last"), "{client}");
    assert_eq!(client[1]["about"], "10.7.0.100");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dynamic_addresses_are_counted_for_the_subnet_and_each_range() {
    let (site, _line) = leased().await;
    let usage = site.admin("GET", "/v1/subnets/1/utilization", json!(null)).await;
    let dynamic = json!({
        "addresses": 100, "leased": 1, "resting": 0, "declined": 0, "kept": 0, "in_blocks": 0,
        "free": 99, "taken_permille": 10,
    });
    assert_eq!((&usage["dynamic"], &usage["level"]), (&dynamic, &Value::Null));
    let range = &usage["ranges"][0];
    assert_eq!((&range["id"], &range["start_ip"]), (&json!(1), &json!("10.7.0.100")));
    assert_eq!((&range["leased"], &range["free"]), (&json!(1), &json!(99)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn subnet_that_runs_dry_is_told_by_an_event_and_named_in_the_figures() {
    let (site, _line) = leased().await;
    let small = json!({ "end_ip": "10.7.0.100" });
    site.admin("PATCH", "/v1/ip-ranges/1", small).await;
    let usage = site.admin("GET", "/v1/subnets/1/utilization", json!(null)).await;
    assert_eq!(usage["level"], "full");
    let events = site.admin("GET", "/v1/event-log?event_type=DHCP_POOL_FULL", json!(null)).await;
    let told = events["items"][0]["description"].as_str().unwrap();
    assert!(told.starts_with("1 of 1 dynamic addresses of subnet 10.7.0.0/24"), "{told}");
    let url = format!("http://{}/metrics", site.node().address);
    let figures = reqwest::get(url).await.unwrap().text().await.unwrap();
    for line in [
        "regent_dhcp_dynamic_addresses 1",
        "regent_dhcp_dynamic_addresses_taken 1",
        "regent_dhcp_subnets_nearly_full 1",
        "regent_dhcp_subnets_full 1",
        "regent_dhcp_subnet_taken_permille{subnet=\"10.7.0.0/24\"} 1000",
    ] {
        assert!(figures.lines().any(|known| known == line), "{line} in\n{figures}");
    }
}
