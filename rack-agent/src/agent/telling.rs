//! A socket in the state directory, at which a running agent tells how it is: one document to whoever connects.

use crate::agent::report::Report;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::io::AsyncWriteExt as _;
use tokio::net::{UnixListener, UnixStream};
use tokio::time::timeout;

const SOCKET: &str = "agent.sock";
/// Whoever may read what the agent remembers may ask it, and nobody else.
const OWNER_ONLY: u32 = 0o600;
/// What an asker gets to take the document.
const TELLING_MAX: Duration = Duration::from_secs(5);
/// What the agent gets to tell it.
const ASKING_MAX: Duration = Duration::from_secs(10);

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

/// Tells an asker how the agent is. Whoever does not take it in time does not get it.
pub async fn tell(mut asker: UnixStream, report: Report) {
    let document = serde_json::to_vec(&report).expect("a report is plain JSON");
    let told = timeout(TELLING_MAX, async {
        asker.write_all(&document).await?;
        asker.shutdown().await
    });
    if !matches!(told.await, Ok(Ok(()))) {
        tracing::debug!("an asker went before it had its answer");
    }
}

/// Asks the agent that runs on a state directory how it is.
///
/// # Errors
/// There is none, or it says what makes no sense.
pub async fn ask(state_dir: &Path) -> io::Result<Report> {
    let read = async {
        let mut socket = UnixStream::connect(path(state_dir)).await?;
        let mut document = Vec::new();
        tokio::io::AsyncReadExt::read_to_end(&mut socket, &mut document).await?;
        Ok(serde_json::from_slice(&document)?)
    };
    timeout(ASKING_MAX, read).await.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?
}

fn path(state_dir: &Path) -> PathBuf {
    state_dir.join(SOCKET)
}
