//! The folder of snapshots: the last two, the newest good one at start, leftovers removed.

use crate::durable;
use crate::runtime::elapsed;
use crate::state_machine::snapshot_error::SnapshotFileError;
use crate::state_machine::snapshot_file::{self, SnapshotFile};
use crate::type_config::SnapshotMeta;
use regent_core::state::State;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Snapshots kept: the newest, and one before it in case the newest is damaged.
const SNAPSHOTS_KEPT: usize = 2;

/// Ending of a snapshot that is whole.
const SNAPSHOT: &str = "snapshot";
/// Ending of a snapshot that was found damaged. It stays until a good one covers what it held: whoever wants to can look
/// at it, or bring it back if the disk was wrong about it.
const DAMAGED: &str = "damaged";
/// Ending of a snapshot that arrived whole and is not installed yet.
pub const RECEIVED: &str = "received";
/// What no start has a use for. A transfer that was interrupted is not among it: it goes on where it ended.
const LEFT_OVER: [&str; 2] = [durable::TEMPORARY, RECEIVED];

/// A snapshot on disk and what it covers; by default none, which covers nothing.
#[derive(Clone, Debug, Default)]
pub struct KeptSnapshot {
    /// Its last entry and membership.
    pub meta: SnapshotMeta,
    /// Its file.
    pub file: SnapshotFile,
}

/// The folder of snapshots.
#[derive(Clone, Debug)]
pub struct SnapshotStore {
    directory: PathBuf,
    figures: Arc<Mutex<SnapshotFigures>>,
}

/// What was done with snapshots since the folder was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SnapshotFigures {
    /// Snapshots made here.
    pub built: u64,
    /// Snapshots that came from another node.
    pub installed: u64,
    /// Bytes of the newest one, which may be older than this.
    pub newest_bytes: u64,
    /// What making the last one took.
    pub last_built_in: Option<Duration>,
    /// When the last one was made or installed. Monotonic.
    pub last_at: Option<Instant>,
}

/// What was found at start.
#[derive(Debug)]
pub struct Recovered {
    /// The newest snapshot that is whole, and its state.
    pub newest: Option<(KeptSnapshot, State)>,
    /// Those that are not, and why.
    pub damaged: Vec<SnapshotFileError>,
}

impl SnapshotStore {
    /// Opens the folder, makes it if need be, and removes what a crash left half written or not yet installed.
    ///
    /// # Errors
    /// When the folder cannot be made or read.
    pub fn open(directory: PathBuf) -> io::Result<Self> {
        std::fs::create_dir_all(&directory)?;
        durable::sync_folder_of(&directory)?;
        for entry in std::fs::read_dir(&directory)? {
            let path = entry?.path();
            if path.extension().is_some_and(|ending| LEFT_OVER.iter().any(|left| ending == *left)) {
                std::fs::remove_file(path)?;
            }
        }
        Ok(Self { directory, figures: Arc::default() })
    }

