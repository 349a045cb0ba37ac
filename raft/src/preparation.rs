//! A data directory that is being prepared. Which store it will be, and what for, is written down first, before any other
//! node hears of it: when power goes in between, the same command goes on where it was, and the group gives the same place
//! again. Another command is refused: what the first one came to may be half there, here or in a region.

use crate::durable;
use crate::identity::{DataDir, IDENTITY_FILE, PREPARING_FILE};
use crate::log_store::amnesia::OpenError;
use crate::log_store::mark::StoreId;
use crate::log_store::store::{LOG_FOLDER, MARK_FILE, RESERVE_FILE};
use regent_core::codec;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::fs;
use std::io;
use std::path::Path;

/// What a directory is prepared for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Intent {
    /// By which way its node comes into a region.
    pub(crate) way: Way,
    /// The name it is to have.
    pub(crate) name: String,
}

/// How a node comes into a region.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Way {
    /// It makes one.
    Found,
    /// It is given a place in one.
    Join,
}

impl fmt::Display for Intent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { way, name } = self;
        match way {
            Way::Found => write!(f, "by `regent init` as {name}"),
            Way::Join => write!(f, "by `regent join` as {name}"),
        }
    }
}

/// What stands in the file.
#[derive(Serialize, Deserialize)]
struct Begun {
    store: StoreId,
    intent: Intent,
}

/// Begins with an empty directory, or goes on with one whose preparation was interrupted.
///
/// # Errors
/// [`OpenError::Occupied`] if a node lives there already, [`OpenError::OtherIntent`] if something else was begun.
pub(crate) fn begin(data_dir: &DataDir, intent: Intent) -> Result<StoreId, OpenError> {
    let directory = data_dir.path();
    match fs::read(directory.join(PREPARING_FILE)) {
        Ok(bytes) => {
            let damaged = |error| io::Error::new(io::ErrorKind::InvalidData, error);
            let begun: Begun = codec::open(&bytes).map_err(damaged)?;
            if begun.intent != intent {
                let (directory, intent) = (directory.to_owned(), begun.intent.to_string());
                return Err(OpenError::OtherIntent { directory, intent });
            }
            if !directory.join(IDENTITY_FILE).try_exists()? {
                clear(directory)?;
            }
            Ok(begun.store)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            for part in [IDENTITY_FILE, LOG_FOLDER, MARK_FILE] {
                if directory.join(part).try_exists()? {
                    return Err(OpenError::Occupied(directory.to_owned()));
                }
            }
            let begun = Begun { store: StoreId::random(), intent };
            durable::replace(&directory.join(PREPARING_FILE), &codec::seal(&begun))?;
            Ok(begun.store)
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
    use super::{Intent, Way, begin, finish};
    use crate::identity::{DataDir, IDENTITY_FILE};
    use crate::log_store::amnesia::OpenError;
    use crate::log_store::store::{LOG_FOLDER, MARK_FILE};
    use std::fs;

    fn intent(way: Way, name: &str) -> Intent {
        Intent { way, name: name.into() }
    }

    fn founding() -> Intent {
        intent(Way::Found, "north")
    }

    #[test]
    fn another_command_or_name_is_refused_with_what_was_begun() {
        for begun in [Way::Found, Way::Join] {
            let dir = tempfile::tempdir().unwrap();
            let data = DataDir::lock(dir.path()).unwrap();
            let store = begin(&data, intent(begun, "north")).unwrap();
            for (way, name) in [(Way::Found, "north"), (Way::Join, "north"), (begun, "south")] {
                let again = begin(&data, intent(way, name));
                match again {
                    Ok(again) => assert_eq!((way, name, again), (begun, "north", store)),
                    Err(OpenError::OtherIntent { intent: told, .. }) => {
                        assert_ne!((way, name), (begun, "north"));
                        assert_eq!(told, intent(begun, "north").to_string());
                    }
                    Err(error) => panic!("{error}"),
                }
            }
        }
    }

    #[test]
    fn interrupted_preparation_goes_on_as_the_same_store() {
        let dir = tempfile::tempdir().unwrap();
        let data = DataDir::lock(dir.path()).unwrap();
        let store = begin(&data, founding()).unwrap();
        fs::create_dir(dir.path().join(LOG_FOLDER)).unwrap();
        fs::write(dir.path().join(MARK_FILE), b"half").unwrap();
        assert_eq!(begin(&data, founding()).unwrap(), store);
        assert!(!dir.path().join(LOG_FOLDER).exists() && !dir.path().join(MARK_FILE).exists());
    }

    #[test]
    fn log_of_a_prepared_node_is_never_cleared() {
        let dir = tempfile::tempdir().unwrap();
        let data = DataDir::lock(dir.path()).unwrap();
        begin(&data, founding()).unwrap();
        fs::create_dir(dir.path().join(LOG_FOLDER)).unwrap();
        fs::write(dir.path().join(IDENTITY_FILE), b"somebody").unwrap();
        begin(&data, founding()).unwrap();
        assert!(dir.path().join(LOG_FOLDER).exists());
        finish(&data).unwrap();
        assert!(matches!(begin(&data, founding()), Err(OpenError::Occupied(_))));
    }
}
