//! Who this data directory is: the identity file `node.json`, and the lock that keeps a second process out.
//!
//! The identity is written last when a directory is prepared, so that a directory with a log but without identity is
//! never a healthy one. It lives outside sled, so that a wiped log is noticed. What is in the log is `log_store`'s.

use crate::durable;
use crate::log_store::amnesia::{Amnesia, OpenError};
use crate::log_store::mark::StoreId;
use crate::log_store::store::{LOG_FOLDER, MARK_FILE};
use crate::runtime::chance::random;
use crate::type_config::NodeId;
use serde::{Deserialize, Serialize};
use std::fs::{self, File, OpenOptions, Permissions, TryLockError};
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

/// File of the identity in a data directory.
pub const IDENTITY_FILE: &str = "node.json";
/// File whose lock says that a process works here.
pub const LOCK_FILE: &str = "lock";
/// File that is there until the node has started for the first time; it holds the store's identity.
pub const PREPARING_FILE: &str = "preparing";
/// Mode of a data directory, and the bits of it that are others'.
const OWNER_ONLY: u32 = 0o700;
const OTHERS: u32 = 0o077;
/// Version of the identity file.
pub const IDENTITY_FORMAT: u32 = 1;

/// What a node is for ever, or until it is wiped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    /// Version of this file.
    pub format: u32,
    /// The cluster it belongs to.
    pub cluster_id: String,
    /// The cluster's epoch: it rises when a backup is restored (DESIGN D22).
    pub epoch: u64,
    /// Its number in the cluster, never used by another.
    pub node_id: NodeId,
    /// Its name, given by the operator.
    pub name: String,
    /// The data directory itself, made at random; another one under the same node id is an impostor.
    #[serde(with = "hex")]
    pub store: StoreId,
}

/// The file: an identity and the CRC-32 of its compact JSON.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sealed {
    identity: Identity,
    checksum: String,
}

/// A data directory that this process alone works in.
#[derive(Debug)]
pub struct DataDir {
    path: PathBuf,
    /// Held locked; the system unlocks it when the process ends, however it ends.
    _lock: File,
}

impl StoreId {
    /// A new identity for a data directory.
    #[must_use]
    pub fn random() -> Self {
        Self(random())
    }
}

impl DataDir {
    /// Takes the directory `path`, which must exist, for this process. From then on no other user can read it: the state
    /// holds passwords of BMCs and keys of users.
    ///
    /// # Errors
    /// [`OpenError::InUse`] if another process has it.
    pub fn lock(path: &Path) -> Result<Self, OpenError> {
        keep_others_out(path)?;
        let options = OpenOptions::new().write(true).create(true).truncate(false).clone();
        let lock = options.open(path.join(LOCK_FILE))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(OpenError::InUse(path.to_owned())),
            Err(TryLockError::Error(error)) => Err(error.into()),
        }
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes the identity, for good: the last step of preparing a directory.
    ///
    /// # Errors
    /// [`OpenError::Occupied`] if there is one, [`OpenError::Io`] if the disk refused.
    pub fn write_identity(&self, identity: &Identity) -> Result<(), OpenError> {
        if self.path.join(IDENTITY_FILE).try_exists()? {
            return Err(OpenError::Occupied(self.path.clone()));
        }
        self.replace_identity(identity)
    }

    fn holds_log(&self) -> io::Result<bool> {
        Ok(self.path.join(LOG_FOLDER).try_exists()? || self.path.join(MARK_FILE).try_exists()?)
    }

    /// Replaces the identity after a restore that raised the epoch.
    ///
    /// # Errors
    /// The disk refused; then the old one stands.
    pub fn replace_identity(&self, identity: &Identity) -> Result<(), OpenError> {
        let sealed = Sealed { identity: identity.clone(), checksum: checksum(identity)? };
        let mut text = serde_json::to_vec_pretty(&sealed).map_err(io::Error::from)?;
        text.push(b'\n');
        durable::replace(&self.path.join(IDENTITY_FILE), &text)?;
        Ok(())
    }

    /// Reads the identity of a directory that has been prepared.
    ///
    /// # Errors
    /// [`OpenError::Empty`] if nothing is here, [`OpenError::Unfinished`] if its preparation was broken off,
    /// [`OpenError::Amnesia`] if only one of identity and log is there, or the identity is damaged.
    pub fn identity(&self) -> Result<Identity, OpenError> {
        let text = match fs::read(self.path.join(IDENTITY_FILE)) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(self.without_identity()?);
            }
            Err(error) => return Err(error.into()),
        };
        let identity = parse(&text).map_err(Amnesia::IdentityDamaged)?;
        if !self.path.join(LOG_FOLDER).try_exists()? {
            return Err(Amnesia::LogMissing.into());
        }
        Ok(identity)
    }

    fn without_identity(&self) -> io::Result<OpenError> {
        Ok(if self.path.join(PREPARING_FILE).try_exists()? {
            OpenError::Unfinished(self.path.clone())
        } else if self.holds_log()? {
            Amnesia::IdentityMissing.into()
        } else {
            OpenError::Empty(self.path.clone())
        })
    }
}

fn parse(text: &[u8]) -> Result<Identity, String> {
    let sealed: Sealed = serde_json::from_slice(text).map_err(|error| error.to_string())?;
    let computed = checksum(&sealed.identity).map_err(|error| error.to_string())?;
    if computed != sealed.checksum {
        return Err(format!("checksum is {}, content has {computed}", sealed.checksum));
    }
    if sealed.identity.format != IDENTITY_FORMAT {
        return Err(format!("format {} is unknown", sealed.identity.format));
    }
    Ok(sealed.identity)
}