    /// The folder.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// What was done since then.
    #[must_use]
    pub fn figures(&self) -> SnapshotFigures {
        *self.figures.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn count(&self, note: impl FnOnce(&mut SnapshotFigures)) {
        // Numbers only, so a panic elsewhere cannot leave them half written.
        note(&mut self.figures.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Finds the newest snapshot that is whole; those that are not are renamed.
    ///
    /// # Errors
    /// When the folder or a file cannot be read: that says nothing of what is in it, and in a minute it may be otherwise.
    pub fn recover(&self) -> io::Result<Recovered> {
        let mut damaged = Vec::new();
        for path in self.newest_first(SNAPSHOT)? {
            let held = snapshot_file::read(&path);
            match held.and_then(|held| Ok((held, snapshot_file::describe(&path)?))) {
                Ok(((meta, state), file)) => {
                    self.count(|figures| figures.newest_bytes = file.bytes);
                    return Ok(Recovered {
                        newest: Some((KeptSnapshot { meta, file }, state)),
                        damaged,
                    });
                }
                Err(SnapshotFileError::Io { path, source }) => {
                    let kind = source.kind();
                    return Err(io::Error::new(kind, SnapshotFileError::Io { path, source }));
                }
                Err(
                    error @ (SnapshotFileError::Damaged { .. }
                    | SnapshotFileError::Head { .. }
                    | SnapshotFileError::Records { .. }),
                ) => {
                    // Out of the way, or it would count as one of the two that are kept.
                    std::fs::rename(&path, path.with_extension(DAMAGED))?;
                    damaged.push(error);
                }
            }
        }
        Ok(Recovered { newest: None, damaged })
    }

    /// Writes a snapshot of `state`.
    ///
    /// # Errors
    /// [`SnapshotFileError`].
    pub fn write(
        &self,
        meta: SnapshotMeta,
        state: &State,
    ) -> Result<KeptSnapshot, SnapshotFileError> {
        let began = elapsed::now();
        let file = snapshot_file::write(&self.path_of(&meta), &meta, state)?;
        self.count(|figures| {
            figures.built += 1;
            figures.newest_bytes = file.bytes;
            figures.last_built_in = Some(elapsed::since(began));
            figures.last_at = Some(elapsed::now());
        });
        Ok(KeptSnapshot { meta, file })
    }

    /// Takes over the file that was received as the snapshot of `meta`; gives back the state in it.
    ///
    /// # Errors
    /// [`SnapshotFileError`] if it is not a whole snapshot.
    pub fn adopt(
        &self,
        meta: SnapshotMeta,
        received: SnapshotFile,
    ) -> Result<(KeptSnapshot, State), SnapshotFileError> {
        let state = match received.state {
            Some(state) => state,
            None => snapshot_file::read(&received.path)?.1,
        };
        let path = self.path_of(&meta);
        if path != received.path {
            let io_error = |source| SnapshotFileError::Io { path: path.clone(), source };
            durable::rename(&received.path, &path).map_err(io_error)?;
        }
        let file = SnapshotFile { path, state: None, ..received };
        self.count(|figures| {
            figures.installed += 1;
            figures.newest_bytes = file.bytes;
            figures.last_at = Some(elapsed::now());
        });
        Ok((KeptSnapshot { meta, file }, state))
    }

    /// Removes all but the newest two, and damaged ones that a good one covers. Tells the last index the older one covers:
    /// the log behind it may go.
    ///
    /// # Errors
    /// When the folder cannot be read or changed.
    pub fn prune(&self) -> io::Result<Option<u64>> {
        let snapshots = self.newest_first(SNAPSHOT)?;
        for path in snapshots.iter().skip(SNAPSHOTS_KEPT) {
            std::fs::remove_file(path)?;
        }
        let covered = snapshots.first().and_then(|newest| index_of(newest, SNAPSHOT));
        for path in self.newest_first(DAMAGED)? {
            if index_of(&path, DAMAGED) <= covered {
                std::fs::remove_file(path)?;
            }
        }
        Ok(snapshots.get(SNAPSHOTS_KEPT - 1).and_then(|path| index_of(path, SNAPSHOT)))
    }

    fn path_of(&self, meta: &SnapshotMeta) -> PathBuf {
        let index = meta.last_log_id.as_ref().map_or(0, |log_id| log_id.index);
        self.directory.join(format!("{index:020}.{SNAPSHOT}"))
    }

    fn newest_first(&self, ending: &str) -> io::Result<Vec<PathBuf>> {
        let mut paths = Vec::new();
        for entry in std::fs::read_dir(&self.directory)? {
            let path = entry?.path();
            if index_of(&path, ending).is_some() {
                paths.push(path);
            }
        }
        paths.sort_unstable();
        paths.reverse();
        Ok(paths)
    }
}

fn index_of(path: &Path, ending: &str) -> Option<u64> {
    let is_one = path.extension().is_some_and(|found| found == ending);
    path.file_stem().filter(|_| is_one)?.to_str()?.parse().ok()
}
