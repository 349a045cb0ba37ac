//! One run of `perfdhcp`.

use crate::dhcp::exchanges::Exchanges;
use crate::dhcp::ground::RELAY;
use anyhow::Context as _;
use regent_jepsen::lab::namespace::Namespace;
use std::process::Stdio;

/// The program.
pub const PROGRAM: &str = "perfdhcp";
/// What it ends with when it was well, and when some exchanges came to nothing.
const EXIT_CODES: [i32; 2] = [0, 3];
/// How long it waits for the last answers, in microseconds. What takes a second counts as lost.
const LAST_WAIT_US: &str = "1200000";

/// The clients of a run.
#[derive(Clone, Copy, Debug)]
pub struct Clients {
    /// Which crowd they are of: those of different crowds are different clients.
    pub crowd: u16,
    /// How many come, one after the other and round.
    pub count: u32,
}

/// What is sent.
#[derive(Clone, Copy, Debug)]
pub struct Pressure {
    /// Exchanges begun a second.
    pub rate: u32,
    /// For how long.
    pub seconds: u32,
}

/// Has clients come to a server, and tells how each fared if `with_delays`.
///
/// # Errors
/// If the driver fails; that says nothing about the server.
pub async fn drive(
    machine: &Namespace,
    server: &str,
    clients: Clients,
    pressure: Pressure,
    telling: Telling,
) -> anyhow::Result<Exchanges> {
    let [high, low] = clients.crowd.to_be_bytes();
    let base = format!("mac=02:{high:02x}:{low:02x}:00:00:00");
    let (rate, seconds) = (pressure.rate.to_string(), pressure.seconds.to_string());
    let mut command = machine.command(PROGRAM);
    command.args(["-4", "-l", RELAY, "-b", &base, "-R", &clients.count.to_string()]);
    command.args(["-r", &rate, "-p", &seconds, "-W", LAST_WAIT_US]);
    match telling {
        Telling::Counts => {}
        Telling::Delays => drop(command.args(["-x", "t"])),
    }
    let output = command.arg(server).stdin(Stdio::null()).kill_on_drop(true).output().await?;
    let said = String::from_utf8_lossy(&output.stdout);
    let is_well = output.status.code().is_some_and(|code| EXIT_CODES.contains(&code));
    let complaint = String::from_utf8_lossy(&output.stderr);
    anyhow::ensure!(is_well, "{PROGRAM}: {}: {}", output.status, complaint.trim());
    said.parse().with_context(|| format!("{PROGRAM} said {said:?}"))
}

/// What a run is to tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Telling {
    /// How many exchanges there were.
    Counts,
    /// How long each took, too: that takes the driver memory.
    Delays,
}
