//! DNS on every node of a real cluster: one answer and one serial everywhere, also while leaders die, on the last node
//! that is left, and in a secondary that is no node.
#![allow(clippy::unwrap_used, reason = "tests may fail loudly")]

mod dev_cluster;
#[path = "dns/dig.rs"]
mod dig;
#[path = "dns/named.rs"]
mod named;
#[path = "dns/skip.rs"]
mod skip;

use dev_cluster::{DevCluster, PATIENCE};
use dig::dig;
use named::{Named, free_port};
use regent_api::cli::client::{Call, Client};
use regent_api::config::CONFIG_FILE;
use reqwest::Method;
use rustix::process::Signal;
use serde_json::json;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{interval, timeout};

/// Clients that write at the same time.
const WRITERS: usize = 4;
/// Acknowledged names before the leader is killed, and after it.
const NAMES_EACH_SIDE: usize = 40;
/// How long a node has not heard from a leader when it certainly has none, in milliseconds.
const OLD_MS: u64 = 500;

/// Asks until the answers are as wanted; they are then what they will stay.
async fn until(server: SocketAddr, question: &str, wanted: impl Fn(&[String]) -> bool) -> String {
    let look = async {
        let mut looks = interval(Duration::from_millis(10));
        loop {
            looks.tick().await;
            let answers = dig(server, question).await.answers();
            if wanted(&answers) {
                return answers.join("\n");
            }
        }
    };
    timeout(PATIENCE, look).await.unwrap_or_else(|_| panic!("{question} of {server} is not so"))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_node_answers_alike_and_survivors_go_on_without_the_leader() {
    if !skip::has("every_node_answers_alike_and_survivors_go_on_without_the_leader", "dig", "-v") {
        return;
    }
    let cluster = DevCluster::start(&["--demo", "none"]).await;
    let client = cluster.client();
    let create = |name: &str| {
        let body = json!({ "name": name, "authoritative": true });
        Call::write(Method::POST, "/v1/domains", Some(body))
    };
    client.call(&create("lab.example.net")).await.unwrap();
    let servers: Vec<SocketAddr> =
        cluster.record.nodes.iter().map(|node| node.dns.parse().unwrap()).collect();
    let mut soas = Vec::new();
    for server in &servers {
        soas.push(until(*server, "lab.example.net SOA", |answers| answers.len() == 1).await);
    }
    assert!(soas.iter().all(|soa| *soa == soas[0]), "{soas:?}");
    let leader = cluster.leader().await;
    dev_cluster::send(leader.pid.unwrap(), Signal::KILL);
    let survivors = cluster.record.nodes.iter().filter(|node| node.name != leader.name);
    for node in survivors.clone() {
        let answers = dig(node.dns.parse().unwrap(), "lab.example.net SOA").await.answers();
        assert_eq!(answers.join("\n"), soas[0], "{} does not wait for a leader", node.name);
    }
    client.call(&create("new.example.net")).await.unwrap();
    for node in survivors {
        let server = node.dns.parse().unwrap();
        until(server, "new.example.net SOA", |answers| answers.len() == 1).await;
    }
}

/// How long ago the leader was heard, as a node tells over DNS; `None` if it does not know one.
async fn last_contact_ms(server: SocketAddr) -> Option<u64> {
    let [told] = dig(server, "freshness.regent CH TXT").await.answers().try_into().unwrap();
    let (_, contact) = told.rsplit_once("\"last_contact").unwrap_or_else(|| panic!("{told}"));
    if contact == "=never\"" {
        return None;
    }
    let age = contact.strip_prefix("_ms=").and_then(|age| age.strip_suffix('"'));
    Some(age.and_then(|age| age.parse().ok()).unwrap_or_else(|| panic!("{told}")))
}

#[tokio::test(flavor = "multi_thread")]
async fn last_node_of_three_answers_and_says_how_old_that_is() {
    if !skip::has("last_node_of_three_answers_and_says_how_old_that_is", "dig", "-v") {
        return;
    }
    let cluster = DevCluster::start(&["--demo", "none"]).await;
    let leader = cluster.leader().await;
    let last = cluster.record.nodes.iter().find(|node| node.name != leader.name).unwrap();
    let server: SocketAddr = last.dns.parse().unwrap();
    for node in cluster.record.nodes.iter().filter(|node| node.name != last.name) {
        dev_cluster::send(node.pid.unwrap(), Signal::KILL);
    }
    let age = async {
        let mut looks = interval(Duration::from_millis(10));
        loop {
            looks.tick().await;
            let age = last_contact_ms(server).await;
            if age.is_none_or(|age| age > OLD_MS) {
                return age;
            }
        }
    };
    let age = timeout(PATIENCE, age).await.expect("its answers get old");
    for transport in ["+notcp", "+tcp"] {
        let answer = dig(server, &format!("maas SOA {transport}")).await;
        assert_eq!((answer.status(), answer.answers().len()), ("NOERROR", 1), "{transport}");
        assert!(answer.has_flag("aa") && !answer.has_flag("tc"), "{transport}");
    }
    let url = format!("http://{}/v1/domains?consistency=stale", last.api);
    let read = reqwest::get(url).await.unwrap();
    assert!(read.status().is_success(), "{read:?}");
    let header = read.headers().get("regent-state-age-ms");
    let told: Option<u64> = header.map(|age| age.to_str().unwrap().parse().unwrap());
    assert_eq!(told.is_some(), age.is_some(), "over HTTP it knows what it knows over DNS");
    assert!(told >= age, "{told:?} is not younger than {age:?} was");
}

/// Starts three nodes that let this host transfer zones and tell a secondary of changes.
async fn start_with_secondary(folder: &Path, secondary: SocketAddr) -> DevCluster {
    let arguments = ["--demo", "none", "--data", folder.to_str().unwrap()];
    let mut first = DevCluster::start(&arguments).await;
    first.signal(Signal::TERM);
    assert!(first.ended().await.success());
    for node in &first.record.nodes {
        let mut file = File::options().append(true).open(node.directory.join(CONFIG_FILE)).unwrap();
        let allow = "allow_transfer = [\"127.0.0.1\"]";
        write!(file, "\n[dns]\n{allow}\nsecondaries = [\"{secondary}\"]\n").unwrap();
    }
    DevCluster::start_in(first.home, &arguments).await
}

/// Makes names with a text each until told to stop; those that were acknowledged.
async fn write_names(
    client: Client,
    writer: usize,
    stop: watch::Receiver<bool>,
    acknowledged: watch::Sender<usize>,
) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for number in 0_usize.. {
        if *stop.borrow() {
            break;
        }
        let name = format!("w{writer}-{number}");
        let body = json!({ "name": name, "domain": 0 });
        let resource = Call::write(Method::POST, "/v1/dns-resources", Some(body));
        let Ok(made) = client.call(&resource).await else { continue };
        let body =
            json!({ "dnsresource": made.body["id"], "rrtype": "TXT", "rrdata": "\"hello\"" });
        let record = Call::write(Method::POST, "/v1/dns-records", Some(body));
        if client.call(&record).await.is_ok() {
            names.insert(name);
            acknowledged.send_modify(|count| *count += 1);
        }
    }
    names
}

