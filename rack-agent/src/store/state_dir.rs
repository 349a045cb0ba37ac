//! The state directory: whose it is, who is in it, and the file that says who the agent is.

use crate::remembered::Identity;
use crate::store::durable;
use crate::store::trouble::{Loss, Lost, StoreError, Unusable};
use regent_core::codec;
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

/// File of the identity.
pub const IDENTITY_FILE: &str = "identity";
/// File whose lock says that a process works here.
pub const LOCK_FILE: &str = "lock";
/// At most this many damaged files of one name are kept; then the last one gives way.
pub const DAMAGED_MAX: u32 = 9;
const DIRECTORY_MODE: u32 = 0o700;
const FILE_MODE: u32 = 0o600;
const OTHERS: u32 = 0o077;

/// A directory that this process alone works in.
#[derive(Debug)]
pub(crate) struct StateDir {
    path: PathBuf,
    /// Held locked; the system unlocks it when the process ends, however it ends.
    _lock: File,
}

impl StateDir {
    /// Takes the directory for this process, and makes it if it is not there. Others cannot look into it from then on.
    pub(crate) fn lock(path: &Path) -> Result<Self, StoreError> {
        let refused = |error| StoreError::Io(path.to_owned(), error);
        DirBuilder::new().recursive(true).mode(DIRECTORY_MODE).create(path).map_err(refused)?;
        durable::sync_folder_of(path).map_err(refused)?;
        keep_others_out(path).map_err(refused)?;
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false).mode(FILE_MODE);
        let lock = options.open(path.join(LOCK_FILE)).map_err(refused)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(StoreError::InUse(path.to_owned())),
            Err(TryLockError::Error(error)) => Err(refused(error)),
        }
    }

    /// Where a file of this name is, or would be.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Who the agent is; none before it enrolled, or when that is lost.
    pub(crate) fn identity(&self, losses: &mut Vec<Loss>) -> Result<Option<Identity>, StoreError> {
        let path = self.file(IDENTITY_FILE);
        let sealed = match fs::read(&path) {
            Ok(sealed) => sealed,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(StoreError::Io(path, error)),
        };
        match codec::open(&sealed).map_err(Unusable::from) {
            Ok(identity) => Ok(Some(identity)),
            Err(Unusable::Newer(found)) => Err(StoreError::Newer { path, found }),
            Err(Unusable::Damaged(why)) => {
                let kept = Some(self.put_aside(IDENTITY_FILE)?);
                losses.push(Loss { what: Lost::Identity, why, kept });
                Ok(None)
            }
        }
    }

    /// Writes who the agent is, for good.
    pub(crate) fn write_identity(&self, identity: &Identity) -> Result<(), StoreError> {
        let path = self.file(IDENTITY_FILE);
        durable::replace(&path, &codec::seal(identity)).map_err(|error| StoreError::Io(path, error))
    }

    /// The agent is nobody from now on, for good.
    pub(crate) fn remove_identity(&self) -> Result<(), StoreError> {
        let path = self.file(IDENTITY_FILE);
        let removed = durable::remove_if_there(&path).and_then(|()| durable::sync_folder_of(&path));
        removed.map_err(|error| StoreError::Io(path, error))
    }

    /// Renames a damaged file so that it is in nobody's way, and says to what.
    pub(crate) fn put_aside(&self, name: &str) -> Result<PathBuf, StoreError> {
        let from = self.file(name);
        let aside = |number| self.file(&format!("{name}.damaged-{number}"));
        let free = (1..=DAMAGED_MAX).map(aside).find(|path| !path.exists());
        let to = free.unwrap_or_else(|| aside(DAMAGED_MAX));
        match durable::rename(&from, &to) {
            Ok(()) => Ok(to),
            Err(error) => Err(StoreError::Io(from, error)),
        }
    }
}

/// A directory of somebody else who lets us write there, as some container volumes are, is used as it is.
fn keep_others_out(directory: &Path) -> io::Result<()> {
    if fs::metadata(directory)?.permissions().mode() & OTHERS == 0 {
        return Ok(());
    }
    match fs::set_permissions(directory, Permissions::from_mode(DIRECTORY_MODE)) {
        Err(error) if error.kind() != io::ErrorKind::PermissionDenied => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}
