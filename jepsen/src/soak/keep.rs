//! What is kept of a run: all of it if it did not pass, else the verdict; and a line in the book of runs.

use crate::soak::arguments::SoakArguments;
use crate::soak::mix::Mix;
use regent_report::folder::{self, FolderError, VERDICT};
use regent_report::report::{Report, Word};
use regent_report::runs::book;
use regent_report::runs::entry::Entry;
use std::fs;
use std::path::{Path, PathBuf};

/// Runs kept whole that did not fail, but of which nothing can be said. A disk has an end.
const UNKNOWN_MAX: usize = 50;

/// Keeps what is left of runs.
#[derive(Debug)]
pub struct Keeper {
    folder: PathBuf,
    book: PathBuf,
    reports: Vec<Report>,
}

impl Keeper {
    /// Nothing yet.
    #[must_use]
    pub fn new(arguments: &SoakArguments) -> Self {
        Self { folder: arguments.folder(), book: arguments.book(), reports: Vec::new() }
    }

    /// Keeps what a run left that is over; `None` if it came to no verdict.
    ///
    /// # Errors
    /// When what it left is not readable, or cannot be thrown away.
    pub fn keep(&mut self, mix: &Mix) -> anyhow::Result<Option<Report>> {
        let folder = self.folder.join(mix.seed.to_string());
        let report = match folder::verdict(&folder) {
            Ok(report) => report,
            Err(FolderError::Io(..)) => return Ok(None),
            Err(error @ FolderError::NoVerdict(..)) => return Err(error.into()),
        };
        let is_whole = match report.verdict {
            Word::Pass => false,
            Word::Fail => true,
            Word::Unknown => self.unknown() < UNKNOWN_MAX,
        };
        if !is_whole {
            thin(&folder)?;
        }
        book::add(&self.book, &[Entry::of(&report)])?;
        self.reports.push(report.clone());
        Ok(Some(report))
    }

    /// What all runs came to.
    pub fn reports(&self) -> impl Iterator<Item = &Report> {
        self.reports.iter()
    }

    fn unknown(&self) -> usize {
        self.reports.iter().filter(|report| report.verdict == Word::Unknown).count()
    }
}

/// Throws away everything but the verdict.
fn thin(folder: &Path) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            fs::remove_dir_all(entry.path())?;
        } else if entry.file_name() != VERDICT {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::thin;
    use std::fs;

    #[test]
    fn verdict_alone_is_left_of_a_run_that_passed() {
        let folder = tempfile::tempdir().unwrap();
        for file in ["verdict.json", "history.jsonl", "r1.log"] {
            fs::write(folder.path().join(file), "x").unwrap();
        }
        fs::create_dir(folder.path().join("smaller")).unwrap();
        thin(folder.path()).unwrap();
        let left: Vec<_> =
            fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
        assert_eq!(left, ["verdict.json"]);
    }
}
