//! The command line against a running region: every command, what it prints for programs, how it fails.
#![allow(clippy::unwrap_used, reason = "tests may fail loudly")]

mod dev_cluster;

use dev_cluster::{DevCluster, all, regent, text};
use futures::StreamExt as _;
use futures::stream;
use regent_api::cli::client::Call;
use regent_api::cli::nouns::NOUNS;
use regent_api::cli::tree;
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::process::Output;

/// Commands that run a node or a cluster instead of printing data.
const DAEMONS: [&str; 4] = ["init", "join", "region", "dev"];

/// Commands with arguments that make sense in this order on a dev cluster of three. FILE is a node's configuration.
const SAMPLES: &[(&str, &[&str])] = &[
    ("version", &[]),
    ("completion", &["bash"]),
    ("config check", &["FILE"]),
    ("config show", &["FILE"]),
    ("status", &["--check"]),
    ("api", &["GET", "/v1/machines?limit=1"]),
    ("import maas-dump", &["DUMP", "--dry-run"]),
    ("domain create", &["name=sample.test"]),
    ("domain ls", &[]),
    ("domain show", &["sample.test"]),
    ("domain set", &["sample.test", "ttl=60"]),
    ("domain delete", &["sample.test"]),
    ("machine create", &["hostname=sample"]),
    ("machine ls", &["--filter", "hostname=sample"]),
    ("machine show", &["25"]),
    ("machine set", &["25", "description=a sample"]),
    ("machine act", &["25", "commission"]),
    ("interface create", &["node=25", "name=eth7", "mac_address=52:54:00:0d:00:01"]),
    ("interface ls", &["--limit", "3"]),
    ("interface show", &["52:54:00:0d:00:01"]),
    ("interface set", &["52:54:00:0d:00:01", "enabled=false"]),
    ("interface delete", &["52:54:00:0d:00:01"]),
    ("machine delete", &["25"]),
    ("node ls", &[]),
    ("node show", &["r2"]),
    ("node promote", &["r2"]),
    ("dev status", &[]),
    ("dev pause", &["r3"]),
    ("dev resume", &["r3"]),
    ("dev kill", &["r3"]),
    ("dev start", &["r3"]),
    ("dev failover", &[]),
    ("node remove", &["r3"]),
    ("dev stop", &[]),
];

/// All commands of the tree that do something by themselves, as typed.
fn leaves(command: &clap::Command, typed: &str) -> Vec<String> {
    let below =
        command.get_subcommands().filter(|sub| !sub.is_hide_set() && sub.get_name() != "help");
    let mut found: Vec<String> = below
        .flat_map(|sub| leaves(sub, format!("{typed} {}", sub.get_name()).trim_start()))
        .collect();
    if !command.is_subcommand_required_set() && !typed.is_empty() {
        found.push(typed.to_owned());
    }
    found
}

#[tokio::test]
async fn every_command_prints_json_when_asked() {
    let sampled: BTreeSet<_> = SAMPLES.iter().map(|(command, _)| (*command).to_owned()).collect();
    let mut exist: BTreeSet<_> = leaves(&tree::command(), "").into_iter().collect();
    exist.retain(|command| !DAEMONS.contains(&command.as_str()));
    assert_eq!(sampled, exist, "each command needs a sample here");

    let cluster = DevCluster::start(&[]).await;
    let file = cluster.record.nodes[0].directory.join("region.toml");
    for (command, arguments) in SAMPLES {
        let words = command.split(' ').chain(arguments.iter().copied());
        let file = file.to_str().unwrap();
        let stand_in = |word| match word {
            "FILE" => file,
            "DUMP" => concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/hand.sql"),
            other => other,
        };
        let words: Vec<_> = words.map(stand_in).collect();
        if ["dev failover", "node remove"].contains(command) {
            cluster.until("all voters answer", |view| view["healthy_voters"] == 3).await;
        }
        let output = cluster.run(&words).await;
        assert!(output.status.success(), "{words:?}: {}", text(&output.stderr));
        let parsed: Result<Value, _> = serde_json::from_slice(&output.stdout);
        assert!(parsed.is_ok(), "{words:?} printed {}", text(&output.stdout));
    }
}

