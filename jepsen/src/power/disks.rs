//! The disks of a cluster, one a node, which lose power together.

use regent_power::disk::Disk;
use std::io;
use std::path::{Path, PathBuf};

/// Size of each. A node refuses a snapshot that would leave less than 512 MiB free.
const DISK_BYTES: u64 = 2 << 30;

/// Them all, mounted.
#[derive(Debug)]
pub struct Disks(Vec<Disk>);

impl Disks {
    /// Makes a disk for each name in `work`.
    ///
    /// # Errors
    /// When this machine cannot.
    pub fn make(work: &Path, names: &[String]) -> io::Result<Self> {
        let make = |name: &String| Disk::make(work, name, DISK_BYTES);
        names.iter().map(make).collect::<io::Result<_>>().map(Self)
    }

    /// Where each is mounted.
    pub fn paths(&self) -> impl Iterator<Item = PathBuf> {
        self.0.iter().map(|disk| disk.path().to_owned())
    }

    /// Cuts the power of all: microseconds lie between the first and the last.
    ///
    /// # Errors
    /// When a file system cannot be shut down.
    pub fn cut_power(&self) -> io::Result<()> {
        self.0.iter().try_for_each(Disk::cut_power)
    }

    /// Power is back everywhere. No node may run.
    ///
    /// # Errors
    /// When a disk does not come back.
    pub fn restart(&self) -> io::Result<()> {
        self.0.iter().try_for_each(Disk::restart)
    }
}
