//! The wall clocks of nodes, which can be made to jump (libfaketime). Timers and the clocks leases live by stay true.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// A clock that is right.
const RIGHT: &str = "+0";

/// One clock a node.
pub struct Clocks {
    library: PathBuf,
    files: Vec<PathBuf>,
}

impl Clocks {
    /// Clocks that are right, for so many nodes.
    ///
    /// # Errors
    /// If their files cannot be written.
    pub fn prepare(library: PathBuf, folder: &Path, nodes: usize) -> io::Result<Self> {
        let files = (0..nodes).map(|node| folder.join(format!("clock-{node}"))).collect();
        let clocks = Self { library, files };
        clocks.set_all_right()?;
        Ok(clocks)
    }

    /// The library a node is to be started with.
    #[must_use]
    pub fn library(&self) -> &Path {
        &self.library
    }

    /// What else a node's environment must say for its clock to be this one.
    #[must_use]
    pub fn environment(&self, node: usize) -> Vec<(String, String)> {
        let file = self.files[node].display().to_string();
        let variables = [
            ("FAKETIME_TIMESTAMP_FILE", file),
            ("FAKETIME_NO_CACHE", "1".to_owned()),
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1".to_owned()),
        ];
        variables.map(|(name, value)| (name.to_owned(), value)).to_vec()
    }

    /// Makes a clock wrong by so many seconds.
    ///
    /// # Errors
    /// If its file cannot be written.
    pub fn jump(&self, node: usize, seconds: i64) -> io::Result<()> {
        self.set(node, &format!("{seconds:+}"))
    }

    /// Makes a clock right.
    ///
    /// # Errors
    /// If its file cannot be written.
    pub fn set_right(&self, node: usize) -> io::Result<()> {
        self.set(node, RIGHT)
    }

    /// Makes all clocks right.
    ///
    /// # Errors
    /// If a file cannot be written.
    pub fn set_all_right(&self) -> io::Result<()> {
        (0..self.files.len()).try_for_each(|node| self.set_right(node))
    }

    /// A node reads the file at any time, so it is never there in part.
    fn set(&self, node: usize, what: &str) -> io::Result<()> {
        let next = self.files[node].with_extension("next");
        fs::write(&next, format!("{what}\n"))?;
        fs::rename(next, &self.files[node])
    }
}

#[cfg(test)]
mod tests {
    use super::Clocks;
    use std::fs;

    #[test]
    fn clock_jumps_both_ways_and_back() {
        let folder = tempfile::tempdir().unwrap();
        let clocks = Clocks::prepare("lib.so".into(), folder.path(), 2).unwrap();
        let read = || fs::read_to_string(folder.path().join("clock-1")).unwrap();
        clocks.jump(1, 3600).unwrap();
        assert_eq!(read(), "+3600\n");
        clocks.jump(1, -1).unwrap();
        assert_eq!(read(), "-1\n");
        clocks.set_all_right().unwrap();
        assert_eq!(read(), "+0\n");
    }
}
