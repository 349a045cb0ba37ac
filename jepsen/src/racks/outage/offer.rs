//! A client that has an offer and whose REQUEST is not out yet: its uplink lets one packet through, then is so slow that there
//! is time to do something, until it is let go.

use crate::lab::client::Client;
use crate::lab::lan::Lan;
use crate::lab::namespace::Namespace;
use anyhow::Context as _;
use std::net::Ipv4Addr;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout};
use tokio::time::timeout;

/// The program that sees the offer.
pub const PROGRAM: &str = "tcpdump";
/// The program that slows the uplink down.
pub const TRAFFIC_CONTROL: &str = "tc";
/// The program that sends a packet from a machine without an address, and whom it asks for.
pub const NUDGE: &str = "busybox";
const NOBODY: &str = "10.0.0.250";
/// As much as the first DISCOVER and a bit of the REQUEST behind it; for the rest it takes ten seconds.
const SLOW: &str = "tbf rate 80bit burst 600 limit 100000";
const FAST: &str = "tbf rate 100mbit burst 100000 limit 100000";
/// How long an offer is waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// A client whose uplink is slow.
pub struct Interception {
    _watch: Child,
    seen: Lines<BufReader<ChildStdout>>,
}

impl Interception {
    /// Slows a client down that has not started yet.
    ///
    /// # Errors
    /// If it cannot be watched.
    pub async fn of(client: &Client, lan: &Lan) -> anyhow::Result<Self> {
        let name = &client.name;
        let machine = &client.machine;
        // Else neighbour discovery uses up what the uplink can take.
        machine.run(&format!("sysctl -q net.ipv6.conf.{name}.disable_ipv6=1"))?;
        machine.run(&format!("tc qdisc replace dev {name} root {SLOW}"))?;
        let (watch, said) = watch(lan.switch(), client.cable.port()).await?;
        Ok(Self { _watch: watch, seen: BufReader::new(said).lines() })
    }

    /// The server that made the first offer.
    ///
    /// # Errors
    /// If none did in time.
    pub async fn offer(&mut self) -> anyhow::Result<Ipv4Addr> {
        let line = timeout(PATIENCE, self.seen.next_line()).await.context("no offer")??;
        let line = line.context("nobody watches")?;
        // 14:00:00.000000 IP 10.0.0.2.67 > 10.0.0.100.68: BOOTP/DHCP, Reply, length 300
        let sender = line.split_whitespace().nth(2).and_then(|sender| sender.rsplit_once('.'));
        let sender = sender.with_context(|| format!("no packet: {line}"))?.0;
        Ok(sender.parse()?)
    }

    /// Lets the client's packets go. What it gives back does that, and ends within a second.
    ///
    /// # Errors
    /// If that cannot be done.
    pub fn let_go(self, client: &Client) -> anyhow::Result<Child> {
        let name = &client.name;
        client.machine.run(&format!("tc qdisc change dev {name} root {FAST}"))?;
        // What waits is looked at again with the next packet, or when it would have gone at the slow rate.
        let mut nudge = client.machine.command(NUDGE);
        nudge.args(["arping", "-D", "-q", "-c", "1", "-w", "1", "-I", name, NOBODY]);
        Ok(nudge.stdin(Stdio::null()).kill_on_drop(true).spawn()?)
    }
}

/// Somebody who sees the replies to a client, and says so before this returns.
async fn watch(switch: &Namespace, port: &str) -> anyhow::Result<(Child, ChildStdout)> {
    let mut command = switch.command(PROGRAM);
    command.args(["-n", "-l", "--immediate-mode", "-i", port, "udp", "src", "port", "67"]);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let mut child = command.spawn()?;
    let said = child.stdout.take().context("no output")?;
    let mut ready = BufReader::new(child.stderr.take().context("no errors")?).lines();
    loop {
        let line = timeout(PATIENCE, ready.next_line()).await.context("nobody listens")??;
        if line.context("the watch has ended")?.contains("listening on") {
            break;
        }
    }
    Ok((child, said))
}
