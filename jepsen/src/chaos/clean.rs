//! `regent-jepsen clean`: removes what runs left behind that were killed.
//!
//! File systems, loop devices and the names of network namespaces go with the process that made them. What can stay are the
//! folders of their images, and the machines of the lab, which are named where everybody sees them. Both bear the id of their
//! process; those whose process lives are left alone.

use crate::judgement::Judgement;
use crate::lab::namespace::remove_leftovers;
use crate::tell::tell;
use regent_power::namespace::FOLDER_PREFIX;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Removes it, and tells what.
///
/// # Errors
/// If something cannot be removed.
pub fn run() -> anyhow::Result<Judgement> {
    for folder in leftovers(&std::env::temp_dir(), is_alive)? {
        fs::remove_dir_all(&folder)?;
        tell(&format!("removed {}", folder.display()));
    }
    if rustix::process::geteuid().is_root() {
        remove_leftovers()?;
    }
    Ok(Judgement::Passed)
}

fn leftovers(parent: &Path, is_alive: impl Fn(u32) -> bool) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(parent)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let owner = name.strip_prefix(FOLDER_PREFIX).and_then(|rest| rest.split_once('-'));
        let owner = owner.and_then(|(id, _)| id.parse().ok());
        if owner.is_some_and(|id| !is_alive(id)) {
            found.push(entry.path());
        }
    }
    Ok(found)
}

fn is_alive(process: u32) -> bool {
    Path::new(&format!("/proc/{process}")).exists()
}

#[cfg(test)]
mod tests {
    use super::leftovers;
    use std::fs;

    #[test]
    fn only_folders_of_processes_that_are_no_more_are_left_over() {
        let parent = tempfile::tempdir().unwrap();
        for name in ["regent-inside-7-aB", "regent-inside-8-aB", "regent-inside-x-aB", "other"] {
            fs::create_dir(parent.path().join(name)).unwrap();
        }
        let found = leftovers(parent.path(), |id| id == 8).unwrap();
        assert_eq!(found, [parent.path().join("regent-inside-7-aB")]);
    }
}