#[tokio::test]
async fn failure_has_its_exit_code_and_says_what_to_do_next() {
    let cluster = DevCluster::start(&[]).await;
    let broken = cluster.home.path().join("broken.toml");
    std::fs::write(&broken, "hartbeat = 1\n").unwrap();
    let nobody = "127.0.0.1:1";
    for (code, words) in [
        (1, vec!["domain", "create", "nam=x"]),
        (2, vec!["domain", "create", "nam"]),
        (2, vec!["machine", "show", ".."]),
        (2, vec!["api", "GET", "no-slash"]),
        (3, vec!["machine", "show", "nobody"]),
        (3, vec!["node", "show", "r9"]),
        (3, vec!["api", "GET", "/nothing"]),
        (4, vec!["domain", "create", "name=lab.test"]),
        (4, vec!["domain", "delete", "lab.test"]),
        (4, vec!["machine", "act", "1", "release"]),
        (4, vec!["dev", "start", "r1"]),
        (6, vec!["machine", "ls", "--addr", nobody]),
        (6, vec!["machine", "create", "--addr", nobody]),
        (64, vec!["config", "check", broken.to_str().unwrap()]),
    ] {
        let output = cluster.run(&[&words[..], &["-o", "table"]].concat()).await;
        let told = text(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{words:?}: {told}");
        assert!(told.starts_with("error") && told.contains("\n  next:  "), "{words:?}: {told}");
        assert!(told.trim_end().lines().count() <= 4, "{words:?}: {told}");
        assert!(output.stdout.is_empty(), "{words:?}");
    }
    let told = cluster.run(&["machine", "frobnicate"]).await;
    assert_eq!(told.status.code(), Some(2));
}

#[tokio::test]
async fn failure_is_json_on_standard_error_for_programs() {
    let home = tempfile::tempdir().unwrap();
    let words = ["machine", "ls", "--addr", "127.0.0.1:1", "-o", "json"];
    let output = regent(home.path(), &words).output().await.unwrap();
    let told: Value = serde_json::from_slice(&output.stderr).unwrap();
    assert_eq!(told["exit"], 6);
    assert!(told["next"].as_str().unwrap().contains("--addr"), "{told}");
}

#[tokio::test]
async fn lost_majority_refuses_writes_answers_stale_reads_and_is_seen_by_check() {
    let cluster = DevCluster::start(&[]).await;
    cluster.dev(&["kill", "r1"]).await;
    assert_eq!(cluster.run(&["status", "--check"]).await.status.code(), Some(8));
    cluster.dev(&["kill", "r2"]).await;
    let check = cluster.run(&["status", "--check", "-o", "table"]).await;
    assert_eq!(check.status.code(), Some(8));
    assert!(text(&check.stdout).contains("1 of 3 voters answer"), "{}", text(&check.stdout));
    let words = ["machine", "create", "hostname=refused", "--timeout", "3s", "-o", "table"];
    let write = cluster.run(&words).await;
    let told = text(&write.stderr);
    assert_eq!(write.status.code(), Some(6), "{told}");
    assert!(told.starts_with("error[E0101]") && told.contains("works: "), "{told}");
    let read = cluster.run(&["machine", "ls", "--consistency", "stale"]).await;
    let machines: Value = serde_json::from_slice(&read.stdout).unwrap();
    assert_eq!(machines["items"].as_array().unwrap().len(), 24);
}

fn lines(output: &Output) -> Vec<String> {
    text(&output.stdout)
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect()
}

#[tokio::test]
async fn list_is_filtered_sorted_cut_and_laid_out_as_asked() {
    let cluster = DevCluster::start(&[]).await;
    let table = ["-o", "table", "--columns", "hostname,status_name"];
    let ls = async |words: &[&str]| {
        let output = cluster.run(&[&["machine", "ls"], words, &table].concat()).await;
        assert!(output.status.success(), "{}", text(&output.stderr));
        output
    };
    let broken = ls(&["--filter", "status_name=Broken", "--sort", "-hostname"]).await;
    assert_eq!(lines(&broken), ["HOSTNAME STATUS_NAME", "node-24 Broken", "node-23 Broken"]);
    let two =
        ["--filter", "status_name=Broken", "--filter", "status_name=Releasing", "--no-headers"];
    assert_eq!(lines(&ls(&two).await).len(), 4);
    let first = ls(&["--limit", "1"]).await;
    assert_eq!(lines(&first), ["HOSTNAME STATUS_NAME", "node-01 New"]);
    assert!(text(&first.stderr).contains("raise --limit"));
}

#[tokio::test]
async fn list_goes_on_through_all_pages() {
    let cluster = DevCluster::start(&["--demo", "none", "--nodes", "1"]).await;
    let client = cluster.client();
    let write = |number: usize| {
        let body = json!({ "description": format!("{number}") });
        let (client, call) =
            (client.clone(), Call::write(Method::POST, "/v1/machines", Some(body)));
        async move { client.call(&call).await.unwrap() }
    };
    let written: Vec<_> = stream::iter((0..1005).map(write)).buffer_unordered(64).collect().await;
    assert_eq!(written.len(), 1005);
    let output = cluster.run(&["machine", "ls"]).await;
    let list: Value = serde_json::from_slice(&output.stdout).unwrap();
    let ids: BTreeSet<_> =
        list["items"].as_array().unwrap().iter().map(|item| item["id"].as_u64()).collect();
    assert_eq!(ids.len(), 1005);
}

#[tokio::test]
async fn repeated_key_makes_one_machine_through_whichever_node() {
    let cluster = DevCluster::start(&["--demo", "none"]).await;
    let addresses = cluster.addresses();
    let mut ids = BTreeSet::new();
    for address in &addresses {
        // The first address answers nobody, so the second does the work.
        let list = format!("127.0.0.1:1,{address}");
        let words =
            ["machine", "create", "description=once", "--idempotency-key", "k1", "--addr", &list];
        let output = cluster.run(&words).await;
        assert!(output.status.success(), "{}", text(&output.stderr));
        ids.insert(serde_json::from_slice::<Value>(&output.stdout).unwrap()["id"].as_u64());
    }
    assert_eq!(ids.len(), 1);
    assert_eq!(all(&cluster.client(), "/v1/machines").await.unwrap().len(), 1);
}

#[test]
fn nouns_are_the_singular_of_their_collections() {
    for noun in NOUNS {
        let stem = noun.name.strip_suffix('y').unwrap_or(noun.name);
        assert!(noun.path.starts_with(stem), "{} is not {}", noun.name, noun.path);
    }
}
