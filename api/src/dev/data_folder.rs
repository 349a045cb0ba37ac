//! Temporary data folders of dev clusters: made, removed, and cleaned up after supervisors that could not.

use crate::cli::dev_record::DevFolder;
use crate::cli::output::tell;
use std::fs::Permissions;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use tempfile::TempDir;
use tokio::net::UnixStream;

/// Prefix of their names; nothing else is ever deleted.
const PREFIX: &str = "regent-dev-";
/// Permissions: their owner's alone.
const MODE: u32 = 0o700;

/// A new one.
///
/// # Errors
/// I/O.
pub fn temporary() -> io::Result<TempDir> {
    let permissions = Permissions::from_mode(MODE);
    tempfile::Builder::new().prefix(PREFIX).permissions(permissions).tempdir()
}

/// Removes what supervisors left behind that were killed themselves; their nodes died with them.
pub async fn remove_leftovers(folder: &DevFolder) {
    for record in folder.records() {
        if UnixStream::connect(folder.socket(record.base_port)).await.is_ok() {
            continue;
        }
        tell(&format!("removing what a killed `regent dev` left in {}", record.data_dir.display()));
        folder.remove(record.base_port);
        if record.data_is_temporary
            && let Err(error) = remove(&record.data_dir)
        {
            tell(&format!("it could not be removed: {error}"));
        }
    }
    drop(folder.create());
}

/// Removes a temporary data folder.
///
/// # Errors
/// I/O, and for a folder that does not look like one of ours.
pub fn remove(data_dir: &Path) -> io::Result<()> {
    let name = data_dir.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    if !name.starts_with(PREFIX) {
        return Err(io::Error::other(format!("{} is not one of ours", data_dir.display())));
    }
    std::fs::remove_dir_all(data_dir)
}

#[cfg(test)]
mod tests {
    use super::{remove, temporary};

    #[test]
    fn only_folders_with_our_name_are_removed() {
        let ours = temporary().unwrap().keep();
        remove(&ours).unwrap();
        assert!(!ours.exists());
        let other = tempfile::tempdir().unwrap();
        assert!(remove(other.path()).is_err());
        assert!(other.path().exists());
    }
}
