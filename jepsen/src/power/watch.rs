//! Seeing on the nodes' disks what they are about.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tokio::time::sleep;

/// Pause between two looks for something that may be there for a moment only.
const LOOK_PAUSE: Duration = Duration::from_micros(500);
/// How long something is waited for.
const PATIENCE: Duration = Duration::from_secs(20);
/// A snapshot that is being written.
const WRITING_SUFFIX: &str = ".tmp";
/// A snapshot that arrives.
const ARRIVING_PREFIX: &str = "incoming-";
/// A snapshot that is whole. As soon as it is, the log behind the one before it is purged.
const WHOLE_SUFFIX: &str = ".snapshot";

/// Waits until a snapshot is being written in one of `folders`; whether that happened.
pub async fn building(folders: &[PathBuf]) -> bool {
    until(|| folders.iter().any(|folder| holds(folder, |name| name.ends_with(WRITING_SUFFIX))))
        .await
}

/// Waits until a snapshot is arriving in `folder`; whether that happened.
pub async fn installing(folder: &Path) -> bool {
    until(|| holds(folder, |name| name.starts_with(ARRIVING_PREFIX))).await
}

/// Waits until a snapshot was finished in one of `folders`, behind which the log is purged now; whether that happened.
pub async fn purging(folders: &[PathBuf]) -> bool {
    let whole = |folder: &PathBuf| -> BTreeSet<OsString> {
        names(folder).filter(|name| name.to_string_lossy().ends_with(WHOLE_SUFFIX)).collect()
    };
    let before: Vec<_> = folders.iter().map(whole).collect();
    let purges = |(folder, before): (&PathBuf, &BTreeSet<OsString>)| {
        let now = whole(folder);
        now.len() > 1 && !now.is_subset(before)
    };
    until(|| folders.iter().zip(&before).any(purges)).await
}

/// The last entry of the second newest snapshot in `folder`, if there are two: the log is purged up to there.
#[must_use]
pub fn purge_due(folder: &Path) -> Option<u64> {
    let index = |name: OsString| name.to_str()?.strip_suffix(WHOLE_SUFFIX)?.parse::<u64>().ok();
    let mut indices: Vec<_> = names(folder).filter_map(index).collect();
    indices.sort_unstable();
    indices.iter().rev().nth(1).copied()
}

/// Waits until one of `files` is being written; whether that happened.
pub async fn writing(files: &[PathBuf]) -> bool {
    let changed = |file: &PathBuf| std::fs::metadata(file).and_then(|found| found.modified()).ok();
    let before: Vec<_> = files.iter().map(changed).collect();
    until(|| !files.iter().map(changed).eq(before.iter().copied())).await
}

async fn until(seen: impl Fn() -> bool) -> bool {
    let until = Instant::now() + PATIENCE;
    while !seen() {
        if Instant::now() >= until {
            return false;
        }
        sleep(LOOK_PAUSE).await;
    }
    true
}

fn holds(folder: &Path, wanted: impl Fn(&str) -> bool) -> bool {
    names(folder).any(|name| wanted(&name.to_string_lossy()))
}

fn names(folder: &Path) -> impl Iterator<Item = OsString> {
    std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.file_name())
}

#[cfg(test)]
mod tests {
    use super::{building, installing, purge_due, purging, writing};
    use std::fs;

    #[tokio::test]
    async fn files_tell_what_a_node_is_about() {
        let folder = tempfile::tempdir().unwrap();
        let folders = [folder.path().to_owned()];
        let make = |name: &str| fs::write(folder.path().join(name), b"").unwrap();
        make("00000000000000000001.tmp");
        assert!(building(&folders).await);
        make("incoming-1-2-3-4.partial");
        assert!(installing(folder.path()).await);
        make("00000000000000000001.snapshot");
        let next = async { make("00000000000000000002.snapshot") };
        assert!(tokio::join!(purging(&folders), next).0);
        let written = [folder.path().join("db")];
        assert!(tokio::join!(writing(&written), async { make("db") }).0);
        make("00000000000000000012.snapshot");
        assert_eq!(purge_due(folder.path()), Some(2));
    }
}
