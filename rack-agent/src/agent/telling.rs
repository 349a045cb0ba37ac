//! A socket in the state directory, at which a running agent tells how it is: whoever connects says in a word what to know,
//! and gets one document. When there is time for it is [`askers`](crate::agent::askers)' affair.

use crate::agent::report::{Question, Report};
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{UnixListener, UnixStream};
use tokio::time::timeout;

/// The socket's name.
pub const SOCKET: &str = "agent.sock";
/// Whoever may read what the agent remembers may ask it, and nobody else.
const OWNER_ONLY: u32 = 0o600;
/// What an asker gets to ask, and to take the document.
const TELLING_MAX: Duration = Duration::from_secs(5);
/// What the agent gets to tell it.
const ASKING_MAX: Duration = Duration::from_secs(10);
/// No question is longer.
const QUESTION_BYTES_MAX: u64 = 16;

/// Somebody who has said what he wants to know.
#[derive(Debug)]
pub struct Asker {
    /// What.
    pub question: Question,
    socket: UnixStream,
}

/// Listens in a state directory that this process has locked: a socket that is there already is a leftover.
///
/// # Errors
/// The system refuses.
pub fn listen(state_dir: &Path) -> io::Result<UnixListener> {
    let path = path(state_dir);
    match std::fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let listener = UnixListener::bind(&path)?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(OWNER_ONLY))?;
    Ok(listener)
}

/// Reads what somebody wants to know; none if he does not say so in time.
pub async fn question(mut socket: UnixStream) -> Option<Asker> {
    let mut word = Vec::new();
    let mut limited = (&mut socket).take(QUESTION_BYTES_MAX);
    let read = timeout(TELLING_MAX, limited.read_to_end(&mut word)).await;
    let question =
        read.ok()?.ok().and_then(|_| Question::ALL.into_iter().find(|q| word == q.word()));
    if question.is_none() {
        tracing::debug!("an asker did not ask anything that is known");
    }
    Some(Asker { question: question?, socket })
}

/// Tells an asker how the agent is. Whoever does not take it in time does not get it.
pub async fn tell(mut asker: Asker, report: &Report) {
    let document = serde_json::to_vec(report).expect("a report is plain JSON");
    let told = timeout(TELLING_MAX, async {
        asker.socket.write_all(&document).await?;
        asker.socket.shutdown().await
    });
    if !matches!(told.await, Ok(Ok(()))) {
        tracing::debug!("an asker went before it had its answer");
    }
}

/// Asks the agent that runs on a state directory.
///
/// # Errors
/// There is none, or it says what makes no sense.
pub async fn ask(state_dir: &Path, question: Question) -> io::Result<Report> {
    let read = async {
        let mut socket = UnixStream::connect(path(state_dir)).await?;
        socket.write_all(question.word()).await?;
        socket.shutdown().await?;
        let mut document = Vec::new();
        socket.read_to_end(&mut document).await?;
        Ok(serde_json::from_slice(&document)?)
    };
    timeout(ASKING_MAX, read).await.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?
}

fn path(state_dir: &Path) -> PathBuf {
    state_dir.join(SOCKET)
}
