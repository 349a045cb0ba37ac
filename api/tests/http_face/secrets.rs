//! Secrets: whatever a client sends under the name of one is nowhere to be read.

use crate::events::Watcher;
use crate::face::Face;
use regent_api::http::nouns::ALL;
use regent_core::model::secret_name::SECRET_NAMES;
use serde_json::{Value, json};

/// What every secret here contains.
const MARK: &str = "hunter2";
/// Names that their ending gives away: MAAS's, and others' by the same habit.
const GIVEN_AWAY: [&str; 12] = [
    "power_pass",
    "power_password",
    "password",
    "os_password",
    "power_token",
    "power_token_secret",
    "rpc_shared_secret",
    "vcenter_password",
    "macaroon_private_key",
    "tls_private_key",
    "Api-Token",
    "PASSPHRASE",
];

fn names() -> impl Iterator<Item = &'static str> {
    SECRET_NAMES.iter().copied().chain(GIVEN_AWAY)
}

/// Parameters with every secret there is, and one that is none.
fn parameters() -> Value {
    let secrets = names().map(|name| (name.to_owned(), json!(format!("{MARK}-{name}"))));
    secrets.chain([("power_address".to_owned(), json!("192.0.2.9"))]).collect()
}

/// Sends secrets everywhere they can be sent; all that is answered.
async fn told(face: &Face) -> Vec<String> {
    let bmc = json!({ "power_type": "ipmi", "power_parameters": parameters() });
    let machine = json!({ "instance_power_parameters": parameters() });
    let old = [("if-match", "\"0-1-00000000\"")];
    let key = [("idempotency-key", "k1")];
    let step = |op: &str, path: &str, body: &Value| json!({ "op": op, "path": path, "body": body });
    let txn = json!({ "then": [
        step("create", "/v1/bmcs", &bmc),
        step("create", "/v1/machines", &machine),
        step("update", "/v1/machines/1", &machine),
    ] });
    let mut answers = vec![
        face.send_with("POST", "/v1/bmcs", &key, bmc.clone()).await,
        face.send_with("POST", "/v1/bmcs", &key, bmc.clone()).await,
        face.send("POST", "/v1/bmcs?dry_run=true", bmc.clone()).await,
        face.send("POST", "/v1/bmcs", json!([bmc])).await,
        face.send("PATCH", "/v1/bmcs/1", bmc.clone()).await,
        face.send("POST", "/v1/machines", machine.clone()).await,
        face.send("PATCH", "/v1/machines/1", machine.clone()).await,
        face.send("PATCH", "/v1/machines/1?dry_run=true", machine.clone()).await,
        face.send("POST", "/v1/txn", txn).await,
    ];
    for answer in &answers {
        assert!(answer.status.is_success(), "{answer:?}");
    }
    answers.push(face.send_with("PATCH", "/v1/bmcs/1", &old, bmc).await);
    answers.push(face.send_with("PATCH", "/v1/machines/1", &old, machine).await);
    for name in names() {
        let setting = json!({ "name": name, "value": format!("{MARK}-{name}") });
        let refused = face.send("POST", "/v1/config", setting.clone()).await;
        assert_eq!((refused.status.as_u16(), refused.code()), (422, "E0202"), "{name}");
        let value = json!({ "value": MARK });
        let path = format!("/v1/config/{name}");
        answers.extend([refused, face.send("PATCH", &path, value).await, face.get(&path).await]);
    }
    answers.into_iter().map(|answer| answer.body.to_string()).collect()
}

/// All that can be read.
async fn read(face: &Face) -> Vec<String> {
    let mut texts = Vec::new();
    for noun in ALL {
        let list = face.get(&format!("/v1/{}?limit=1000", noun.path())).await.good();
        for item in list["items"].as_array().unwrap() {
            let id = item["id"].to_string();
            let one = face.get(&format!("/v1/{}/{}", noun.path(), id.trim_matches('"'))).await;
            texts.push(one.body.to_string());
        }
        texts.push(list.to_string());
    }
    texts.push(
        face.get("/v1/machines?instance_power_parameters__contains=hunter2").await.body.to_string(),
    );
    texts
}

/// All changes with their objects.
async fn followed(face: &Face) -> Vec<String> {
    let last = face.region.published().state.meta().changed_revision.0;
    let mut watcher = Watcher::start(face, "after=1&include=object").await;
    let mut texts = Vec::new();
    loop {
        let message = watcher.next().await.unwrap();
        let is_last = message["revision"] == last;
        texts.push(message.to_string());
        if is_last {
            return texts;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn secret_is_in_no_answer_no_list_and_no_event() {
    let face = Face::start().await;
    let told = told(&face).await;
    let everything = [told, read(&face).await, followed(&face).await].concat();
    assert!(everything.iter().any(|text| text.contains("192.0.2.9")), "what is no secret is there");
    for text in everything {
        assert!(!text.contains(MARK), "{text}");
    }
    let kept = face.region.published().state.tables().secrets.len();
    assert!(kept >= 2 * names().count(), "and they are kept: {kept}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn secrets_go_with_the_machine_they_belong_to() {
    let face = Face::start().await;
    face.create("/v1/machines", json!({ "instance_power_parameters": parameters() })).await;
    assert_eq!(face.region.published().state.tables().secrets.len(), names().count());
    face.send("DELETE", "/v1/machines/1", json!({})).await.good();
    assert!(face.region.published().state.tables().secrets.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn setting_that_only_speaks_of_secrets_is_one_like_any_other() {
    let face = Face::start().await;
    for name in ["refresh_token_duration", "session_length", "rpc_shared_secret_file"] {
        face.create("/v1/config", json!({ "name": name, "value": 86400 })).await;
        assert_eq!(face.get(&format!("/v1/config/{name}")).await.good()["value"], 86400, "{name}");
    }
}
