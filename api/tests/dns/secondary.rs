//! A real secondary: BIND takes a zone and follows its changes when told.

use crate::dig::dig;
use crate::node::Node;
use crate::skip::has;
use regent_api::dns::config::{DnsSection, Upstream};
use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tokio::process::{Child, Command};
use tokio::time::{interval, timeout};

const PATIENCE: Duration = Duration::from_secs(60);

/// A port that was free a moment ago, over TCP and UDP.
fn free_port() -> SocketAddr {
    let tcp = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    tcp.local_addr().unwrap()
}

fn start_named(directory: &Path, listen: SocketAddr, primary: SocketAddr) -> Child {
    let folder = directory.display();
    let (port, primary_port) = (listen.port(), primary.port());
    let config = format!(
        "options {{ directory \"{folder}\"; pid-file \"{folder}/pid\"; session-keyfile none;
             listen-on port {port} {{ 127.0.0.1; }}; listen-on-v6 {{ none; }};
             recursion no; dnssec-validation no; notify no;
             managed-keys-directory \"{folder}\"; lock-file none; min-refresh-time 600; }};
         controls {{ }};
         zone \".\" {{ type hint; file \"hints\"; }};
         zone \"maas\" {{ type secondary; primaries {{ 127.0.0.1 port {primary_port}; }};
             allow-notify {{ 127.0.0.1; }}; file \"maas.zone\"; masterfile-format text; }};\n"
    );
    std::fs::write(directory.join("hints"), ". 3600 IN NS localhost.\n").unwrap();
    std::fs::write(directory.join("named.conf"), config).unwrap();
    let log = std::fs::File::create(directory.join("log")).unwrap();
    let mut command = Command::new("named");
    command.arg("-g").arg("-n").arg("1").arg("-c").arg(directory.join("named.conf"));
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).kill_on_drop(true);
    command.spawn().unwrap()
}

async fn until_answered(server: SocketAddr, question: &str, wanted: &str, directory: &Path) {
    let look = async {
        let mut looks = interval(Duration::from_millis(20));
        loop {
            looks.tick().await;
            let answers = dig(server, question).await.answers();
            if answers.iter().any(|answer| answer.contains(wanted)) {
                return;
            }
        }
    };
    if timeout(PATIENCE, look).await.is_err() {
        let log = std::fs::read_to_string(directory.join("log")).unwrap();
        panic!("{question} was never answered with {wanted}:\n{log}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bind_as_secondary_follows_changes() {
    let test = "bind_as_secondary_follows_changes";
    if !has(test, "dig", "-v") || !has(test, "named", "-V") {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let listen = free_port();
    let config = DnsSection {
        allow_transfer: vec!["127.0.0.1".to_owned()].try_into().unwrap(),
        secondaries: vec![Upstream(listen)],
        ..DnsSection::default()
    };
    let node = Node::start(config).await;
    node.name("web", &["10.0.0.5"]);
    let mut named = start_named(directory.path(), listen, node.address);
    until_answered(listen, "web.maas A", "10.0.0.5", directory.path()).await;
    // The refresh time is ten minutes: only a notification brings these in time.
    for last in 10..15 {
        node.name(&format!("new{last}"), &[&format!("10.0.0.{last}")]);
        let question = format!("new{last}.maas A");
        until_answered(listen, &question, &format!("10.0.0.{last}"), directory.path()).await;
    }
    let serial = node.serial("maas").to_string();
    until_answered(listen, "maas SOA", &format!(" {serial} "), directory.path()).await;
    named.kill().await.unwrap();
}
