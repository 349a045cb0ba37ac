//! A real secondary: BIND's `named` in a folder of its own.
#![allow(dead_code, reason = "not every test file uses all of it")]

use crate::dig::dig;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tempfile::TempDir;
use tokio::process::{Child, Command};
use tokio::time::{interval, timeout};

const PATIENCE: Duration = Duration::from_secs(60);

/// A running secondary of the zone `maas`.
pub(crate) struct Named {
    directory: TempDir,
    process: Child,
    pub(crate) address: SocketAddr,
}

/// A port that was free a moment ago, over TCP and UDP.
pub(crate) fn free_port() -> SocketAddr {
    let tcp = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    tcp.local_addr().unwrap()
}

impl Named {
    /// Starts it. Its refresh time is ten minutes: what it has sooner, it was told of.
    pub(crate) fn start(address: SocketAddr, primaries: &[SocketAddr]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let folder = directory.path();
        std::fs::write(folder.join("hints"), ". 3600 IN NS localhost.\n").unwrap();
        std::fs::write(folder.join("named.conf"), config(folder, address, primaries)).unwrap();
        let log = std::fs::File::create(folder.join("log")).unwrap();
        let mut command = Command::new("named");
        command.arg("-g").arg("-n").arg("1").arg("-c").arg(folder.join("named.conf"));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).kill_on_drop(true);
        let process = command.spawn().unwrap();
        Self { directory, process, address }
    }

    /// Waits until it answers a question as wanted.
    pub(crate) async fn until_answered(&self, question: &str, wanted: &str) {
        let look = async {
            let mut looks = interval(Duration::from_millis(20));
            loop {
                looks.tick().await;
                let answers = dig(self.address, question).await.answers();
                if answers.iter().any(|answer| answer.contains(wanted)) {
                    return;
                }
            }
        };
        if timeout(PATIENCE, look).await.is_err() {
            let log = std::fs::read_to_string(self.directory.path().join("log")).unwrap();
            panic!("{question} was never answered with {wanted}:\n{log}");
        }
    }

    /// Ends it; it must have run until now.
    pub(crate) async fn stop(mut self) {
        assert_eq!(self.process.try_wait().unwrap(), None, "it was never started again");
        self.process.kill().await.unwrap();
    }
}

fn config(folder: &Path, address: SocketAddr, primaries: &[SocketAddr]) -> String {
    let (folder, port) = (folder.display(), address.port());
    let primaries = primaries.iter().map(|one| format!("{} port {};", one.ip(), one.port()));
    let primaries: String = primaries.collect();
    format!(
        "options {{ directory \"{folder}\"; pid-file \"{folder}/pid\"; session-keyfile none;
             listen-on port {port} {{ 127.0.0.1; }}; listen-on-v6 {{ none; }};
             recursion no; dnssec-validation no; notify no; allow-transfer {{ 127.0.0.1; }};
             managed-keys-directory \"{folder}\"; lock-file none; min-refresh-time 600; }};
         controls {{ }};
         zone \".\" {{ type hint; file \"hints\"; }};
         zone \"maas\" {{ type secondary; primaries {{ {primaries} }};
             allow-notify {{ 127.0.0.1; }}; file \"maas.zone\"; masterfile-format text; }};\n"
    )
}
