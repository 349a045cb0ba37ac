//! The command line against a running region: every command, what it prints for programs, how it fails.
#![allow(clippy::unwrap_used, reason = "tests may fail loudly")]

#[path = "../dev_cluster/mod.rs"]
mod dev_cluster;
mod samples;

use dev_cluster::{DevCluster, all, regent, text};
use futures::StreamExt as _;
use futures::stream;
use regent_api::cli::client::Call;
use regent_api::cli::nouns;
use regent_api::cli::tree;
use reqwest::Method;
use samples::{RACK_SAMPLES, SAMPLES};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::process::Output;

/// Commands that run a node or a cluster instead of printing data.
const DAEMONS: [&str; 4] = ["init", "join", "region", "dev"];

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

/// A number an object has.
async fn field(cluster: &DevCluster, path: &str, name: &str) -> u64 {
    cluster.client().call(&Call::get(path)).await.unwrap().body[name].as_u64().unwrap()
}

/// Begins an import that nobody goes on with; its name.
async fn begin_import(cluster: &DevCluster) -> String {
    let body = json!({ "id": "half", "source": "ab".repeat(32) });
    let begin = Call { method: Method::POST, body: Some(body), ..Call::get("/v1/imports") };
    cluster.client().call(&begin).await.unwrap();
    "half".to_owned()
}

#[tokio::test]
async fn every_command_prints_json_when_asked() {
    let samples = SAMPLES.iter().chain(RACK_SAMPLES);
    let sampled: BTreeSet<_> = samples.map(|(command, _)| (*command).to_owned()).collect();
    let mut exist: BTreeSet<_> = leaves(&tree::command(), "").into_iter().collect();
    exist.retain(|command| !DAEMONS.contains(&command.as_str()));
    assert_eq!(sampled, exist, "each command needs a sample here");

    let cluster = DevCluster::start(&["--demo", "none"]).await;
    let txn = cluster.home.path().join("txn.json");
    std::fs::write(
        &txn,
        r#"{"then": [{"op": "create", "path": "/v1/tags", "body": {"name": "a"}}]}"#,
    )
    .unwrap();
    let config = cluster.record.nodes[0].directory.join("region.toml");
    let mut made = String::new();
    for (command, arguments) in SAMPLES {
        let mut words: Vec<String> = command.split(' ').map(str::to_owned).collect();
        for word in *arguments {
            words.push(match *word {
                "FILE" => config.to_str().unwrap().to_owned(),
                "TXN" => txn.to_str().unwrap().to_owned(),
                "DUMP" => concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/hand.sql").to_owned(),
                "ISC" => concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/dhcpd.leases").to_owned(),
                "KEA" => {
                    concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/kea-leases4.csv").to_owned()
                }
                "BEFORE" => (field(&cluster, "/v1/tags/a", "revision").await - 1).to_string(),
                "LINK" => field(&cluster, "/v1/ip-addresses/10.8.0.9", "id").await.to_string(),
                "MADE" => made.clone(),
                "HALF" => begin_import(&cluster).await,
                other => other.to_owned(),
            });
        }
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        if ["dev failover", "node remove"].contains(command) {
            cluster.until("all voters answer", |view| view["healthy_voters"] == 3).await;
        }
        let output = cluster.run(&words).await;
        assert!(output.status.success(), "{words:?}: {}", text(&output.stderr));
        let parsed: Result<Value, _> = serde_json::from_slice(&output.stdout);
        let parsed =
            parsed.unwrap_or_else(|_| panic!("{words:?} printed {}", text(&output.stdout)));
        if command.ends_with(" create") || *command == "token create rack" {
            made = parsed["id"].to_string();
        }
    }
}

#[tokio::test]
async fn commands_about_racks_print_json_when_asked() {
    let cluster = DevCluster::start(&["--nodes", "1", "--demo", "none", "--racks", "1"]).await;
    for (command, arguments) in RACK_SAMPLES {
        let words: Vec<&str> = command.split(' ').chain(arguments.iter().copied()).collect();
        let output = cluster.run(&words).await;
        assert!(output.status.success(), "{words:?}: {}", text(&output.stderr));
        assert!(text(&output.stdout).contains("\"hostname\": \"rack1\""), "{words:?}");
        serde_json::from_slice::<Value>(&output.stdout).unwrap();
    }
}

