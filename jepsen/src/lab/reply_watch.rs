//! The replies of DHCP servers on their way to a client, each with the time the kernel stamped it with.

use crate::lab::client::Client;
use crate::lab::lan::Lan;
use anyhow::Context as _;
use std::net::Ipv4Addr;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout};
use tokio::time::timeout;

/// The program that sees them.
pub const PROGRAM: &str = "tcpdump";
/// How long a reply is waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// A reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// When it was at the client's cable, since 1970.
    pub at: Duration,
    /// Who sent it.
    pub sender: Ipv4Addr,
    /// What it is, as tcpdump calls it: `Offer`, `ACK`.
    pub kind: String,
}

/// Somebody who sees the replies to a client.
#[derive(Debug)]
pub struct ReplyWatch {
    _child: Child,
    seen: Lines<BufReader<ChildStdout>>,
}

impl ReplyWatch {
    /// Sees the replies to a client from when this returns.
    ///
    /// # Errors
    /// If nobody can.
    pub async fn of(client: &Client, lan: &Lan) -> anyhow::Result<Self> {
        let mut command = lan.switch().command(PROGRAM);
        command.args(["-n", "-l", "-tt", "-v", "--immediate-mode", "-i", client.cable.port()]);
        command.args(["udp", "src", "port", "67"]);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.kill_on_drop(true).spawn()?;
        let said = child.stdout.take().context("no output")?;
        let mut ready = BufReader::new(child.stderr.take().context("no errors")?).lines();
        loop {
            let line = timeout(PATIENCE, ready.next_line()).await.context("nobody listens")??;
            if line.context("the watch has ended")?.contains("listening on") {
                break;
            }
        }
        Ok(Self { _child: child, seen: BufReader::new(said).lines() })
    }

    /// The next reply.
    ///
    /// # Errors
    /// If none comes in time.
    pub async fn next(&mut self) -> anyhow::Result<Reply> {
        let mut reader = Reader::default();
        loop {
            let line = timeout(PATIENCE, self.seen.next_line()).await.context("no reply")??;
            if let Some(reply) = reader.read(&line.context("nobody watches")?) {
                return Ok(reply);
            }
        }
    }
}

/// What was read of a packet so far.
#[derive(Default)]
struct Reader {
    at: Option<Duration>,
    sender: Option<Ipv4Addr>,
}

impl Reader {
    /// Reads a line; gives back the reply once it is clear.
    fn read(&mut self, line: &str) -> Option<Reply> {
        let first = line.split_whitespace().next()?;
        if !line.starts_with(char::is_whitespace) {
            let (secs, micros) = first.split_once('.')?;
            let nanos = micros.parse::<u32>().ok()?.checked_mul(1_000)?;
            self.at = Some(Duration::new(secs.parse().ok()?, nanos));
        } else if line.contains("BOOTP/DHCP, Reply") {
            self.sender = first.rsplit_once('.').and_then(|(sender, _)| sender.parse().ok());
        } else if line.contains("DHCP-Message") {
            let kind = line.rsplit_once(": ")?.1.trim().to_owned();
            return Some(Reply { at: self.at?, sender: self.sender?, kind });
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::{Reader, Reply};
    use std::time::Duration;

    #[test]
    fn reply_is_read_from_what_tcpdump_writes() {
        let lines = [
            "1700000000.000250 IP (tos 0x0, ttl 64, id 0, offset 0, proto UDP (17), length 328)",
            "    10.0.0.2.67 > 10.0.0.100.68: BOOTP/DHCP, Reply, length 300, xid 0x1, Flags [none]",
            "\t  Your-IP 10.0.0.100",
            "\t  Vendor-rfc1048 Extensions",
            "\t    Magic Cookie 0x63825363",
            "\t    DHCP-Message (53), length 1: ACK",
        ];
        let mut reader = Reader::default();
        let read: Vec<Reply> = lines.iter().filter_map(|line| reader.read(line)).collect();
        let at = Duration::new(1_700_000_000, 250_000);
        assert_eq!(read, [Reply { at, sender: [10, 0, 0, 2].into(), kind: "ACK".into() }]);
    }
}
