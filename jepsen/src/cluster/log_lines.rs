//! What nodes wrote into their logs since their last start.

use std::fs;
use std::path::{Path, PathBuf};

/// How a node says that it has lost its memory.
const ALARM: &str = "ALARM: ";
/// The line a node writes when it has opened its log, and what it tells of a purge.
const OPENED: &str = "log opened";
const REMOVABLE: &str = "removable_records=";
const PURGED: &str = "purged=";
/// What a node writes when a snapshot begins to arrive or goes on arriving: which, and from which byte on.
const SNAPSHOT: &str = "snapshot=";
const FROM_BYTES: &str = "from_bytes=";
/// What a leader writes about a change of members that its predecessor began.
const HALF_A_CHANGE: [&str; 2] =
    ["ended a change of membership that was left half-way", "half-made change of membership"];

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

    /// Whether the node, leading, found a change of members that was left half-way.
    #[must_use]
    pub fn tells_of_half_a_change(&self) -> bool {
        let text = self.text();
        HALF_A_CHANGE.iter().any(|words| text.contains(words))
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

    /// The first snapshot that began to arrive at the node, or went on arriving.
    #[must_use]
    pub fn first_arrival(&self) -> Option<Arriving> {
        let text = self.text();
        text.lines().find_map(|line| {
            let from_bytes = number_behind(line, FROM_BYTES)?;
            Some(Arriving { snapshot: word_behind(line, SNAPSHOT)?.to_owned(), from_bytes })
        })
    }
}

/// A snapshot on its way to a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arriving {
    /// Which one.
    pub snapshot: String,
    /// The byte at which this transfer of it began.
    pub from_bytes: u64,
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
    word_behind(line, name)?.parse().ok()
}

fn word_behind<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = line.split_once(name)?;
    rest.split_whitespace().next()
}

#[cfg(test)]
mod tests {
    use super::{Arriving, LogLines, Opened};
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
        assert!(!lines.tells_of_half_a_change());
        writeln!(file, "INFO ended a change of membership that was left half-way").unwrap();
        assert!(lines.tells_of_half_a_change());
        let opened = Some(Opened { purged: 4, removable_records: 3 });
        assert_eq!((lines.alarm(), lines.opened()), (Some("new".into()), opened));
    }

    #[test]
    fn snapshot_that_arrives_is_known_by_its_name_and_first_byte() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("r1.log");
        let lines = LogLines::from_now(&path);
        assert_eq!(lines.first_arrival(), None);
        std::fs::write(&path, "INFO resumed a snapshot snapshot=3-70-0a-25 from_bytes=9\n")
            .unwrap();
        let arriving = Arriving { snapshot: "3-70-0a-25".into(), from_bytes: 9 };
        assert_eq!(lines.first_arrival(), Some(arriving));
    }
}
