//! What a run leaves in its folder, beside the history: `verdict.json` and `timeline.html`. And finding such folders.

use crate::report::Report;
use crate::timeline::page::page;
use crate::timeline::picture::Picture;
use regent_check::history::reader::History;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// What the judges said.
pub const VERDICT: &str = "verdict.json";
/// The picture.
pub const TIMELINE: &str = "timeline.html";
/// What clients saw.
pub const HISTORY: &str = "history.jsonl";
/// What was to be done.
pub const PLAN: &str = "plan.json";
/// Folders in folders that are looked into for runs.
const DEPTH_MAX: u32 = 6;

/// A folder that cannot be read as what a run left.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// A file or folder cannot be read.
    #[error("{0} cannot be read")]
    Io(PathBuf, #[source] io::Error),
    /// A verdict is none.
    #[error("{0} is not a verdict")]
    NoVerdict(PathBuf, #[source] serde_json::Error),
}

/// Leaves verdict and picture in the folder of a run.
///
/// # Errors
/// If a file cannot be written.
pub fn leave(folder: &Path, history: &History, report: &Report) -> io::Result<()> {
    leave_verdict(folder, report)?;
    fs::write(folder.join(TIMELINE), page(report, &Picture::of(history, report)))
}

/// Leaves the verdict alone, as of runs nobody will look at.
///
/// # Errors
/// If the file cannot be written.
pub fn leave_verdict(folder: &Path, report: &Report) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let mut text = serde_json::to_vec_pretty(report)?;
    text.push(b'\n');
    fs::write(folder.join(VERDICT), text)
}

/// The verdict in a folder.
///
/// # Errors
/// If there is none.
pub fn verdict(folder: &Path) -> Result<Report, FolderError> {
    let file = folder.join(VERDICT);
    let text = fs::read(&file).map_err(|error| FolderError::Io(file.clone(), error))?;
    serde_json::from_slice(&text).map_err(|error| FolderError::NoVerdict(file, error))
}

/// All runs in some folders and in the folders in them, in the order of their names.
///
/// # Errors
/// The first folder or verdict that cannot be read.
pub fn runs(folders: &[PathBuf]) -> Result<Vec<(PathBuf, Report)>, FolderError> {
    let mut found = Vec::new();
    for folder in folders {
        collect(folder, DEPTH_MAX, &mut found)?;
    }
    found.into_iter().map(|folder| Ok((folder.clone(), verdict(&folder)?))).collect()
}

fn collect(folder: &Path, depth: u32, found: &mut Vec<PathBuf>) -> Result<(), FolderError> {
    let failed = |error| FolderError::Io(folder.to_owned(), error);
    if folder.join(VERDICT).is_file() {
        found.push(folder.to_owned());
    }
    if depth == 0 {
        return Ok(());
    }
    let mut inside = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        if entry.file_type().map_err(failed)?.is_dir() {
            inside.push(entry.path());
        }
    }
    inside.sort();
    inside.iter().try_for_each(|inside| collect(inside, depth - 1, found))
}
