//! What nodes wrote into their logs since their last start.

use std::fs;
use std::path::{Path, PathBuf};

/// How a node says that it has lost its memory.
const ALARM: &str = "ALARM: ";
/// The line a node writes when it has opened its log, and what it tells of a purge.
const OPENED: &str = "log opened";
const REMOVABLE: &str = "removable_records=";
const PURGED: &str = "purged=";

/// A log, from some place on.
#[derive(Clone, Debug)]
pub struct LogLines {
    path: PathBuf,
    from: usize,
}

impl LogLines {
    /// What will be written from now on.
    #[must_use]
    pub fn from_now(path: &Path) -> Self {
        let from = fs::read(path).map_or(0, |bytes| bytes.len());
        Self { path: path.to_owned(), from }
    }

    fn text(&self) -> String {
        let bytes = fs::read(&self.path).unwrap_or_default();
        String::from_utf8_lossy(bytes.get(self.from..).unwrap_or_default()).into_owned()
    }

    /// Why the node believes to have lost its memory, if it does.
    #[must_use]
    pub fn alarm(&self) -> Option<String> {
        let text = self.text();
        text.lines().find_map(|line| Some(line.split_once(ALARM)?.1.to_owned()))
    }

    /// What the node found when it opened its log; `None` if it has not.
    #[must_use]
    pub fn opened(&self) -> Option<Opened> {
        let text = self.text();
        let line = text.lines().find(|line| line.contains(OPENED))?;
        Some(Opened {
            purged: number_behind(line, PURGED)?,
            removable_records: number_behind(line, REMOVABLE)?,
        })
    }
}

/// A log as a node found it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opened {
    /// Entries up to here were purged.
    pub purged: u64,
    /// Records that a purge had made useless and not yet removed.
    pub removable_records: u64,
}

fn number_behind(line: &str, name: &str) -> Option<u64> {
    let (_, rest) = line.split_once(name)?;
    rest.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{LogLines, Opened};
    use std::fs::{File, OpenOptions};
    use std::io::Write as _;

    #[test]
    fn only_what_came_later_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("r1.log");
        writeln!(File::create(&path).unwrap(), "ALARM: old").unwrap();
        let lines = LogLines::from_now(&path);
        assert_eq!((lines.alarm(), lines.opened()), (None, None));
        let mut file = OpenOptions::new().append(true).open(&path).unwrap();
        writeln!(file, "INFO log opened last=9 purged=4 removable_records=3\nALARM: new").unwrap();
        let opened = Some(Opened { purged: 4, removable_records: 3 });
        assert_eq!((lines.alarm(), lines.opened()), (Some("new".into()), opened));
    }
}
