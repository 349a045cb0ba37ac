//! Tokens for racks over HTTP, and what becomes of racks that are made by them and removed.

use crate::face::{Face, soon};
use regent_core::command::Command;
use regent_core::command::rack::{Enrol, RackCommand};
use regent_core::model::hostname::Hostname;
use regent_core::model::rack_token_text::RackTokenText;
use regent_core::model::secret_digest::SecretDigest;
use regent_core::outcome::Outcome;
use regent_core::rejection::Rejection;
use regent_raft::region::propose::Write;
use serde_json::{Value, json};

fn text_in(answer: &Value) -> RackTokenText {
    RackTokenText::parse(answer["token"].as_str().unwrap()).unwrap()
}

/// What a machine with this token comes to; what an agent would be told is of no matter here.
async fn enrol(face: &Face, token: &RackTokenText) -> Result<String, Rejection> {
    let wish = Enrol {
        token: token.digest(),
        key: SecretDigest::of(b"key"),
        hostname: Hostname::new("rack").unwrap(),
        version: "1.0".into(),
        interfaces: Vec::new(),
    };
    let command = Command::Rack(RackCommand::Enrol(wish));
    let write = Write { principal: "rack".into(), key: None, guards: Vec::new(), command };
    let reply = face.region.propose(write, soon()).await.unwrap();
    reply.result.map(|outcome| match outcome {
        Outcome::Enrolled { system_id, .. } => system_id.to_string(),
        other => panic!("{other:?}"),
    })
}

