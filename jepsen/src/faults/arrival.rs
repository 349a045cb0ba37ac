//! The moment at which a snapshot begins to arrive at a node. Looking at its folder now and then would miss it: small
//! snapshots arrive within milliseconds.

use rustix::fs::inotify::{self, CreateFlags, Reader, WatchFlags};
use rustix::io::Errno;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::spawn_blocking;

/// How the file of an arriving snapshot ends.
const ARRIVING_SUFFIX: &str = ".partial";
/// Pause between two looks at the events: they wait for us, but the snapshot does not.
const LOOK_PAUSE: Duration = Duration::from_micros(100);
/// Room for the events of one look.
const EVENT_BYTES: usize = 4096;

/// A watch on the folder of a node's snapshots.
pub struct Arrival {
    folder: PathBuf,
    events: Arc<OwnedFd>,
}

impl Arrival {
    /// Watches from now on.
    ///
    /// # Errors
    /// When the folder is not there, or the system allows no more watches.
    pub fn watch(folder: &Path) -> io::Result<Self> {
        let events = inotify::init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC)?;
        // Not its creation: then nothing of it has arrived.
        inotify::add_watch(&events, folder, WatchFlags::MODIFY)?;
        Ok(Self { folder: folder.to_owned(), events: Arc::new(events) })
    }

    /// Waits until the first bytes of a snapshot are there; whether they came in time.
    ///
    /// # Errors
    /// When the system tells no more events.
    pub async fn began(&self, patience: Duration) -> io::Result<bool> {
        let (events, until) = (Arc::clone(&self.events), Instant::now() + patience);
        spawn_blocking(move || begins_before(&events, until)).await?
    }

    /// Whether a part of a snapshot lies there, but not the whole.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn is_under_way(&self) -> io::Result<bool> {
        for entry in std::fs::read_dir(&self.folder)? {
            if entry?.file_name().to_string_lossy().ends_with(ARRIVING_SUFFIX) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

#[expect(clippy::disallowed_methods, reason = "a pause between looks, under a deadline")]
fn begins_before(events: &OwnedFd, until: Instant) -> io::Result<bool> {
    while !has_begun(events)? {
        if Instant::now() >= until {
            return Ok(false);
        }
        std::thread::sleep(LOOK_PAUSE);
    }
    Ok(true)
}

/// Looks through all events that have happened since the last look.
fn has_begun(events: &OwnedFd) -> io::Result<bool> {
    let mut room = [MaybeUninit::uninit(); EVENT_BYTES];
    let mut events = Reader::new(events, &mut room);
    loop {
        match events.next() {
            Ok(event) => {
                let name = event.file_name().map(|name| name.to_string_lossy());
                if name.is_some_and(|name| name.ends_with(ARRIVING_SUFFIX)) {
                    return Ok(true);
                }
            }
            Err(Errno::AGAIN) => return Ok(false),
            Err(error) => return Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Arrival;
    use std::time::Duration;

    const LONG: Duration = Duration::from_secs(10);
    const SHORT: Duration = Duration::from_millis(20);

    #[tokio::test]
    async fn first_bytes_of_a_snapshot_are_seen_and_what_lay_there_before_is_not() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("incoming-1.partial"), "left by an earlier one").unwrap();
        let arrival = Arrival::watch(folder.path()).unwrap();
        std::fs::write(folder.path().join("other"), "bytes").unwrap();
        assert!(!arrival.began(SHORT).await.unwrap());
        std::fs::write(folder.path().join("incoming-2.partial"), "bytes").unwrap();
        assert!(arrival.began(LONG).await.unwrap());
        assert!(arrival.is_under_way().unwrap());
    }
}
