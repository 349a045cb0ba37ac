//! An ext4 file system with journal on a loop file, whose power can be cut.
//!
//! To be mounted in a namespace of its own: should another namespace hold the mount, the dead file system would come
//! back after a remount. The namespace's end unmounts it and frees the loop device, whatever happens.

use crate::absence;
use crate::sys;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

/// What [`probe`] needs.
const PROBE_BYTES: u64 = 64 << 20;

/// One disk, mounted.
#[derive(Debug)]
pub struct Disk {
    image: PathBuf,
    mount: PathBuf,
}

impl Disk {
    /// Makes and mounts a disk of `bytes` with image and mount point in `work`. Its image takes up what was written.
    ///
    /// # Errors
    /// When this machine cannot: no loop devices, no `mkfs.ext4`, not root.
    pub fn make(work: &Path, name: &str, bytes: u64) -> io::Result<Self> {
        let disk = Self { image: work.join(format!("{name}.img")), mount: work.join(name) };
        File::create(&disk.image)?.set_len(bytes)?;
        fs::create_dir(&disk.mount)?;
        // No blocks set aside for root: full is to mean full.
        let options = ["-q", "-F", "-m", "0"].map(OsStr::new);
        run("mkfs.ext4", &[&options[..], &[disk.image.as_os_str()]].concat())?;
        disk.attach()?;
        Ok(disk)
    }

    /// Where it is mounted.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.mount
    }

    /// Everything that is not on the disk is gone from this moment on.
    ///
    /// # Errors
    /// When the file system cannot be shut down.
    pub fn cut_power(&self) -> io::Result<()> {
        sys::cut_power(&self.mount)
    }

    /// Power is back: the file system recovers from its journal. Nobody may have a file of it open.
    ///
    /// # Errors
    /// When it does not come back: some process still uses it, or it is really broken.
    pub fn restart(&self) -> io::Result<()> {
        run("umount", &[self.mount.as_os_str()])?;
        self.attach()?;
        let probe = self.mount.join("probe");
        fs::write(&probe, b"alive")?;
        fs::remove_file(probe)
    }

    fn attach(&self) -> io::Result<()> {
        let options = [OsStr::new("-o"), OsStr::new("loop")];
        run("mount", &[&options[..], &[self.image.as_os_str(), self.mount.as_os_str()]].concat())
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // If it fails, the end of the namespace does it.
        drop(run("umount", &[self.mount.as_os_str()]));
        drop(fs::remove_file(&self.image));
    }
}

/// Finds out on a disk of its own whether a cut loses what was not synced and keeps what was.
///
/// # Errors
/// When it does not, or this machine has no such disks.
pub fn probe(work: &Path) -> io::Result<()> {
    let disk = Disk::make(work, "probing", PROBE_BYTES)?;
    let mut synced = File::create(disk.path().join("synced"))?;
    synced.write_all(b"here")?;
    synced.sync_all()?;
    File::open(disk.path())?.sync_all()?;
    fs::write(disk.path().join("unsynced"), b"gone")?;
    drop(synced);
    disk.cut_power()?;
    disk.restart()?;
    let kept = fs::read(disk.path().join("synced"))?;
    if kept == b"here" && !disk.path().join("unsynced").exists() {
        Ok(())
    } else {
        Err(io::Error::other("a power cut does not lose what was not synced"))
    }
}

fn run(program: &str, arguments: &[&OsStr]) -> io::Result<()> {
    let done = Command::new(program)
        .args(arguments)
        .output()
        .map_err(|error| io::Error::new(error.kind(), format!("{program}: {error}")))?;
    if done.status.success() {
        return Ok(());
    }
    Err(absence::failure(program, &String::from_utf8_lossy(&done.stderr)))
}
