//! Whole imports as an operator does them: the real command, three real nodes, and every expectation asked of each
//! node, over HTTP and with dig.

use crate::dev_cluster::{DevCluster, all, text};
use crate::dns_answers::disagreements_of_node;
use crate::expected::Expected;
use crate::facts::Site;
use crate::facts::oddities::Reported;
use crate::imported::Imported;
use crate::shown::Shown;
use crate::{hand, replacement, secrets, shared, skip};
use futures::future::join_all;
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

/// What an import may take on a busy machine: a debug build brings 2,000 machines in.
const IMPORT_PATIENCE: Duration = Duration::from_secs(300);

/// Imports a dump, as of the moment its facts are told for; what the command says, and the report it writes.
pub(crate) async fn import(
    cluster: &DevCluster,
    dump: &Path,
    facts: &Expected,
    more: &[&str],
) -> (Json, String) {
    let report = cluster.home.path().join("report");
    let (dump, now) = (dump.to_str().unwrap(), facts.now().as_str().unwrap());
    let report_name = report.to_str().unwrap();
    let command = ["import", "maas-dump", dump, "--as-of", now, "--report", report_name];
    let output = cluster.run_within(IMPORT_PATIENCE, &[&command, more].concat()).await;
    assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
    let told = serde_json::from_slice(&output.stdout).unwrap();
    (told, std::fs::read_to_string(report).unwrap())
}

/// Holds everything that is expected of a dump against each node.
async fn check_each_node(cluster: &DevCluster, dump: &Path, facts: &Expected, report: &str) {
    let imported = Imported::of(dump, facts);
    assert!(secrets::check(&imported.state, facts) > 0);
    let reported = Reported::parse(report);
    let checks = cluster.record.nodes.iter().map(|node| async {
        let shown = Shown::of_node(&node.api).await;
        let site = Site { shown: &shown, dump: &imported.dump, reported: &reported };
        assert!(site.check(facts) > 40, "{}", node.name);
        let wrong = disagreements_of_node(facts.file(), node.dns.parse().unwrap()).await;
        assert!(wrong.is_empty(), "{}: {wrong:#?}", node.name);
    });
    join_all(checks).await;
    let same = |view: &Json| {
        let nodes = view["nodes"].as_array().unwrap().iter();
        let states = nodes.map(|node| (node["applied_index"].as_u64(), node["digest"].as_str()));
        states.collect::<BTreeSet<_>>().len() == 1
    };
    cluster.until("all nodes have one digest", same).await;
}

/// A second run changes nothing, and says so.
async fn check_repetition(cluster: &DevCluster, dump: &Path, facts: &Expected) {
    let client = cluster.client();
    let before = all(&client, "/v1/machines").await.unwrap();
    let (dump, now) = (dump.to_str().unwrap(), facts.now().as_str().unwrap());
    let command = ["import", "maas-dump", dump, "--as-of", now, "-o", "table"];
    let output = cluster.run_within(IMPORT_PATIENCE, &command).await;
    assert!(text(&output.stdout).contains("nothing was changed"), "{}", text(&output.stdout));
    let after = all(&client, "/v1/machines").await.unwrap();
    assert_eq!(after, before, "not even a revision moved");
}

fn has_dig(test: &str) -> bool {
    skip::has(test, "dig", "-v")
}

#[tokio::test(flavor = "multi_thread")]
async fn each_of_three_nodes_answers_what_is_expected_of_the_hand_written_dump() {
    if !has_dig("each_of_three_nodes_answers_what_is_expected_of_the_hand_written_dump") {
        return;
    }
    let cluster = DevCluster::start(&["--demo", "none"]).await;
    let (told, report) = import(&cluster, &hand::path(), &hand::facts(), &[]).await;
    assert_eq!(told["outcome"], json!("committed"));
    check_each_node(&cluster, &hand::path(), &hand::facts(), &report).await;
    check_repetition(&cluster, &hand::path(), &hand::facts()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_of_three_nodes_answers_what_is_expected_of_one_shared_dump_after_the_other() {
    let name = "each_of_three_nodes_answers_what_is_expected_of_one_shared_dump_after_the_other";
    if !has_dig(name) {
        return;
    }
    let dumps = shared::dumps(name);
    if dumps.is_empty() {
        return;
    }
    let cluster = DevCluster::start(&["--demo", "none"]).await;
    let mut there = None;
    for (dump, facts) in &dumps {
        let more: &[&str] = if there.is_none() { &[] } else { &["--replace"] };
        let (told, report) = import(&cluster, dump, facts, more).await;
        assert_eq!(told["outcome"], json!("committed"), "{}", dump.display());
        if let Some(there) = there.replace(told["comes_in"].clone()) {
            replacement::check_sums(&told, &there);
        }
        check_each_node(&cluster, dump, facts, &report).await;
        check_repetition(&cluster, dump, facts).await;
    }
}
