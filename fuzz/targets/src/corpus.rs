//! Inputs on disk: one folder a target, one file an input. Findings are kept apart until they are understood.

use anyhow::Context as _;
use std::path::{Path, PathBuf};
use std::{fs, io};

/// The committed inputs of a target: what once broke it, and what came from elsewhere.
#[must_use]
pub fn folder(target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name("corpus").join(target)
}

/// The inputs in a folder, by name, so that their order is the same everywhere. None if there is no such folder.
///
/// # Errors
/// When the folder or a file in it cannot be read.
pub fn inputs(folder: &Path) -> anyhow::Result<Vec<(PathBuf, Vec<u8>)>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.with_context(|| format!("{} cannot be listed", folder.display()))?,
    };
    let mut paths: Vec<PathBuf> =
        entries.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<_>>()?;
    paths.sort();
    let read = |path: PathBuf| {
        let bytes =
            fs::read(&path).with_context(|| format!("{} cannot be read", path.display()))?;
        Ok((path, bytes))
    };
    paths.into_iter().map(read).collect()
}

/// Writes an input under a name of its content.
///
/// # Errors
/// When it cannot be written.
pub fn keep(folder: &Path, input: &[u8]) -> anyhow::Result<PathBuf> {
    fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    let path = folder.join(format!("{:08x}-{}", crc32fast::hash(input), input.len()));
    fs::write(&path, input).with_context(|| format!("{} cannot be written", path.display()))?;
    Ok(path)
}
