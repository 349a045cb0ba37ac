//! A client that has an offer and whose REQUEST is not out yet: its uplink lets one packet through, then is so slow that there
//! is time to do something, until it is let go.

use crate::lab::client::Client;
use crate::lab::lan::Lan;
use crate::lab::reply_watch::ReplyWatch;
use std::net::Ipv4Addr;
use std::process::Stdio;
use tokio::process::Child;

/// The program that slows the uplink down.
pub const TRAFFIC_CONTROL: &str = "tc";
/// The program that sends a packet from a machine without an address, and whom it asks for.
pub const NUDGE: &str = "busybox";
const NOBODY: &str = "10.0.0.250";
/// As much as the first DISCOVER and a bit of the REQUEST behind it; for the rest it takes ten seconds.
const SLOW: &str = "tbf rate 80bit burst 600 limit 100000";
const FAST: &str = "tbf rate 100mbit burst 100000 limit 100000";

/// A client whose uplink is slow.
pub struct Interception {
    watch: ReplyWatch,
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
        Ok(Self { watch: ReplyWatch::of(client, lan).await? })
    }

    /// The server that made the first offer.
    ///
    /// # Errors
    /// If none did in time.
    pub async fn offer(&mut self) -> anyhow::Result<Ipv4Addr> {
        Ok(self.watch.next().await?.sender)
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
