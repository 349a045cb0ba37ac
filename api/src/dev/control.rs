//! What other terminals ask of the supervisor: one order a connection, a line of JSON each way, on a Unix socket.

use crate::cli::dev_record::DevRecord;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::io;
use std::path::Path;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::UnixStream;
use tokio::time::timeout;

/// Bytes of an order or a reply.
const LINE_BYTES_MAX: u64 = 64 << 10;
/// What the supervisor waits for an order once somebody is there.
const ORDER_MAX: Duration = Duration::from_secs(1);
/// What a client waits for the reply; stopping all nodes in order takes the longest.
const REPLY_MAX: Duration = Duration::from_secs(40);

/// What can be asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// How is everybody?
    Status,
    /// Kill a node or a rack agent with SIGKILL.
    Kill(String),
    /// SIGSTOP.
    Pause(String),
    /// SIGCONT.
    Resume(String),
    /// Start one that does not run.
    Start(String),
    /// Count from now on what the simulated clients meet.
    CountAnew,
    /// Stop everything. The reply comes when nothing is left.
    Stop,
}

/// What the supervisor answers: the cluster as it is now, or why not.
pub type Reply = Result<DevRecord, String>;

/// Gives an order to the supervisor behind `socket`.
///
/// # Errors
/// [`Failure`] if nobody listens, or the supervisor refuses.
pub async fn give(socket: &Path, order: &Order) -> Result<DevRecord, Failure> {
    let reply: io::Result<Reply> = async {
        let mut stream = UnixStream::connect(socket).await?;
        write_line(&mut stream, order).await?;
        let reply = timeout(REPLY_MAX, read_line(&mut stream)).await??;
        reply.ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }
    .await;
    let next = "`regent dev status` shows the nodes; `regent dev` starts a cluster";
    match reply {
        Ok(Ok(record)) => Ok(record),
        Ok(Err(why)) => {
            Err(Failure::refused(Exit::Conflict, "the dev cluster cannot do that", why, next))
        }
        Err(error) => Err(Failure::refused(
            Exit::Unavailable,
            "the dev cluster does not answer",
            format!("{}: {error}", socket.display()),
            next,
        )),
    }
}

/// Reads the order of a client; none from one that only wanted to see whether somebody is here.
///
/// # Errors
/// I/O, or an order that is none.
pub async fn receive(stream: &mut UnixStream) -> io::Result<Option<Order>> {
    timeout(ORDER_MAX, read_line(stream)).await?
}

/// Answers a client.
pub async fn answer(stream: &mut UnixStream, reply: &Reply) {
    // Whoever hung up does not want the answer.
    drop(timeout(ORDER_MAX, write_line(stream, reply)).await);
}

async fn read_line<T: DeserializeOwned>(stream: &mut UnixStream) -> io::Result<Option<T>> {
    let mut line = String::new();
    match BufReader::new(stream.take(LINE_BYTES_MAX)).read_line(&mut line).await? {
        0 => Ok(None),
        _ => Ok(Some(serde_json::from_str(&line)?)),
    }
}

async fn write_line<T: Serialize>(stream: &mut UnixStream, value: &T) -> io::Result<()> {
    let mut line = serde_json::to_vec(value)?;
    line.push(b'\n');
    stream.write_all(&line).await
}
