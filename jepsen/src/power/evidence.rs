//! What is left of the nodes after something went wrong, put where it stays.

use crate::cluster::place::Place;
use std::path::{Path, PathBuf};

/// Prefix of the folder.
const FOLDER_PREFIX: &str = "regent-powercut-";
/// Takes up room and says nothing.
const RESERVE_FILE: &str = "reserve";

/// Copies what is left of the nodes, log lines and data, to a folder that stays.
///
/// # Errors
/// When there is no room for it.
pub fn keep(places: &[Place]) -> std::io::Result<PathBuf> {
    let kept = tempfile::Builder::new().prefix(FOLDER_PREFIX).tempdir()?.keep();
    for place in places {
        std::fs::copy(&place.log, kept.join(format!("{}.log", place.name)))?;
        copy_folder(&place.directory, &kept.join(&place.name))?;
    }
    Ok(kept)
}

fn copy_folder(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::create_dir(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else if entry.file_name() != RESERVE_FILE {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