/// A directory of somebody else who lets us write there, as some container volumes are, is used as it is.
fn keep_others_out(directory: &Path) -> io::Result<()> {
    if fs::metadata(directory)?.permissions().mode() & OTHERS == 0 {
        return Ok(());
    }
    match fs::set_permissions(directory, Permissions::from_mode(OWNER_ONLY)) {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            let directory = directory.display();
            tracing::warn!(%error, %directory, "other users may read this node's data");
            Ok(())
        }
        done => done,
    }
}

fn checksum(identity: &Identity) -> io::Result<String> {
    Ok(format!("{:08x}", crc32fast::hash(&serde_json::to_vec(identity)?)))
}

/// A store id as 32 hexadecimal digits, since JSON has no numbers of 128 bits.
mod hex {
    use crate::log_store::mark::StoreId;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(store: &StoreId, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(store)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<StoreId, D::Error> {
        let text = String::deserialize(from)?;
        u128::from_str_radix(&text, 16).map(StoreId).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::{DataDir, IDENTITY_FILE, IDENTITY_FORMAT, Identity, LOG_FOLDER, PREPARING_FILE};
    use crate::log_store::amnesia::{Amnesia, OpenError};
    use crate::log_store::mark::StoreId;
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    fn identity() -> Identity {
        Identity {
            format: IDENTITY_FORMAT,
            cluster_id: "c0ffee".into(),
            epoch: 1,
            node_id: 2,
            name: "north".into(),
            store: StoreId(0xFEED),
        }
    }

    #[test]
    fn identity_is_read_back() {
        let dir = tempfile::tempdir().unwrap();
        let data = DataDir::lock(dir.path()).unwrap();
        fs::create_dir(dir.path().join(LOG_FOLDER)).unwrap();
        data.write_identity(&identity()).unwrap();
        assert_eq!(data.identity().unwrap(), identity());
    }

    #[test]
    fn identity_is_never_written_twice() {
        let dir = tempfile::tempdir().unwrap();
        let data = DataDir::lock(dir.path()).unwrap();
        data.write_identity(&identity()).unwrap();
        let again = data.write_identity(&identity());
        assert!(matches!(again, Err(OpenError::Occupied(_))));
    }

    #[test]
    fn second_lock_on_a_directory_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let _held = DataDir::lock(dir.path()).unwrap();
        assert!(matches!(DataDir::lock(dir.path()), Err(OpenError::InUse(_))));
    }

    #[test]
    fn other_users_cannot_look_into_a_directory_that_was_taken() {
        let dir = tempfile::tempdir().unwrap();
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let _data = DataDir::lock(dir.path()).unwrap();
        assert_eq!(fs::metadata(dir.path()).unwrap().permissions().mode() & 0o777, 0o700);
    }

    #[test]
    fn empty_directory_is_not_amnesia() {
        let dir = tempfile::tempdir().unwrap();
        let data = DataDir::lock(dir.path()).unwrap();
        assert!(matches!(data.identity(), Err(OpenError::Empty(_))));
    }

    #[test]
    fn log_without_identity_is_amnesia() {
        let dir = tempfile::tempdir().unwrap();
        let data = DataDir::lock(dir.path()).unwrap();
        fs::create_dir(dir.path().join(LOG_FOLDER)).unwrap();
        let found = data.identity();
        assert!(matches!(found, Err(OpenError::Amnesia { reason: Amnesia::IdentityMissing })));
    }

    #[test]
    fn log_without_identity_in_a_directory_that_is_being_prepared_is_no_amnesia() {
        let dir = tempfile::tempdir().unwrap();
        let data = DataDir::lock(dir.path()).unwrap();
        fs::create_dir(dir.path().join(LOG_FOLDER)).unwrap();
        fs::write(dir.path().join(PREPARING_FILE), "").unwrap();
        assert!(matches!(data.identity(), Err(OpenError::Unfinished(_))));
    }

    #[test]
    fn identity_without_log_is_amnesia() {
        let dir = tempfile::tempdir().unwrap();
        let data = DataDir::lock(dir.path()).unwrap();
        data.write_identity(&identity()).unwrap();
        let found = data.identity();
        assert!(matches!(found, Err(OpenError::Amnesia { reason: Amnesia::LogMissing })));
    }

    #[test]
    fn every_flipped_bit_of_the_identity_is_amnesia_or_harmless() {
        let dir = tempfile::tempdir().unwrap();
        let data = DataDir::lock(dir.path()).unwrap();
        fs::create_dir(dir.path().join(LOG_FOLDER)).unwrap();
        data.write_identity(&identity()).unwrap();
        let path = dir.path().join(IDENTITY_FILE);
        let text = fs::read(&path).unwrap();
        let mut noticed = 0;
        for bit in 0..text.len() * 8 {
            let mut damaged = text.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            fs::write(&path, damaged).unwrap();
            match data.identity() {
                // White space and the case of a hexadecimal digit do not matter.
                Ok(read) => assert_eq!(read, identity(), "bit {bit}"),
                Err(OpenError::Amnesia { reason: Amnesia::IdentityDamaged(_) }) => noticed += 1,
                Err(other) => panic!("bit {bit}: {other}"),
            }
        }
        assert!(noticed > text.len() * 6, "{noticed} of {} bits", text.len() * 8);
    }
}
