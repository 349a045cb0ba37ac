//! Disks that fail or are slow: a small library that stands before the C library of a node (`shim.c`, compiled when it is
//! needed), and a file for each node by which it is told what to do.

use anyhow::Context as _;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

const SOURCE: &str = include_str!("shim.c");
/// The compiler, which whoever builds Regent has.
const COMPILER: &str = "cc";
/// How the library learns its file.
const VARIABLE: &str = "REGENT_SHIM";

/// One disk a node.
pub struct Shim {
    library: PathBuf,
    files: Vec<PathBuf>,
}

/// What the disk of a node does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Orders {
    /// All it should.
    Work,
    /// It says that it could not keep what was written.
    FailSyncs,
    /// It says that it could not take what is written.
    FailWrites,
    /// Each sync takes so many milliseconds longer.
    Linger(u32),
}

impl Shim {
    /// Compiles the library; all disks work.
    ///
    /// # Errors
    /// If there is no compiler, or no room.
    pub fn prepare(folder: &Path, nodes: usize) -> anyhow::Result<Self> {
        let files: Vec<_> = (0..nodes).map(|node| folder.join(format!("disk-{node}"))).collect();
        for file in &files {
            fs::write(file, Orders::Work.bytes())?;
        }
        Ok(Self { library: compile(folder)?, files })
    }

    /// The library a node is to be started with.
    #[must_use]
    pub fn library(&self) -> &Path {
        &self.library
    }

    /// What else a node's environment must say.
    #[must_use]
    pub fn environment(&self, node: usize) -> Vec<(String, String)> {
        vec![(VARIABLE.to_owned(), self.files[node].display().to_string())]
    }

    /// Tells a node's disk what to do from now on.
    ///
    /// # Errors
    /// If its file cannot be written.
    pub fn order(&self, node: usize, orders: Orders) -> io::Result<()> {
        // In place: the library has it in its memory.
        File::options().write(true).open(&self.files[node])?.write_all_at(&orders.bytes(), 0)
    }

    /// Has all disks work.
    ///
    /// # Errors
    /// If a file cannot be written.
    pub fn work_all(&self) -> io::Result<()> {
        (0..self.files.len()).try_for_each(|node| self.order(node, Orders::Work))
    }
}

impl Orders {
    /// As `struct orders` of `shim.c` reads it.
    fn bytes(self) -> [u8; 12] {
        let fields = match self {
            Self::Work => [0, 0, 0],
            Self::FailSyncs => [1, 0, 0],
            Self::FailWrites => [0, 1, 0],
            Self::Linger(millis) => [0, 0, millis],
        };
        let [sync_fails, write_fails, sync_ms] = fields.map(u32::to_ne_bytes);
        let mut bytes = [0; 12];
        bytes[..4].copy_from_slice(&sync_fails);
        bytes[4..8].copy_from_slice(&write_fails);
        bytes[8..].copy_from_slice(&sync_ms);
        bytes
    }
}

/// Makes the library in a folder.
///
/// # Errors
/// If this machine has no C compiler.
pub fn compile(folder: &Path) -> anyhow::Result<PathBuf> {
    let (source, library) = (folder.join("shim.c"), folder.join("shim.so"));
    fs::write(&source, SOURCE)?;
    let mut compiler = Command::new(COMPILER);
    compiler.args(["-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o"]).args([&library, &source]);
    let done = compiler.arg("-ldl").output().with_context(|| format!("{COMPILER} is absent"))?;
    let said = String::from_utf8_lossy(&done.stderr);
    anyhow::ensure!(done.status.success(), "{COMPILER}: {said}");
    Ok(library)
}

#[cfg(test)]
mod tests {
    use super::{Orders, Shim};
    use std::process::Command;

    fn writes_and_syncs(shim: &Shim, target: &std::path::Path) -> bool {
        let mut command = Command::new("dd");
        command.args(["if=/dev/zero", "bs=1", "count=1", "conv=fsync", "status=none"]);
        command.arg(format!("of={}", target.display())).env("LD_PRELOAD", shim.library());
        command.envs(shim.environment(0)).status().unwrap().success()
    }

    #[test]
    fn disk_fails_as_long_as_it_is_told_to() {
        let folder = tempfile::tempdir().unwrap();
        let shim = Shim::prepare(folder.path(), 1).unwrap();
        let target = folder.path().join("target");
        assert!(writes_and_syncs(&shim, &target));
        shim.order(0, Orders::FailSyncs).unwrap();
        assert!(!writes_and_syncs(&shim, &target));
        shim.work_all().unwrap();
        assert!(writes_and_syncs(&shim, &target));
    }
}
