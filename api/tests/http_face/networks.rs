//! The network model over HTTP: what one noun's write means to another.

use crate::face::Face;
use serde_json::{Value, json};
use std::collections::BTreeSet;

async fn with_subnet(cidr: &str) -> Face {
    let face = Face::start().await;
    face.create("/v1/subnets", json!({ "cidr": cidr, "vlan": 5001 })).await;
    face
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_parallel_allocations_get_an_address_each_and_retries_get_their_own_again() {
    let face = with_subnet("10.0.0.0/24").await;
    let one = async |number: usize| {
        let key = format!("allocation-{number}");
        let headers = [("idempotency-key", key.as_str())];
        let ask = || face.send_with("POST", "/v1/subnets/1/allocations", &headers, json!({}));
        let first = ask().await.good();
        if number.is_multiple_of(10) {
            assert_eq!(ask().await.good(), first);
        }
        first["items"][0]["ip"].as_str().unwrap().to_owned()
    };
    let taken = futures::future::join_all((0..200).map(one)).await;
    let different: BTreeSet<&String> = taken.iter().collect();
    assert_eq!(different.len(), 200);
    let rest = face.send("POST", "/v1/subnets/1/allocations", json!({ "count": 55 })).await;
    assert_eq!((rest.status.as_u16(), rest.code()), (409, "E0210"));
    assert!(rest.body["detail"].as_str().unwrap().contains("54 of 254"), "{rest:?}");
    face.create("/v1/subnets/1/allocations", json!({ "count": 54 })).await;
    let usage = face.get("/v1/subnets/1/utilization").await.good();
    assert_eq!((&usage["num_available"], &usage["total_addresses"]), (&json!(0), &json!(254)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn boot_settings_are_set_as_a_whole_and_taken_away_with_null() {
    let face = with_subnet("10.0.0.0/24").await;
    assert_eq!(face.get("/v1/vlans/5001").await.good()["boot"], Value::Null);
    for path in ["/v1/vlans/5001", "/v1/subnets/1"] {
        let boot = json!({ "server": "10.0.0.7", "files": { "0": "lpxelinux.0" } });
        let set = face.send("PATCH", path, json!({ "boot": boot })).await.good();
        assert_eq!(set["boot"]["files"]["0"]["path"], "lpxelinux.0");
        let boot = json!({ "http": { "16": "http://10.0.0.7/bootx64.efi" } });
        let set = face.send("PATCH", path, json!({ "boot": boot })).await.good();
        assert_eq!((&set["boot"]["server"], &set["boot"]["files"]), (&Value::Null, &json!({})));
        let boot = json!({ "http": { "16": "tftp://10.0.0.7/bootx64.efi" } });
        let refused = face.send("PATCH", path, json!({ "boot": boot })).await;
        assert_eq!(refused.status.as_u16(), 422, "{refused:?}");
        let none = face.send("PATCH", path, json!({ "boot": null })).await.good();
        assert_eq!(none["boot"], Value::Null);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refusal_names_who_has_what_was_asked_for() {
    let face = with_subnet("10.0.0.0/24").await;
    let inside = json!({ "cidr": "10.0.0.0/25", "vlan": 5001 });
    let refused = face.send("POST", "/v1/subnets", inside).await;
    let reason = "cidr 10.0.0.0/25 is already used by subnet 1 (10.0.0.0/24)";
    assert_eq!(refused.body["detail"], reason, "{refused:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn usage_of_a_subnet_of_ipv6_is_told_exactly() {
    let face = with_subnet("fd00::/64").await;
    let usage = face.get("/v1/subnets/fd00::%2F64/utilization").await.good();
    assert_eq!(usage["total_addresses"], "18446744073709551616");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn link_makes_an_address_and_the_interface_shows_it() {
    let face = with_subnet("10.0.0.0/24").await;
    let machine = json!({ "hostname": "a", "mac_addresses": ["52:54:00:00:00:01"] });
    face.create("/v1/machines", machine).await;
    face.send("PATCH", "/v1/interfaces/1", json!({ "vlan": 5001 })).await.good();
    let link = json!({ "mode": "static", "subnet": 1, "ip_address": "10.0.0.9" });
    let linked = face.send("POST", "/v1/interfaces/1/links", link).await.good();
    assert_eq!(linked["links"][0]["ip_address"], "10.0.0.9");
    let machine = face.get("/v1/machines/1").await.good();
    assert_eq!(machine["ip_addresses"], json!(["10.0.0.9"]));
    let path = format!("/v1/interfaces/1/links/{}", linked["links"][0]["id"]);
    let unlinked = face.send("DELETE", &path, json!({})).await.good();
    assert_eq!(
        unlinked["links"][0]["mode"], "link_up",
        "a card's last link leaves it up, as in MAAS"
    );
    assert_eq!(unlinked["links"][0]["ip_address"], json!(null));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn secrets_of_a_bmc_are_taken_and_never_shown() {
    let face = Face::start().await;
    let parameters =
        json!({ "power_address": "10.0.0.5", "power_pass": "hunter2", "k_g": "0xabc" });
    let bmc = json!({ "power_type": "ipmi", "power_parameters": parameters });
    face.create("/v1/bmcs", bmc).await;
    face.create(
        "/v1/machines",
        json!({ "bmc": 1, "instance_power_parameters": { "power_id": "7" } }),
    )
    .await;
    for path in ["/v1/bmcs", "/v1/bmcs/1", "/v1/machines", "/v1/machines/1", "/v1/nodes"] {
        let shown = face.get(path).await.good().to_string();
        assert!(!shown.contains("hunter2") && !shown.contains("0xabc"), "{path}: {shown}");
    }
    let shown = face.get("/v1/bmcs/1").await.good();
    assert_eq!(shown["power_parameters"], json!({ "power_address": "10.0.0.5" }));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nouns_of_one_table_do_not_answer_for_each_other() {
    let face = Face::start().await;
    face.create("/v1/machines", json!({ "hostname": "a" })).await;
    face.create("/v1/devices", json!({ "hostname": "b" })).await;
    assert_eq!(face.get("/v1/machines/2").await.code(), "E0201");
    assert_eq!(face.get("/v1/devices/1").await.code(), "E0201");
    assert_eq!(face.send("DELETE", "/v1/devices/1", json!({})).await.code(), "E0201");
    assert_eq!(face.get("/v1/nodes?count=true").await.good()["count"], 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_plain_noun_is_made_shown_changed_and_deleted() {
    let face = with_subnet("10.0.0.0/24").await;
    face.create("/v1/subnets", json!({ "cidr": "10.1.0.0/24", "vlan": 5001 })).await;
    face.create("/v1/dns-resources", json!({ "name": "kept", "domain": 0 })).await;
    let cases: [(&str, Value, Value); 16] = [
        ("zones", json!({ "name": "a" }), json!({ "description": "x" })),
        ("pools", json!({ "name": "a" }), json!({ "description": "x" })),
        ("tags", json!({ "name": "a" }), json!({ "comment": "x" })),
        ("spaces", json!({ "name": "a" }), json!({ "description": "x" })),
        ("fabrics", json!({ "name": "a" }), json!({ "class_type": "10g" })),
        ("vlans", json!({ "fabric": 0, "vid": 9 }), json!({ "mtu": 9000 })),
        ("subnets", json!({ "vlan": 5001, "cidr": "10.9.0.0/24" }), json!({ "rdns_mode": 1 })),
        (
            "ip-ranges",
            json!({ "subnet": 1, "type": "reserved", "start_ip": "10.0.0.2", "end_ip": "10.0.0.9" }),
            json!({ "comment": "x" }),
        ),
        (
            "static-routes",
            json!({ "source": 1, "destination": 2, "gateway_ip": "10.0.0.1" }),
            json!({ "metric": 5 }),
        ),
        (
            "reserved-ips",
            json!({ "subnet": 1, "ip": "10.0.0.50", "mac_address": "52:54:00:00:00:01" }),
            json!({ "comment": "x" }),
        ),
        ("domains", json!({ "name": "example.org" }), json!({ "ttl": 60 })),
        ("dns-resources", json!({ "name": "www", "domain": 0 }), json!({ "address_ttl": 60 })),
        (
            "dns-records",
            json!({ "dnsresource": 1, "rrtype": "TXT", "rrdata": "\"hello\"" }),
            json!({ "ttl": 60 }),
        ),
        ("devices", json!({ "hostname": "d" }), json!({ "description": "x" })),
        ("users", json!({ "username": "u" }), json!({ "email": "u@example.org" })),
        ("dhcp-snippets", json!({ "name": "a", "value": "x;" }), json!({ "enabled": false })),
    ];
    for (noun, made, changed) in cases {
        let made = face.send("POST", &format!("/v1/{noun}"), made).await;
        let place = made.header("location").to_owned();
        assert_eq!(made.status, 201, "{noun}: {made:?}");
        let shown = face.send("PATCH", &place, changed.clone()).await.good();
        for (field, value) in changed.as_object().unwrap() {
            assert_eq!(shown[field], *value, "{noun} {field}");
        }
        assert_eq!(face.get(&place).await.good(), shown, "{noun}");
        let gone = face.send("DELETE", &place, json!({})).await.good();
        assert_eq!(gone["deleted"], true, "{noun}");
        assert_eq!(face.get(&place).await.code(), "E0201", "{noun}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn settings_are_found_by_name() {
    let face = Face::start().await;
    let setting = json!({ "name": "maas_name", "value": "site" });
    assert_eq!(face.create("/v1/config", setting).await["id"], "maas_name");
    face.send("PATCH", "/v1/config/maas_name", json!({ "value": "other" })).await.good();
    assert_eq!(face.get("/v1/config/maas_name").await.good()["value"], "other");
    face.send("DELETE", "/v1/config/maas_name", json!({})).await.good();
    assert_eq!(face.get("/v1/config/maas_name").await.code(), "E0201");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn owner_notes_on_a_node_and_takes_a_note_back() {
    let face = Face::start().await;
    face.create("/v1/machines", json!({ "hostname": "a" })).await;
    let path = "/v1/nodes/1/owner-data";
    face.send("PATCH", path, json!({ "app": "db", "team": "x" })).await.good();
    let shown = face.send("PATCH", path, json!({ "team": null })).await.good();
    assert_eq!(shown["owner_data"], json!({ "app": "db" }));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn life_of_a_machine_is_recorded_step_by_step() {
    let face = Face::start().await;
    face.create("/v1/machines", json!({ "hostname": "a" })).await;
    let act = async |action: &str| {
        face.send("POST", &format!("/v1/machines/1/actions/{action}"), json!({})).await
    };
    assert_eq!(act("commission").await.good()["status_name"], "Commissioning");
    assert_eq!(act("deploy").await.code(), "E0206");
    assert_eq!(act("abort").await.good()["status_name"], "New");
    assert_eq!(act("lock").await.code(), "E0206", "nothing of it is anybody's work yet");
    for action in ["mark_broken", "mark_fixed", "allocate", "deploy"] {
        act(action).await.good();
    }
    assert_eq!(act("lock").await.good()["locked"], true);
    assert_eq!(face.send("DELETE", "/v1/machines/1", json!({})).await.code(), "E0206");
    assert_eq!(act("explode").await.code(), "E0002");
}
