//! A dev cluster of its own for a test: the real executable, free ports, a folder that holds everything it makes.
#![allow(dead_code, unreachable_pub, reason = "each test file uses its part of this fixture")]

use regent_api::cli::client::{Answer, Call, Client};
use regent_api::cli::dev_record::{DevNode, DevRecord};
use regent_api::cli::failure::Failure;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::path::Path;
use std::process::{Output, Stdio};
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::time::{interval, timeout};

/// What anything in these tests may take on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(60);
/// How often a condition is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// A running `regent dev`.
pub struct DevCluster {
    pub record: DevRecord,
    pub process: Child,
    pub home: TempDir,
}

impl DevCluster {
    /// Starts one and waits until it says that it is ready.
    pub async fn start(arguments: &[&str]) -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), arguments).await
    }

    pub async fn start_in(home: TempDir, arguments: &[&str]) -> Self {
        let mut command = regent(home.path(), &["dev", "--base-port", "0", "-o", "json"]);
        let mut process = command.args(arguments).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut text = String::new();
        let read = async {
            while let Some(line) = lines.next_line().await.unwrap() {
                text += &line;
                if line == "}" {
                    return;
                }
            }
        };
        timeout(PATIENCE, read).await.expect("regent dev gets ready in time");
        let record = serde_json::from_str(&text).expect("it describes itself when it is ready");
        Self { record, process, home }
    }

    /// Runs `regent dev ACTION …` from another terminal and expects success; its JSON.
    pub async fn dev(&self, arguments: &[&str]) -> Value {
        let output = self.run(&[&["dev"], arguments].concat()).await;
        assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// Runs a command against this cluster.
    pub async fn run(&self, arguments: &[&str]) -> Output {
        self.run_within(PATIENCE, arguments).await
    }

    /// Runs a command that may take longer than others.
    pub async fn run_within(&self, patience: Duration, arguments: &[&str]) -> Output {
        let mut command = regent(self.home.path(), arguments);
        command.env("REGENT_ADDR", self.addresses().join(",")).env("REGENT_OUTPUT", "json");
        timeout(patience, command.output()).await.expect("the command ends in time").unwrap()
    }

    pub fn addresses(&self) -> Vec<String> {
        self.record.nodes.iter().map(|node| node.api.clone()).collect()
    }

    pub fn client(&self) -> Client {
        Client::new(&self.addresses(), PATIENCE).unwrap()
    }

    /// The processes of its nodes, then those of its rack agents.
    pub fn pids(&self) -> Vec<u32> {
        let nodes = self.record.nodes.iter().filter_map(|node| node.pid);
        nodes.chain(self.record.racks.iter().filter_map(|rack| rack.pid)).collect()
    }

    /// The node that leads.
    pub async fn leader(&self) -> DevNode {
        let answer = self.client().call(&Call::get("/readyz")).await.unwrap();
        let name = answer.leader.expect("a ready node knows the leader");
        self.record.nodes.iter().find(|node| node.name == name).unwrap().clone()
    }

    /// Waits until the cluster view is as wanted.
    pub async fn until(&self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let client = self.client();
        let look = async {
            let mut looks = interval(LOOK_EVERY);
            loop {
                looks.tick().await;
                match client.call(&Call::get("/v1/cluster")).await {
                    Ok(answer) if wanted(&answer.body) => return answer.body,
                    Ok(_) | Err(_) => {}
                }
            }
        };
        timeout(PATIENCE, look).await.unwrap_or_else(|_| panic!("waited in vain until {what}"))
    }

    /// Waits for the end of `regent dev` itself.
    pub async fn ended(&mut self) -> std::process::ExitStatus {
        timeout(PATIENCE, self.process.wait()).await.expect("regent dev ends in time").unwrap()
    }

    /// Signals `regent dev` itself.
    pub fn signal(&self, signal: Signal) {
        send(self.process.id().expect("it runs"), signal);
    }
}

/// `regent ARGUMENTS…` with nothing of the surrounding user's settings.
pub fn regent(home: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_regent"));
    command.args(arguments).kill_on_drop(true).stdin(Stdio::null());
    command.env("TMPDIR", home).env("XDG_RUNTIME_DIR", home);
    for name in
        ["REGENT_ADDR", "REGENT_OUTPUT", "REGENT_DATA_DIR", "REGENT_LOG", "REGENT_LOG_LEVEL"]
    {
        command.env_remove(name);
    }
    command
}

pub fn send(pid: u32, signal: Signal) {
    let pid = Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
    kill_process(pid, signal).unwrap();
}

/// Waits until none of the processes exists.
pub async fn until_gone(pids: &[u32]) {
    let look = async {
        let mut looks = interval(LOOK_EVERY);
        while pids.iter().any(|pid| Path::new(&format!("/proc/{pid}")).exists()) {
            looks.tick().await;
        }
    };
    timeout(PATIENCE, look).await.unwrap_or_else(|_| panic!("some of {pids:?} still run"));
}

/// What is left in a folder.
pub fn left_in(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect()
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// All items of a collection.
pub async fn all(client: &Client, path: &str) -> Result<Vec<Value>, Failure> {
    let mut items = Vec::new();
    let mut call = Call::get(path);
    call.query.push(("limit".into(), "1000".into()));
    loop {
        let Answer { body, .. } = client.call(&call).await?;
        items.extend(body["items"].as_array().into_iter().flatten().cloned());
        let Some(next) = body["next"].as_str() else { return Ok(items) };
        call.query.truncate(1);
        call.query.push(("cursor".into(), next.into()));
    }
}
