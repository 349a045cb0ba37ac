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

/// How the file of an arriving snapshot begins and ends; between the two it says which.
const ARRIVING_PREFIX: &str = "incoming-";
const ARRIVING_SUFFIX: &str = ".partial";
/// Pause between two looks at the events: they wait for us, but the snapshot does not.
const LOOK_PAUSE: Duration = Duration::from_micros(100);
/// Room for the events of one look.
const EVENT_BYTES: usize = 4096;

/// A watch on the folder of a node's snapshots.
#[derive(Clone)]
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
        inotify::add_watch(&events, folder, WatchFlags::MODIFY)?;
        Ok(Self { folder: folder.to_owned(), events: Arc::new(events) })
    }

    /// Waits until the first bytes of a snapshot are there; whether they came in time.
    ///
    /// # Errors
    /// When the system tells no more events.
    pub async fn began(&self, patience: Duration) -> io::Result<bool> {
        let (watch, until) = (self.clone(), Instant::now() + patience);
        spawn_blocking(move || watch.begins_before(until)).await?
    }

    /// The part of a snapshot that lies there, if one does and not the whole.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn under_way(&self) -> io::Result<Option<HeldPart>> {
        for entry in std::fs::read_dir(&self.folder)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let snapshot = name.strip_suffix(ARRIVING_SUFFIX);
            if let Some(snapshot) = snapshot.and_then(|name| name.strip_prefix(ARRIVING_PREFIX)) {
                let bytes = entry.metadata()?.len();
                return Ok(Some(HeldPart { snapshot: snapshot.to_owned(), bytes }));
            }
        }
        Ok(None)
    }

    #[expect(clippy::disallowed_methods, reason = "a pause between looks, under a deadline")]
    fn begins_before(&self, until: Instant) -> io::Result<bool> {
        while !self.has_begun()? {
            if Instant::now() >= until {
                return Ok(false);
            }
            std::thread::sleep(LOOK_PAUSE);
        }
        Ok(true)
    }

    /// Looks through all events that have happened since the last look.
    fn has_begun(&self) -> io::Result<bool> {
        let mut room = [MaybeUninit::uninit(); EVENT_BYTES];
        let mut events = Reader::new(&self.events, &mut room);
        loop {
            match events.next() {
                Ok(event) => {
                    let name = event.file_name().map(|name| name.to_string_lossy());
                    let arriving = name.filter(|name| name.ends_with(ARRIVING_SUFFIX));
                    if arriving.is_some_and(|name| self.holds_something(&name)) {
                        return Ok(true);
                    }
                }
                Err(Errno::AGAIN) => return Ok(false),
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Whether there are bytes in a file. One that has its final name by now was whole.
    fn holds_something(&self, name: &str) -> bool {
        std::fs::metadata(self.folder.join(name)).map_or(true, |file| file.len() > 0)
    }
}

/// The part of a snapshot that has arrived at a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldPart {
    /// Which one.
    pub snapshot: String,
    /// So many bytes of it.
    pub bytes: u64,
}

#[cfg(test)]
mod tests {
    use super::{Arrival, HeldPart};
    use std::fs::File;
    use std::time::Duration;

    const LONG: Duration = Duration::from_secs(10);
    const SHORT: Duration = Duration::from_millis(20);

    #[tokio::test]
    async fn first_bytes_of_a_snapshot_are_seen_and_what_lay_there_before_is_not() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("incoming-1.partial"), "left by an earlier one").unwrap();
        let arrival = Arrival::watch(folder.path()).unwrap();
        std::fs::write(folder.path().join("other"), "bytes").unwrap();
        File::create(folder.path().join("incoming-2.partial")).unwrap().set_len(0).unwrap();
        assert!(!arrival.began(SHORT).await.unwrap());
        std::fs::write(folder.path().join("incoming-2.partial"), "bytes").unwrap();
        assert!(arrival.began(LONG).await.unwrap());
        std::fs::remove_file(folder.path().join("incoming-1.partial")).unwrap();
        let held = HeldPart { snapshot: "2".into(), bytes: 5 };
        assert_eq!(arrival.under_way().unwrap(), Some(held));
    }
}