/// A whole zone, record by record.
async fn transferred(server: SocketAddr) -> BTreeSet<String> {
    let whole = dig(server, "maas AXFR").await.text;
    let records = whole.lines().filter(|line| !line.is_empty() && !line.starts_with(';'));
    records.map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn bind_follows_changes_under_load_while_the_leader_dies() {
    let test = "bind_follows_changes_under_load_while_the_leader_dies";
    if !skip::has(test, "dig", "-v") || !skip::has(test, "named", "-V") {
        return;
    }
    let (folder, secondary) = (tempfile::tempdir().unwrap(), free_port());
    let cluster = start_with_secondary(folder.path(), secondary).await;
    let servers: Vec<SocketAddr> =
        cluster.record.nodes.iter().map(|node| node.dns.parse().unwrap()).collect();
    let named = Named::start(secondary, &servers);
    named.until_answered("maas SOA", "SOA").await;
    let (stop, stopped) = watch::channel(false);
    let (acknowledged, mut seen) = watch::channel(0);
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let (stopped, acknowledged) = (stopped.clone(), acknowledged.clone());
            tokio::spawn(write_names(cluster.client(), writer, stopped, acknowledged))
        })
        .collect();
    let enough = seen.wait_for(|count| *count >= NAMES_EACH_SIDE);
    timeout(PATIENCE, enough).await.expect("names are made").unwrap();
    let leader = cluster.leader().await;
    dev_cluster::send(leader.pid.unwrap(), Signal::KILL);
    let before = *seen.borrow_and_update();
    let enough = seen.wait_for(|count| *count >= before + NAMES_EACH_SIDE);
    timeout(PATIENCE, enough).await.expect("names are made without it too").unwrap();
    stop.send_replace(true);
    let mut names = BTreeSet::new();
    for writer in writers {
        names.extend(writer.await.unwrap());
    }
    let survivors = cluster.record.nodes.iter().filter(|node| node.name != leader.name);
    let survivors: Vec<SocketAddr> = survivors.map(|node| node.dns.parse().unwrap()).collect();
    // The leader has applied whatever was acknowledged.
    let leader: SocketAddr = cluster.leader().await.dns.parse().unwrap();
    let soa = until(leader, "maas SOA", |answers| answers.len() == 1).await;
    for survivor in &survivors {
        until(*survivor, "maas SOA", |answers| answers == [soa.clone()]).await;
    }
    named.until_answered("maas SOA", &soa).await;
    let whole = transferred(secondary).await;
    for survivor in survivors {
        assert_eq!(transferred(survivor).await, whole, "{survivor}");
    }
    for name in &names {
        let record = format!("{name}.maas. 30 IN TXT \"hello\"");
        assert!(whole.contains(&record), "{name} was acknowledged");
    }
    assert!(names.len() >= 2 * NAMES_EACH_SIDE);
    named.stop().await;
}
