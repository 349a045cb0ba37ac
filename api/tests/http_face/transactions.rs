//! Several changes as one: all or none, under conditions, each able to refer to what came before it.

use crate::face::Face;
use serde_json::{Value, json};

fn create(path: &str, body: Value) -> Value {
    json!({ "op": "create", "path": path, "body": body })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn later_steps_use_what_earlier_ones_made_at_one_revision() {
    let face = Face::start().await;
    let steps = json!([
        create("/v1/fabrics", json!({ "name": "rack-7" })),
        create("/v1/vlans", json!({ "fabric": "$0.id", "vid": 7 })),
        create("/v1/subnets", json!({ "vlan": "$1.id", "cidr": "10.7.0.0/24" })),
        json!({ "op": "update", "path": "/v1/fabrics/$0.id", "body": { "description": "new" } }),
        json!({ "op": "allocate", "path": "/v1/subnets/$2.id", "body": { "count": 2 } }),
    ]);
    let answer = face.send("POST", "/v1/txn", json!({ "then": steps })).await.good();
    let results = answer["results"].as_array().unwrap();
    assert_eq!(results.len(), 5);
    assert_eq!(results[2]["object"]["vlan"], results[1]["id"]);
    assert_eq!(results[4]["items"][1]["ip"], "10.7.0.2");
    let revisions = results[..3].iter().map(|result| &result["object"]["created_revision"]);
    assert!(revisions.clone().all(|revision| *revision == answer["revision"]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refused_step_undoes_all_and_is_named() {
    let face = Face::start().await;
    let before = face.digest();
    let steps = json!([
        create("/v1/spaces", json!({ "name": "a" })),
        create("/v1/vlans", json!({ "fabric": 77, "vid": 7 })),
    ]);
    let answer = face.send("POST", "/v1/txn", json!({ "then": steps })).await;
    assert_eq!((answer.status.as_u16(), answer.code()), (422, "E0203"));
    assert!(answer.body["detail"].as_str().unwrap().starts_with("step 1"), "{answer:?}");
    assert_eq!(face.digest(), before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_field_of_a_step_is_named_with_its_place() {
    let face = Face::start().await;
    let steps = json!([create("/v1/spaces", json!({ "nane": "a" }))]);
    let answer = face.send("POST", "/v1/txn", json!({ "then": steps })).await;
    assert_eq!(answer.body["errors"][0]["pointer"], "/then/0/body/nane");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_conditions_that_fail_are_listed_with_the_revision_there_is() {
    let face = Face::start().await;
    let space = face.create("/v1/spaces", json!({ "name": "a" })).await;
    let answer = face
        .send(
            "POST",
            "/v1/txn",
            json!({
                "if": [
                    { "path": "/v1/spaces/1", "revision": 1 },
                    { "path": "/v1/spaces/a", "exists": true },
                    { "path": "/v1/spaces/9", "exists": true },
                    { "path": "/v1/spaces/nobody", "absent": true },
                    { "path": "/v1/domains/maas", "absent": true },
                ],
                "then": [create("/v1/spaces", json!({ "name": "b" }))],
            }),
        )
        .await;
    assert_eq!((answer.status.as_u16(), answer.code()), (409, "E0211"));
    let domain = face.get("/v1/domains/0").await.good();
    let expected = json!([
        { "path": "/v1/spaces/1", "current_revision": space["revision"] },
        { "path": "/v1/spaces/9", "current_revision": null },
        { "path": "/v1/domains/maas", "current_revision": domain["revision"] },
    ]);
    assert_eq!(answer.body["guards"], expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn else_is_done_where_a_condition_fails() {
    let face = Face::start().await;
    let claim = |name: &str| {
        json!({
            "if": [{ "path": "/v1/spaces/1", "absent": true }],
            "then": [create("/v1/spaces", json!({ "name": name }))],
            "else": [{ "op": "patch", "path": "/v1/spaces/1", "body": { "description": name } }],
        })
    };
    // While space 1 is not there, a step about it cannot be written down; a claim without it can.
    let first = face.send("POST", "/v1/txn", claim("a")).await;
    assert_eq!(first.code(), "E0201");
    face.create("/v1/spaces", json!({ "name": "a" })).await;
    let second = face.send("POST", "/v1/txn", claim("b")).await.good();
    assert_eq!(second["branch"], "else");
    assert_eq!(face.get("/v1/spaces/1").await.good()["description"], "b");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn list_of_objects_is_made_as_one() {
    let face = Face::start().await;
    let made = face.send("POST", "/v1/tags", json!([{ "name": "a" }, { "name": "b" }])).await;
    assert_eq!(made.status, 201);
    let revisions: Vec<&Value> =
        made.body["items"].as_array().unwrap().iter().map(|item| &item["revision"]).collect();
    assert_eq!(revisions[0], revisions[1]);
    let before = face.digest();
    let refused = face.send("POST", "/v1/tags", json!([{ "name": "c" }, { "name": "a" }])).await;
    assert_eq!(refused.code(), "E0204");
    assert_eq!(face.digest(), before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn transaction_repeated_with_its_key_is_done_once() {
    let face = Face::start().await;
    let key = [("idempotency-key", "t1")];
    let body = json!({ "then": [create("/v1/spaces", json!({ "name": "a" }))] });
    let first = face.send_with("POST", "/v1/txn", &key, body.clone()).await;
    let again = face.send_with("POST", "/v1/txn", &key, body).await;
    assert_eq!(first.body, again.body);
    assert_eq!(again.header("idempotency-replayed"), "true");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn transaction_of_1024_steps_is_taken_and_one_more_is_not() {
    let face = Face::start().await;
    let tag = |n: usize| create("/v1/tags", json!({ "name": format!("t{n}") }));
    let steps = |number: usize| json!({ "then": (0..number).map(tag).collect::<Value>() });
    let refused = face.send("POST", "/v1/txn", steps(1025)).await;
    assert_eq!(refused.body["errors"][0]["pointer"], "/then");
    face.send("POST", "/v1/txn", steps(1024)).await.good();
    assert_eq!(face.get("/v1/tags?count=true").await.good()["count"], 1024);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn address_that_a_step_took_is_reserved_and_named_in_the_same_transaction() {
    let face = Face::start().await;
    face.create("/v1/subnets", json!({ "cidr": "10.7.0.0/24", "vlan": 5001 })).await;
    let machine = json!({ "hostname": "a", "mac_addresses": ["52:54:00:00:00:01"] });
    face.create("/v1/machines", machine).await;
    face.send("PATCH", "/v1/interfaces/1", json!({ "vlan": 5001 })).await.good();
    let wish = json!({ "interface": 1, "alloc_type": 1 });
    let kept = json!({ "subnet": 1, "ip": "$0.address", "mac_address": "52:54:00:00:00:01" });
    let steps = json!([
        { "op": "allocate", "path": "/v1/subnets/1", "body": wish },
        create("/v1/reserved-ips", kept),
        create("/v1/dns-resources", json!({ "name": "www", "domain": 0, "addresses": ["$0.id"] })),
        { "op": "patch", "path": "/v1/subnets/1", "body": { "dns_servers": ["$0.address"] } },
    ]);
    let made = face.send("POST", "/v1/txn", json!({ "then": steps })).await.good();
    assert_eq!(made["results"][0]["items"][0]["ip"], "10.7.0.1");
    assert_eq!(face.get("/v1/reserved-ips/10.7.0.1").await.good()["ip"], "10.7.0.1");
    let named = face.get("/v1/dns-resources/www.maas").await.good();
    assert_eq!(named["ip_addresses"], json!(["10.7.0.1"]));
    let subnet = face.get("/v1/subnets/1").await.good();
    assert_eq!(subnet["dns_servers"], json!(["10.7.0.1"]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn address_of_a_step_that_took_none_is_refused() {
    let face = Face::start().await;
    face.create("/v1/subnets", json!({ "cidr": "10.7.0.0/24", "vlan": 5001 })).await;
    let before = face.digest();
    let patch =
        json!({ "op": "patch", "path": "/v1/subnets/1", "body": { "gateway_ip": "$0.address" } });
    let first = create("/v1/spaces", json!({ "name": "a" }));
    let answer = face.send("POST", "/v1/txn", json!({ "then": [first, patch] })).await;
    assert_eq!(answer.code(), "E0202", "{answer:?}");
    assert!(answer.body["detail"].as_str().unwrap().contains("step 0 has not taken one address"));
    for alone in ["$0.address", "ffff:7265:6765:6e74::", "$x.address"] {
        let answer = face.send("PATCH", "/v1/subnets/1", json!({ "gateway_ip": alone })).await;
        assert_eq!(answer.code(), "E0202", "{alone}");
    }
    assert_eq!(face.digest(), before);
}
