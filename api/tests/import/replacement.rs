//! One site in place of another: what it changes is told before, and first of all to those who only ask.

use crate::dev_cluster::{DevCluster, all, text};
use crate::hand;
use crate::nodes::import;
use regent_api::cli::client::Call;
use reqwest::Method;
use serde_json::{Value as Json, json};

/// Every row that comes in or was there is counted once in the difference.
pub(crate) fn check_sums(told: &Json, was_there: &Json) {
    let sum = |noun: &str, sorts: [&str; 2]| {
        let found = &told["difference"][noun];
        let counts = sorts.map(|sort| found[sort]["count"].as_u64().unwrap_or_default());
        counts.iter().sum::<u64>() + found["unchanged"].as_u64().unwrap_or_default()
    };
    let each = |counts: &Json, sorts: [&str; 2]| {
        for (noun, count) in counts.as_object().unwrap() {
            assert_eq!(json!(sum(noun, sorts)), *count, "{noun} {sorts:?}: {}", told["difference"]);
        }
    };
    each(&told["comes_in"], ["added", "changed"]);
    each(was_there, ["removed", "changed"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_replacement_changes_is_told_before_and_a_dry_run_changes_nothing() {
    let cluster = DevCluster::start(&["--demo", "none"]).await;
    let (dump, facts) = (hand::path(), hand::facts());
    let (told, _) = import(&cluster, &dump, &facts, &[]).await;
    assert_eq!(told["as_of"], "2026-05-01T12:00:00.000Z");
    assert!(told["difference"].is_null(), "nothing was there");
    let client = cluster.client();
    let body = json!({ "hostname": "made-since" });
    client.call(&Call::write(Method::POST, "/v1/machines", Some(body))).await.unwrap();
    let (again, _) = import(&cluster, &dump, &facts, &[]).await;
    assert_eq!(again["outcome"], "already_there", "what was made since stays");
    assert!(again["difference"].is_null());
    let (asked, _) = import(&cluster, &dump, &facts, &["--replace", "--dry-run"]).await;
    let removed = &asked["difference"]["node"]["removed"];
    assert_eq!(*removed, json!({ "count": 1, "such_as": ["44 (made-since)"] }));

    let other = cluster.home.path().join("other.sql");
    let script = std::fs::read_to_string(&dump).unwrap();
    std::fs::write(&other, script.replace("drifter", "drifted")).unwrap();
    let before = all(&client, "/v1/machines").await.unwrap();
    let (asked, _) = import(&cluster, &other, &facts, &["--replace", "--dry-run"]).await;
    assert_eq!(asked["outcome"], "dry_run");
    let nodes = &asked["difference"]["node"];
    assert_eq!(nodes["changed"], json!({ "count": 1, "such_as": ["22 (drifted)"] }));
    assert_eq!(nodes["removed"], json!({ "count": 1, "such_as": ["44 (made-since)"] }));
    assert_eq!(nodes["added"]["count"], 0);
    assert_eq!(all(&client, "/v1/machines").await.unwrap(), before);
    client
        .call(&Call::write(Method::POST, "/v1/tags", Some(json!({ "name": "free" }))))
        .await
        .unwrap();

    let (done, _) = import(&cluster, &other, &facts, &["--replace"]).await;
    assert_eq!((&done["outcome"], &done["difference"]["node"]), (&json!("committed"), nodes));
    assert_eq!(done["difference"]["tag"]["removed"]["such_as"].as_array().unwrap().len(), 1);
    let after = all(&client, "/v1/machines").await.unwrap();
    let named = |name: &str| after.iter().any(|machine| machine["hostname"] == name);
    assert!(named("drifted") && !named("drifter") && !named("made-since"));

    let body = json!({ "hostname": "made-later" });
    client.call(&Call::write(Method::POST, "/v1/machines", Some(body))).await.unwrap();
    let (reset, _) = import(&cluster, &other, &facts, &["--replace"]).await;
    assert_eq!(reset["outcome"], "committed", "the same dump takes what was made since back");
    assert_eq!(all(&client, "/v1/machines").await.unwrap().len(), after.len());
    let (again, _) = import(&cluster, &other, &facts, &["--replace"]).await;
    assert_eq!(again["outcome"], "already_there", "and nothing where nothing differs");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_difference_is_shown_to_people_before_the_end() {
    let cluster = DevCluster::start(&["--demo", "none", "--nodes", "1"]).await;
    let dump = hand::path();
    let command = ["import", "maas-dump", dump.to_str().unwrap(), "--replace", "-o", "table"];
    let output = cluster.run(&command).await;
    let told = text(&output.stdout);
    let (_, difference) = told.split_once("\nwhat is replaced:\n").expect("a difference");
    let row = difference.lines().find(|line| line.starts_with("fabric ")).expect("fabrics");
    let counts: Vec<&str> = row.split_whitespace().skip(1).collect();
    assert_eq!(counts.len(), 4, "{row}");
    assert!(difference.contains("  removed  fabric             0 (fabric-0)"), "{difference}");
    assert!(difference.ends_with("\nthe region has it\n"), "{difference}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_import_leaves_nothing_that_other_writes_wait_for() {
    let cluster = DevCluster::start(&["--demo", "none", "--nodes", "1"]).await;
    let client = cluster.client();
    let machine = json!({ "hostname": "native" });
    client.call(&Call::write(Method::POST, "/v1/machines", Some(machine))).await.unwrap();
    let dump = hand::path();
    for replace in [&[][..], &["--replace"]] {
        let command = [&["import", "maas-dump", dump.to_str().unwrap()], replace].concat();
        let output = cluster.run(&command).await;
        assert_eq!(output.status.code(), Some(4), "{}", text(&output.stdout));
    }
    let imports = client.call(&Call::get("/v1/imports")).await.unwrap().body;
    assert_eq!(imports["items"], json!([]));
    client.call(&Call::write(Method::POST, "/v1/machines", Some(json!({})))).await.unwrap();
}
