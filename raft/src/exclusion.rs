//! Why a node may never take part again under its number, kept in its data directory so that a restart knows it too.
//!
//! Nothing is deleted: what the node held stays for whoever wants to look at it.

use crate::durable;
use serde::{Deserialize, Serialize};
use std::io;
use std::path::Path;

/// File of the exclusion in a data directory.
const EXCLUSION_FILE: &str = "excluded.json";

/// Why a node is out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Exclusion {
    /// It was removed from its region.
    #[error(
        "this node was removed from its region; to use the host again, wipe the data directory and \
         run `regent join`"
    )]
    Removed,
    /// Its state differed from the majority's.
    #[error(
        "this node's state differed from the majority's; keep the data directory for the report, \
         remove the node with `regent node remove`, and join again with an empty directory"
    )]
    Diverged,
}

impl Exclusion {
    /// What the directory says.
    ///
    /// # Errors
    /// When the file is there and cannot be read: it may say that the node is out.
    pub fn read(directory: &Path) -> io::Result<Option<Self>> {
        match std::fs::read(directory.join(EXCLUSION_FILE)) {
            Ok(text) => Ok(Some(serde_json::from_slice(&text)?)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Writes it down, durably.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn write(self, directory: &Path) -> io::Result<()> {
        durable::replace(&directory.join(EXCLUSION_FILE), &serde_json::to_vec(&self)?)
    }
}

#[cfg(test)]
mod tests {
    use super::Exclusion;

    #[test]
    fn exclusion_is_remembered_and_its_damage_noticed() {
        let directory = tempfile::tempdir().unwrap();
        assert_eq!(Exclusion::read(directory.path()).unwrap(), None);
        Exclusion::Removed.write(directory.path()).unwrap();
        assert_eq!(Exclusion::read(directory.path()).unwrap(), Some(Exclusion::Removed));
        std::fs::write(directory.path().join("excluded.json"), "\"rem").unwrap();
        assert!(Exclusion::read(directory.path()).is_err());
    }
}
