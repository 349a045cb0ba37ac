//! What people know objects by: a path takes it in the place of the number, and what is nearly right is guessed.

use crate::face::Face;
use serde_json::json;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn object_is_found_by_what_people_know_it_by() {
    let face = Face::start().await;
    face.create("/v1/domains", json!({ "name": "lab.test" })).await;
    let machine =
        json!({ "hostname": "node-01", "domain": 1, "mac_addresses": ["52:54:00:00:00:01"] });
    let machine = face.create("/v1/machines", machine).await;
    face.create("/v1/fabrics", json!({ "name": "rack-7" })).await;
    let vlan = face.create("/v1/vlans", json!({ "fabric": 1, "vid": 7 })).await;
    face.create("/v1/subnets", json!({ "cidr": "10.7.0.0/24", "vlan": vlan["id"] })).await;
    let range =
        json!({ "subnet": 1, "type": "dynamic", "start_ip": "10.7.0.100", "end_ip": "10.7.0.199" });
    face.create("/v1/ip-ranges", range).await;
    face.create("/v1/ip-addresses", json!({ "ip": "10.7.0.9", "alloc_type": 4 })).await;
    let system_id = format!("/v1/machines/{}", machine["system_id"].as_str().unwrap());
    for (path, field, value) in [
        ("/v1/machines/node-01.lab.test", "id", &machine["id"]),
        ("/v1/machines/NODE-01", "id", &machine["id"]),
        (&system_id, "id", &machine["id"]),
        ("/v1/vlans/rack-7:7", "label", &json!("rack-7:7")),
        ("/v1/vlans/1:7", "id", &vlan["id"]),
        ("/v1/interfaces/node-01:eth0", "label", &json!("node-01.lab.test:eth0")),
        ("/v1/interfaces/52:54:00:00:00:01", "name", &json!("eth0")),
        ("/v1/ip-ranges/10.7.0.100", "end_ip", &json!("10.7.0.199")),
        ("/v1/ip-addresses/10.7.0.9", "alloc_type_name", &json!("User reserved")),
    ] {
        let answer = face.get(path).await;
        assert_eq!(&answer.body[field], value, "{path}: {answer:?}");
    }
    for path in ["/v1/devices/node-01", "/v1/vlans/rack-7:8", "/v1/ip-ranges/10.7.0.101"] {
        assert_eq!(face.get(path).await.code(), "E0201", "{path}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn host_name_that_two_nodes_have_means_neither() {
    let face = Face::start().await;
    face.create("/v1/domains", json!({ "name": "lab.test" })).await;
    for domain in [0, 1] {
        face.create("/v1/machines", json!({ "hostname": "twin", "domain": domain })).await;
    }
    assert_eq!(face.get("/v1/machines/twin").await.code(), "E0201");
    assert_eq!(face.get("/v1/machines/twin.lab.test").await.good()["id"], 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn discovered_address_gives_way_to_the_one_that_was_given() {
    let face = Face::start().await;
    face.create("/v1/subnets", json!({ "cidr": "10.7.0.0/24", "vlan": 5001 })).await;
    face.create("/v1/ip-addresses", json!({ "ip": "10.7.0.9", "alloc_type": 6 })).await;
    assert_eq!(face.get("/v1/ip-addresses/10.7.0.9").await.good()["id"], 1);
    face.create("/v1/ip-addresses", json!({ "ip": "10.7.0.9", "alloc_type": 4 })).await;
    assert_eq!(face.get("/v1/ip-addresses/10.7.0.9").await.good()["id"], 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn word_that_is_nearly_right_is_guessed() {
    let face = Face::start().await;
    for (method, path, body, meant) in [
        ("POST", "/v1/machines", json!({ "hostnam": "a" }), "hostname"),
        ("POST", "/v1/subnets", json!({ "gateway": "10.0.0.1" }), "gateway_ip"),
        ("GET", "/v1/machines?sort=hostnmae", json!({}), "hostname"),
        ("GET", "/v1/machines?status_nam=Ready", json!({}), "status_name"),
        ("GET", "/v1/machines?fields=fqdm", json!({}), "fqdn"),
        ("POST", "/v1/machines/1/actions/comission", json!({}), "commission"),
    ] {
        let answer = face.send(method, path, body).await;
        let told = answer.body.to_string();
        let guess = json!(format!("; did you mean {meant:?}?")).to_string();
        assert!(told.contains(guess.trim_matches('"')), "{path}: {told}");
    }
}
