//! Files that are there whole or not at all, also after a power cut. The database writes by itself.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

/// Ending of a file that is still being written.
pub const TEMPORARY: &str = "tmp";
/// Nobody else reads what an agent remembers.
const OWNER_ONLY: u32 = 0o600;

/// Puts `content` in the place of the file that was at `path`, for good, readable by its owner only.
///
/// # Errors
/// The disk refused; then the old file stands.
pub fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let temporary = path.with_added_extension(TEMPORARY);
    // One that was left behind may have another mode.
    remove_if_there(&temporary)?;
    let mut file =
        OpenOptions::new().write(true).create_new(true).mode(OWNER_ONLY).open(&temporary)?;
    file.write_all(content)?;
    file.sync_all()?;
    rename(&temporary, path)
}

/// Renames a file that is synced, for good. Both names are in one folder.
///
/// # Errors
/// The disk refused.
pub fn rename(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to)?;
    sync_folder_of(to)
}

/// Removes a file, or finds that there is none.
///
/// # Errors
/// It is there and stays.
pub fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Makes it last that something was made, renamed or removed at `path`.
///
/// # Errors
/// The disk refused.
pub fn sync_folder_of(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}
