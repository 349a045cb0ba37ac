//! A data directory that is being prepared. Which store it will be is written down first, before any other node hears
//! of it: when power goes in between, the same command goes on where it was, and the group gives the same place again.

use crate::durable;
use crate::identity::{DataDir, IDENTITY_FILE, PREPARING_FILE};
use crate::log_store::amnesia::OpenError;
use crate::log_store::mark::StoreId;
use crate::log_store::store::{LOG_FOLDER, MARK_FILE, RESERVE_FILE};
use regent_core::codec;
use std::fs;
use std::io;
use std::path::Path;

/// Begins with an empty directory, or goes on with one whose preparation was interrupted.
///
/// # Errors
/// [`OpenError::Occupied`] if a node lives there already.
pub(crate) fn begin(data_dir: &DataDir) -> Result<StoreId, OpenError> {
    let directory = data_dir.path();
    match fs::read(directory.join(PREPARING_FILE)) {
        Ok(bytes) => {
            let damaged = |error| io::Error::new(io::ErrorKind::InvalidData, error);
            let store = codec::open(&bytes).map_err(damaged)?;
            if !directory.join(IDENTITY_FILE).try_exists()? {
                clear(directory)?;
            }
            Ok(store)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            for part in [IDENTITY_FILE, LOG_FOLDER, MARK_FILE] {
                if directory.join(part).try_exists()? {
                    return Err(OpenError::Occupied(directory.to_owned()));
                }
            }
            let store = StoreId::random();
            durable::replace(&directory.join(PREPARING_FILE), &codec::seal(&store))?;
            Ok(store)
        }
        Err(error) => Err(error.into()),
    }
}

/// The node has started: from now on its directory is taken.
///
/// # Errors
/// The disk refused.
pub(crate) fn finish(data_dir: &DataDir) -> io::Result<()> {
    let path = data_dir.path().join(PREPARING_FILE);
    if !path.try_exists()? {
        return Ok(());
    }
    fs::remove_file(&path)?;
    // Were it to come back after a power cut, a lost identity would no longer be noticed.
    durable::sync_folder_of(&path)
}

/// Without an identity nobody has ever acknowledged anything with this log.
fn clear(directory: &Path) -> io::Result<()> {
    absent(fs::remove_dir_all(directory.join(LOG_FOLDER)))?;
    absent(fs::remove_file(directory.join(MARK_FILE)))?;
    absent(fs::remove_file(directory.join(RESERVE_FILE)))
}

fn absent(removed: io::Result<()>) -> io::Result<()> {
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::{begin, finish};
    use crate::identity::{DataDir, IDENTITY_FILE};
    use crate::log_store::amnesia::OpenError;
    use crate::log_store::store::{LOG_FOLDER, MARK_FILE};
    use std::fs;

    #[test]
    fn interrupted_preparation_goes_on_as_the_same_store() {
        let dir = tempfile::tempdir().unwrap();
        let data = DataDir::lock(dir.path()).unwrap();
        let store = begin(&data).unwrap();
        fs::create_dir(dir.path().join(LOG_FOLDER)).unwrap();
        fs::write(dir.path().join(MARK_FILE), b"half").unwrap();
        assert_eq!(begin(&data).unwrap(), store);
        assert!(!dir.path().join(LOG_FOLDER).exists() && !dir.path().join(MARK_FILE).exists());
    }

    #[test]
    fn log_of_a_prepared_node_is_never_cleared() {
        let dir = tempfile::tempdir().unwrap();
        let data = DataDir::lock(dir.path()).unwrap();
        begin(&data).unwrap();
        fs::create_dir(dir.path().join(LOG_FOLDER)).unwrap();
        fs::write(dir.path().join(IDENTITY_FILE), b"somebody").unwrap();
        begin(&data).unwrap();
        assert!(dir.path().join(LOG_FOLDER).exists());
        finish(&data).unwrap();
        assert!(matches!(begin(&data), Err(OpenError::Occupied(_))));
    }
}