async fn new_rack(face: &Face) -> String {
    let token = text_in(&face.create("/v1/rack-tokens", json!({})).await);
    enrol(face, &token).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn token_says_whose_it_is_and_where_and_is_shown_in_no_later_answer() {
    let face = Face::start().await;
    let made = face.send("POST", "/v1/rack-tokens", json!({ "expires_in_s": 60 })).await;
    assert_eq!((made.status.as_u16(), made.header("location")), (201, "/v1/rack-tokens/1"));
    let token = text_in(&made.body);
    assert_eq!(token.nodes, ["api:0"]);
    assert_eq!(token.cluster_id, face.region.published().state.meta().cluster_id);
    assert_eq!(made.body["for"], Value::Null);
    let list = face.get("/v1/rack-tokens").await.good();
    let remaining = list["items"][0]["remaining_ms"].as_u64().unwrap();
    assert!((1..=60_000).contains(&remaining), "{remaining}");
    let secret: String = token.secret.iter().map(|octet| format!("{octet:02x}")).collect();
    for shown in [list, face.get("/v1/rack-tokens/1").await.good()] {
        let shown = shown.to_string();
        assert!(!shown.contains(&secret) && !shown.contains("digest"), "{shown}");
    }
    assert_eq!(made.header("etag"), face.get("/v1/rack-tokens/1").await.header("etag"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn machine_becomes_a_rack_by_its_token_and_another_one_not_by_the_same() {
    let face = Face::start().await;
    let token = text_in(&face.create("/v1/rack-tokens", json!({})).await);
    let system_id = enrol(&face, &token).await.unwrap();
    let shown = face.get(&format!("/v1/controllers/{system_id}")).await.good();
    assert_eq!(
        (&shown["hostname"], &shown["node_type_name"]),
        (&json!("rack"), &json!("Rack controller"))
    );
    assert_eq!(enrol(&face, &token).await.unwrap_err().code(), "rack_token_unknown");
    assert_eq!(face.get("/v1/rack-tokens?count=true").await.good()["count"], 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn token_can_be_for_a_rack_known_by_any_of_its_names_and_for_nothing_else() {
    let face = Face::start().await;
    let system_id = new_rack(&face).await;
    for name in [json!(1), json!("rack"), json!("rack.maas"), json!(system_id)] {
        let made = face.create("/v1/rack-tokens", json!({ "for": name })).await;
        assert_eq!(made["for"], 1, "{name}");
        assert_eq!(enrol(&face, &text_in(&made)).await.unwrap(), system_id);
    }
    face.create("/v1/machines", json!({ "hostname": "web" })).await;
    for wrong in [json!("web"), json!("nobody"), json!(9), json!(true)] {
        let refused = face.send("POST", "/v1/rack-tokens", json!({ "for": wrong })).await;
        assert_eq!(
            (refused.code(), refused.body["errors"][0]["pointer"].as_str()),
            ("E0202", Some("/for")),
            "{refused:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_lengths_and_unknown_fields_are_refused_by_name() {
    let face = Face::start().await;
    let wrong = [
        (json!({ "expires_in_s": 0 }), "expires_in_s"),
        (json!({ "expires_in_s": 2_592_001 }), "expires_in_s"),
        (json!({ "expires_in_s": u64::MAX }), "expires_in_s"),
        (json!({ "expires_in_s": "1h" }), "/expires_in_s"),
        (json!({ "secret": "x" }), "/secret"),
        (json!({ "token": "x" }), "/token"),
    ];
    for (body, field) in wrong {
        let refused = face.send("POST", "/v1/rack-tokens", body).await;
        assert_eq!(refused.code(), "E0202", "{refused:?}");
        assert_eq!(refused.body["errors"][0]["pointer"], field, "{refused:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn revoked_token_is_gone() {
    let face = Face::start().await;
    let token = text_in(&face.create("/v1/rack-tokens", json!({})).await);
    face.send("DELETE", "/v1/rack-tokens/1", json!({})).await.good();
    assert_eq!(face.send("DELETE", "/v1/rack-tokens/1", json!({})).await.code(), "E0201");
    assert_eq!(enrol(&face, &token).await.unwrap_err().code(), "rack_token_unknown");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn repetition_tells_which_token_was_made_and_not_its_text() {
    let face = Face::start().await;
    let key = [("idempotency-key", "once")];
    let ask = || face.send_with("POST", "/v1/rack-tokens", &key, json!({}));
    let (first, again) = (ask().await, ask().await);
    assert!(first.body["token"].is_string());
    assert_eq!((&again.body["id"], &again.body["token"]), (&first.body["id"], &Value::Null));
    assert_eq!(again.header("idempotency-replayed"), "true");
    let tried = face.send("POST", "/v1/rack-tokens?dry_run=true", json!({})).await;
    assert_eq!((tried.status.as_u16(), &tried.body["token"]), (200, &Value::Null));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn vlans_of_a_rack_that_is_deleted_are_left_to_the_other_one_until_there_is_none() {
    let face = Face::start().await;
    let (first, second) = (new_rack(&face).await, new_rack(&face).await);
    face.create("/v1/subnets", json!({ "cidr": "10.0.0.0/24", "vlan": 5001 })).await;
    let range =
        json!({ "type": "dynamic", "start_ip": "10.0.0.100", "end_ip": "10.0.0.199", "subnet": 1 });
    face.create("/v1/ip-ranges", range).await;
    let on = json!({ "dhcp_on": true, "primary_rack": 1, "secondary_rack": 2 });
    face.send("PATCH", "/v1/vlans/5001", on).await.good();
    face.create("/v1/rack-tokens", json!({ "for": first })).await;
    for (rack, left, is_on) in [(first, json!(2), true), (second, Value::Null, false)] {
        face.send("DELETE", &format!("/v1/controllers/{rack}"), json!({})).await.good();
        let vlan = face.get("/v1/vlans/5001").await.good();
        assert_eq!((&vlan["primary_rack"], &vlan["dhcp_on"]), (&left, &json!(is_on)));
        assert_eq!(vlan["secondary_rack"], Value::Null);
        let told = face.get("/v1/event-log?sort=-id&limit=1").await.good();
        let text = told["items"][0].to_string();
        assert!(text.contains("RACK_REMOVED") && text.contains(&rack), "{text}");
    }
    assert_eq!(face.get("/v1/rack-tokens?count=true").await.good()["count"], 0, "one was for it");
}