#[tokio::test]
async fn removing_a_rack_tells_first_which_vlans_lose_their_dhcp() {
    let cluster = DevCluster::start(&["--nodes", "1"]).await;
    let served = cluster.run(&["vlan", "ls", "--filter", "dhcp_on=true"]).await;
    let served: Value = serde_json::from_slice(&served.stdout).unwrap();
    let relayed = format!("relay_vlan={}", served["items"][0]["id"]);
    let made = cluster.run(&["vlan", "create", "fabric=1", "vid=999", &relayed]).await;
    assert!(made.status.success(), "{}", text(&made.stderr));
    let mut told = Vec::new();
    for words in [
        ["rack", "remove", "rack1", "--dry-run"],
        ["rack", "remove", "rack1", "--yes"],
        ["rack", "remove", "rack2", "--yes"],
    ] {
        let output = cluster.run(&words).await;
        assert!(output.status.success(), "{words:?}: {}", text(&output.stderr));
        let body: Value = serde_json::from_slice(&output.stdout).unwrap();
        let vlans = |name: &str| body[name].as_array().unwrap().len();
        told.push((vlans("dhcp_goes_off"), vlans("dhcp_goes_on"), text(&output.stderr)));
    }
    let [dry, first, last] = &told[..] else { unreachable!("three were run") };
    assert!(dry.0 == 0 && dry.1 == first.1 && first.1 > 0, "{told:?}");
    assert!(first.2.contains("DHCP goes on with other racks on"), "{told:?}");
    assert!(last.0 == first.1 + 1 && last.1 == 0, "with the one that is relayed: {told:?}");
    assert!(last.2.contains(":999"), "{told:?}");
    assert!(last.2.contains("DHCP goes off, since no other rack serves them, on"), "{told:?}");
    assert_eq!(cluster.run(&["rack", "remove", "rack1"]).await.status.code(), Some(3));
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
        (3, vec!["explain", "E9999"]),
        (3, vec!["machine", "set", "1", "pool=nobody"]),
        (3, vec!["machine", "ls", "--filter", "pool=nobody"]),
        (1, vec!["machine", "ls", "--filter", "hostnam=x"]),
        (1, vec!["machine", "ls", "--columns", "hostnam"]),
        (2, vec!["machine", "ls", "--limit", "0"]),
        (2, vec!["txn", "nowhere.json"]),
        (2, vec!["api", "POST", "/v1/tags", "-d", "{"]),
        (3, vec!["node", "show", "r9"]),
        (3, vec!["api", "GET", "/nothing"]),
        (4, vec!["domain", "create", "name=lab.test"]),
        (4, vec!["domain", "delete", "lab.test"]),
        (4, vec!["machine", "release", "1"]),
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
    assert!(told.starts_with("error[E0101]") && told.contains("works: DNS"), "{told}");
    assert!(told.contains("1 of 3 voters answer, 2 are needed"), "{told}");
    assert!(told.contains("next:  start r1, r2"), "{told}");
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

#[tokio::test]
async fn people_write_and_read_names_where_the_api_has_numbers() {
    let cluster = DevCluster::start(&["--demo", "none", "--nodes", "1"]).await;
    for line in [
        "pool create name=2026",
        "pool set name:2026 description=7",
        "fabric create name=rack-7",
        "vlan create fabric=rack-7 vid=7",
        "subnet create cidr=10.7.0.0/24 vlan=rack-7:7",
        "tag create name=gpu",
        "tag create name=ssd",
        "machine create hostname=db-1 tags=gpu,ssd mac_addresses=52:54:00:00:00:01,52:54:00:00:00:02",
        "interface set db-1:eth1 vlan=rack-7:7",
    ] {
        let output = cluster.run(&line.split(' ').collect::<Vec<_>>()).await;
        assert!(output.status.success(), "{line}: {}", text(&output.stderr));
    }
    let table = async |line: &str| {
        let words = line.split(' ').chain(["-o", "table"]).collect::<Vec<_>>();
        lines(&cluster.run(&words).await)
    };
    let vlan = table("subnet ls --columns cidr,vlan").await;
    assert_eq!(vlan, ["CIDR VLAN", "10.7.0.0/24 rack-7:7"]);
    let tags = table("machine ls --filter tags=ssd --columns hostname,tags --no-headers").await;
    assert_eq!(tags, ["db-1 gpu, ssd"]);
    let plugged = table("interface ls --filter vlan=rack-7:7 --columns label --no-headers").await;
    assert_eq!(plugged, ["db-1.maas:eth1"]);
    let taken = table("subnet allocate 10.7.0.0/24 interface=db-1:eth1").await;
    assert!(taken[1].contains("10.7.0.1") && taken[1].contains("db-1.maas:eth1"), "{taken:?}");
    let sheet = table("subnet show 10.7.0.0/24").await;
    assert!(sheet.contains(&"vlan: rack-7:7".to_owned()), "{sheet:?}");
}

#[tokio::test]
async fn lists_of_a_site_fit_a_hundred_columns_and_empty_ones_say_so() {
    let cluster = DevCluster::start(&["--demo", "none", "--nodes", "1"]).await;
    let dump = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/hand.sql");
    assert!(cluster.run(&["import", "maas-dump", dump]).await.status.success());
    for noun in nouns::all() {
        let words = [noun.name, "ls", "-o", "table"];
        let output = cluster.run(&words).await;
        assert!(output.status.success(), "{words:?}: {}", text(&output.stderr));
        let shown = text(&output.stdout);
        let widest = shown.lines().map(|line| line.chars().count()).max().unwrap_or_default();
        // What a line is known by stays whole, and there is a machine with a name of 63 letters.
        let fits = widest <= 100 || noun.name == "machine";
        assert!(fits, "{}: {widest} in {shown}", noun.name);
        let is_empty = shown.is_empty();
        assert_eq!(is_empty, text(&output.stderr).contains("nothing in"), "{}", noun.name);
    }
    let none = cluster.run(&["machine", "ls", "--filter", "hostname=nobody", "-o", "table"]).await;
    assert_eq!(text(&none.stdout), "");
    assert_eq!(text(&none.stderr), "nothing in machines fits the filter\n");
}

#[tokio::test]
async fn dry_run_shows_what_would_come_and_leaves_everything_as_it_is() {
    let cluster = DevCluster::start(&["--demo", "none", "--nodes", "1"]).await;
    let tried = cluster.run(&["tag", "create", "name=gpu", "--dry-run"]).await;
    let shown: Value = serde_json::from_slice(&tried.stdout).unwrap();
    assert_eq!(shown["name"], "gpu");
    assert!(text(&tried.stderr).contains("nothing was written"));
    let doomed = cluster.run(&["pool", "delete", "default", "--dry-run"]).await;
    assert_eq!(doomed.status.code(), Some(4), "a refusal is told, too");
    assert!(all(&cluster.client(), "/v1/tags").await.unwrap().is_empty());
}
