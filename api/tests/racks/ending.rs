//! Leases that an admin ends, as admins, racks and their clients see it.

use crate::agent::{Agent, Line};
use crate::asking::{ADDRESS, commit};
use crate::site::{Site, VLAN};
use regent_core::command::rack::LeaseStep;
use regent_core::lease::binding::Tenure;
use regent_core::lease::refusal::Refusal;
use regent_core::outcome::LeaseAnswer;
use regent_proto::rack::Standing;
use serde_json::{Value, json};

const RELEASE: &str = "/v1/leases/10.7.0.100/actions/release";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lease_tells_who_has_what_where_and_until_when_and_is_found_by_each() {
    let site = Site::start().await;
    let agent = site.rack("rack").await;
    site.served_by(&[&agent]).await;
    let (mut line, _) = agent.connect(site.node()).await;
    line.done(&[LeaseStep::Adopted, commit(&site, 1)]).await;
    let lease = site.admin("GET", "/v1/leases/10.7.0.100", json!(null)).await;
    assert_eq!(
        (&lease["state"], &lease["mac_address"]),
        (&json!("bound"), &json!("02:00:00:00:00:09"))
    );
    assert_eq!((&lease["vlan"], &lease["subnet"]), (&json!(VLAN), &json!(1)));
    assert_eq!(lease["rack"], agent.number);
    let (remaining, rests) = (lease["remaining_ms"].as_u64(), lease["rests_ms"].as_u64());
    assert!(remaining > Some(0) && rests > remaining, "the rack may renew it alone: {lease}");
    let vlan = format!("vlan={VLAN}");
    for (filter, count) in [
        ("subnet=1", 1),
        (vlan.as_str(), 1),
        ("mac_address=02:00:00:00:00:09", 1),
        ("state=bound", 1),
        ("state=ended", 0),
        ("subnet=2", 0),
    ] {
        let list = site.admin("GET", &format!("/v1/leases?{filter}"), json!(null)).await;
        assert_eq!(list["items"].as_array().unwrap().len(), count, "{filter}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rack_that_is_connected_is_told_of_the_end_and_refused_what_its_client_wants_more() {
    let site = Site::start().await;
    let agent = site.rack("rack").await;
    site.served_by(&[&agent]).await;
    let (mut line, _) = agent.connect(site.node()).await;
    line.done(&[LeaseStep::Adopted, commit(&site, 1)]).await;
    let before = site.admin("GET", "/v1/leases/10.7.0.100", json!(null)).await;
    let ended = site.admin("POST", RELEASE, json!(null)).await;
    assert_eq!((&ended["state"], &ended["rests_until"]), (&json!("ended"), &before["rests_until"]));
    let told = loop {
        let view = line.view().await;
        let lease = view.leases.iter().find(|told| told.address == u32::from(ADDRESS));
        let lease = lease.and_then(|told| told.lease.clone());
        if let Some(lease) = lease.filter(|lease| lease.standing() == Standing::Resting) {
            break lease;
        }
    };
    assert_eq!(told.client, None, "it is not to be offered to whom it was taken from");
    let renewed = line.done(&[commit(&site, 2)]).await;
    let answer = renewed.answers[0];
    assert!(matches!(answer, LeaseAnswer::Refused(Refusal::Ended { .. })), "{answer:?}");
}

/// The client has 10.7.0.100, and for good 10.7.0.50, which is kept for it.
async fn given_for_good(site: &Site, agent: &Agent) -> Line {
    let kept = json!({ "subnet": 1, "ip": "10.7.0.50", "mac_address": "02:00:00:00:00:09" });
    site.admin("POST", "/v1/reserved-ips", kept).await;
    let (mut line, _) = agent.connect(site.node()).await;
    let mut wish = commit(site, 1);
    if let LeaseStep::Commit { address, tenure, .. } = &mut wish {
        (*address, *tenure) = ([10, 7, 0, 50].into(), Tenure::ForGood);
    }
    let done = line.done(&[LeaseStep::Adopted, wish, commit(site, 2)]).await;
    let are_given =
        matches!(done.answers[1..], [LeaseAnswer::Committed { .. }, LeaseAnswer::Committed { .. }]);
    assert!(are_given, "{:?}", done.answers);
    line
}

/// What an admin's command line says.
async fn says(site: &Site, line: &str) -> String {
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_regent"));
    command.args(line.split(' ')).args(["--addr", &site.node().address.to_string()]);
    let said = command.output().await.unwrap();
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    String::from_utf8(said.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lease_for_good_has_no_end_but_the_word_of_an_admin_that_its_client_is_gone() {
    let site = Site::start().await;
    let agent = site.rack("rack").await;
    site.served_by(&[&agent]).await;
    let _line = given_for_good(&site, &agent).await;
    let lease = site.admin("GET", "/v1/leases/10.7.0.50", json!(null)).await;
    assert_eq!((&lease["state"], &lease["for_good"]), (&json!("bound"), &json!(true)));
    for field in ["expires", "remaining_ms", "rests_until", "rests_ms"] {
        assert_eq!(lease[field], json!(null), "{field}");
    }
    let why = site.admin("GET", "/v1/leases/10.7.0.50/why", json!(null)).await;
    assert!(why.to_string().contains("has it through rack rack, for good"), "{why}");
    let release = "/v1/leases/10.7.0.50/actions/release";
    let ended = site.admin("POST", release, json!({ "client_is_gone": true })).await;
    assert_eq!((&ended["state"], &ended["for_good"]), (&json!("ended"), &json!(false)));
    assert!(ended["rests_ms"].as_u64().unwrap() <= 120_000, "{ended}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reservation_moved_to_another_client_tells_until_when_it_waits() {
    let site = Site::start().await;
    let agent = site.rack("rack").await;
    site.served_by(&[&agent]).await;
    let kept = json!({ "subnet": 1, "ip": "10.7.0.50", "mac_address": "02:00:00:00:00:09" });
    let kept = site.admin("POST", "/v1/reserved-ips", kept).await;
    assert_eq!((&kept["pending"], &kept["pending_until"]), (&json!(false), &json!(null)));
    let (mut line, _) = agent.connect(site.node()).await;
    let mut wish = commit(&site, 1);
    if let LeaseStep::Commit { address, .. } = &mut wish {
        *address = [10, 7, 0, 50].into();
    }
    let done = line.done(&[LeaseStep::Adopted, wish]).await;
    assert!(matches!(done.answers[1], LeaseAnswer::Committed { .. }), "{:?}", done.answers);
    site.admin("DELETE", &format!("/v1/reserved-ips/{}", kept["id"]), json!(null)).await;
    let moved = json!({ "subnet": 1, "ip": "10.7.0.50", "mac_address": "02:00:00:00:00:0a" });
    let moved = site.admin("POST", "/v1/reserved-ips", moved).await;
    let lease = site.admin("GET", "/v1/leases/10.7.0.50", json!(null)).await;
    assert_eq!(moved["pending"], json!(true), "{moved}");
    assert_eq!(moved["pending_until"], lease["rests_until"], "{moved} {lease}");
    assert!(moved["pending_ms"].as_u64().unwrap() > 0, "{moved}");
    let listed = says(&site, "reserved-ip ls").await;
    assert!(listed.contains("PENDING"), "{listed}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn leases_for_good_are_found_and_people_read_that_they_never_end() {
    let site = Site::start().await;
    let agent = site.rack("rack").await;
    site.served_by(&[&agent]).await;
    let _line = given_for_good(&site, &agent).await;
    for (filter, found) in [("true", "10.7.0.50"), ("false", "10.7.0.100")] {
        let path = format!("/v1/leases?for_good={filter}");
        let list = site.admin("GET", &path, json!(null)).await;
        let addresses: Vec<_> =
            list["items"].as_array().unwrap().iter().map(|l| &l["ip"]).collect();
        assert_eq!(addresses, [found], "{filter}");
    }
    let table = says(&site, "lease ls --filter for_good=true").await;
    let [header, line] = table.lines().collect::<Vec<_>>()[..] else { panic!("{table}") };
    assert!(header.ends_with("REMAINING  RESTS"), "{table}");
    assert!(line.starts_with("10.7.0.50 ") && line.ends_with("  never      never"), "{table}");
    let others = says(&site, "lease ls --filter for_good=false").await;
    assert!(others.contains("10.7.0.100 ") && !others.contains("never"), "{others}");
    let sheet = says(&site, "lease show 10.7.0.50").await;
    assert!(
        sheet.lines().any(|line| line.split_whitespace().eq(["remaining_ms:", "never"])),
        "{sheet}"
    );
    let json = says(&site, "lease ls --filter for_good=true -o json").await;
    let json: Value = serde_json::from_str(&json).unwrap();
    let lease = &json["items"][0];
    assert_eq!((&lease["remaining_ms"], &lease["for_good"]), (&Value::Null, &json!(true)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn address_whose_client_is_gone_rests_for_two_minutes_and_the_log_of_events_tells() {
    let site = Site::start().await;
    let agent = site.rack("rack").await;
    site.served_by(&[&agent]).await;
    let (mut line, _) = agent.connect(site.node()).await;
    line.done(&[LeaseStep::Adopted, commit(&site, 1)]).await;
    let ended = site.admin("POST", RELEASE, json!({ "client_is_gone": true })).await;
    let rests = ended["rests_ms"].as_u64().unwrap();
    assert!(rests <= 120_000, "{ended}");
    let path = "/v1/event-log?event_type=DHCP_LEASE_ENDED";
    let events = site.admin("GET", path, json!(null)).await;
    let told = &events["items"][0];
    assert_eq!(told["ip_address"], "10.7.0.100");
    assert!(told["description"].as_str().unwrap().contains("02:00:00:00:00:09"), "{told}");
}
