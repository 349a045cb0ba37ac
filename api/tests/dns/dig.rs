//! `dig`, asked for what it saw.
#![allow(dead_code, reason = "not every test file uses all of it")]

use std::net::SocketAddr;
use tokio::process::Command;

/// What `dig` was answered.
#[derive(Debug)]
pub(crate) struct Dug {
    pub(crate) text: String,
}

/// Asks a server; `arguments` as on dig's command line.
pub(crate) async fn dig(server: SocketAddr, arguments: &str) -> Dug {
    let (ip, port) = (server.ip(), server.port());
    let mut command = Command::new("dig");
    // -r: nobody's own settings of dig.
    command.args(["-r", &format!("@{ip}"), "-p", &port.to_string(), "+tries=1", "+time=8"]);
    let output = command.args(arguments.split_whitespace()).output().await.unwrap();
    Dug { text: String::from_utf8_lossy(&output.stdout).into_owned() }
}

impl Dug {
    pub(crate) fn status(&self) -> &str {
        let after = self.text.split_once("status: ").unwrap_or_else(|| panic!("{}", self.text)).1;
        after.split(',').next().unwrap()
    }

    pub(crate) fn has_flag(&self, flag: &str) -> bool {
        let line = self.text.split_once(";; flags: ").unwrap().1.split(';').next().unwrap();
        line.split_whitespace().any(|set| set == flag)
    }

    /// The records of a section, columns parted by one blank, without class.
    pub(crate) fn section(&self, section: &str) -> Vec<String> {
        let Some((_, after)) = self.text.split_once(&format!(";; {section} SECTION:\n")) else {
            return Vec::new();
        };
        let lines = after.lines().take_while(|line| !line.is_empty());
        lines.map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
    }

    pub(crate) fn answers(&self) -> Vec<String> {
        self.section("ANSWER")
    }
}
