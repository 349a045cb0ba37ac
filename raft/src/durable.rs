//! Files that are there whole or not at all, also after a power cut. The log does not write this way: see `log_store`.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

/// Ending of a file that is still being written.
pub const TEMPORARY: &str = "tmp";

/// Puts `content` in the place of the file that was at `path`, for good.
///
/// # Errors
/// The disk refused; then the old file stands.
pub fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let temporary = path.with_added_extension(TEMPORARY);
    let mut file = File::create(&temporary)?;
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

/// Makes it last that something was made, renamed or removed at `path`.
///
/// # Errors
/// The disk refused.
pub fn sync_folder_of(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::replace;

    #[test]
    fn replaced_file_has_the_new_content_and_nothing_is_left_over() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("note.json");
        for content in [&b"first"[..], b"second"] {
            replace(&path, content).unwrap();
            assert_eq!(std::fs::read(&path).unwrap(), content);
        }
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1);
    }
}
