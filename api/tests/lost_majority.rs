//! One of three nodes is left: what clients are told, over HTTP and with shipped settings, and how soon.
#![allow(clippy::unwrap_used, reason = "tests may fail loudly")]

mod dev_cluster;

use dev_cluster::{DevCluster, PATIENCE};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::{interval, timeout};

/// What a write or a read may wait for a majority that is not there.
const WAIT_MAX: Duration = Duration::from_secs(3);
/// How often a condition is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// Writes that may be in doubt because they were proposed before the last node knew that it is alone.
const IN_DOUBT_MAX: usize = 2;

#[tokio::test]
async fn last_node_refuses_writes_and_fresh_reads_in_time_and_tells_the_age_of_others() {
    let cluster = DevCluster::start(&[]).await;
    let leader = cluster.leader().await;
    for node in cluster.record.nodes.iter().filter(|node| node.name != leader.name) {
        cluster.dev(&["kill", &node.name]).await;
    }
    let http = Client::builder().no_proxy().timeout(WAIT_MAX).build().unwrap();
    let url = |path: &str| format!("http://{}{path}", leader.api);

    let mut in_doubt = 0;
    let refused: Value = loop {
        let body = json!({ "hostname": format!("refused-{in_doubt}") });
        let answer = http.post(url("/v1/machines")).json(&body).send().await;
        let answer = answer.expect("an answer within three seconds");
        if answer.status() == StatusCode::SERVICE_UNAVAILABLE {
            assert!(answer.headers().contains_key("retry-after"), "{:?}", answer.headers());
            break answer.json().await.unwrap();
        }
        assert_eq!(answer.status(), StatusCode::GATEWAY_TIMEOUT);
        in_doubt += 1;
        assert!(in_doubt <= IN_DOUBT_MAX, "writes go on being proposed without a majority");
    };
    assert_eq!((&refused["code"], &refused["outcome"]), (&json!("E0101"), &json!("not_applied")));

    let waiting =
        http.get(url("/v1/machines")).send().await.expect("released within three seconds");
    assert_eq!(waiting.status(), StatusCode::SERVICE_UNAVAILABLE);
    let stale = http.get(url("/v1/machines?consistency=stale")).send().await.unwrap();
    assert_eq!(stale.status(), StatusCode::OK);
    let age = stale.headers().get("regent-state-age-ms").expect("its age").to_str().unwrap();
    assert!(age.parse::<u64>().unwrap() > 0, "{age}");

    // A load balancer must not go on sending writes here.
    let leads_no_more = async {
        let mut looks = interval(LOOK_EVERY);
        loop {
            looks.tick().await;
            let answer = http.get(url("/healthz/leader")).send().await.unwrap();
            if answer.status() == StatusCode::SERVICE_UNAVAILABLE {
                return;
            }
        }
    };
    timeout(PATIENCE, leads_no_more).await.expect("a leader that nobody follows stops saying so");
}
