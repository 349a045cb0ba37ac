//! Room on a disk that fills up: how much there is, and a reserve file that is given up so that a vote, a purge or a
//! restart can still be written. What a node does when room gets short (leadership, 507) is decided elsewhere.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

/// Size of the reserve file.
pub const RESERVE_BYTES: u64 = 64 << 20;

/// Room on a file system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DiskSpace {
    /// Bytes an ordinary process may still write.
    pub free_bytes: u64,
    /// Size of the file system.
    pub total_bytes: u64,
}

/// When a disk counts as nearly full: below both limits. A share alone would waste gigabytes of a large disk, an
/// amount alone would be more than a small one has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DiskLimits {
    /// Free room that must be left.
    pub free_bytes_min: u64,
    /// Free share that must be left.
    pub free_percent_min: u64,
}

impl Default for DiskLimits {
    fn default() -> Self {
        Self { free_bytes_min: 512 << 20, free_percent_min: 5 }
    }
}

impl DiskLimits {
    /// Whether `space` is below a limit: the node is to stop proposing while it can still append.
    #[must_use]
    pub fn nearly_full(&self, space: DiskSpace) -> bool {
        let percent_bytes = u128::from(space.total_bytes) * u128::from(self.free_percent_min) / 100;
        space.free_bytes < self.free_bytes_min && u128::from(space.free_bytes) < percent_bytes
    }
}

/// The room on the file system that holds `path`.
///
/// # Errors
/// The path is gone or the system refused.
pub fn disk_free(path: &Path) -> io::Result<DiskSpace> {
    let found = rustix::fs::statvfs(path)?;
    Ok(DiskSpace {
        free_bytes: found.f_bavail.saturating_mul(found.f_frsize),
        total_bytes: found.f_blocks.saturating_mul(found.f_frsize),
    })
}

/// How large the reserve is and when it is given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReserveSize {
    /// Bytes set aside.
    pub bytes: u64,
    /// With less free room than this the reserve is given up.
    pub floor_bytes: u64,
}

impl Default for ReserveSize {
    fn default() -> Self {
        Self { bytes: RESERVE_BYTES, floor_bytes: RESERVE_BYTES / 4 }
    }
}

/// A file that only takes up room, in the same file system as the log.
#[derive(Debug)]
pub struct Reserve {
    path: PathBuf,
    size: ReserveSize,
}

impl Reserve {
    /// Sets the reserve aside at `path` if the disk has room for it with as much again to spare;
    /// gives up one that is there if the disk is already full.
    ///
    /// # Errors
    /// The disk refused.
    pub fn open(path: PathBuf, size: ReserveSize) -> io::Result<Self> {
        let mut reserve = Self { path, size };
        let held = reserve.held_bytes()?;
        let free = disk_free(reserve.folder()?)?.free_bytes;
        if free < size.floor_bytes {
            reserve.give_up()?;
        } else if held < size.bytes && free > size.bytes.saturating_mul(2) + size.floor_bytes {
            reserve.set_aside()?;
        }
        Ok(reserve)
    }

    /// Gives the reserve up if the disk is nearly out of room. Cheap: to be called before each write.
    ///
    /// # Errors
    /// The disk refused.
    pub fn make_room(&mut self) -> io::Result<()> {
        if disk_free(self.folder()?)?.free_bytes < self.size.floor_bytes {
            self.give_up()
        } else {
            Ok(())
        }
    }

    /// Bytes that are set aside now.
    ///
    /// # Errors
    /// The disk refused.
    pub fn held_bytes(&self) -> io::Result<u64> {
        match fs::metadata(&self.path) {
            Ok(found) => Ok(found.len()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
            Err(error) => Err(error),
        }
    }

    fn set_aside(&self) -> io::Result<()> {
        let file = OpenOptions::new().write(true).create(true).truncate(false).open(&self.path)?;
        rustix::fs::fallocate(&file, rustix::fs::FallocateFlags::empty(), 0, self.size.bytes)?;
        file.sync_all()?;
        File::open(self.folder()?)?.sync_all()
    }

    fn give_up(&mut self) -> io::Result<()> {
        match fs::remove_file(&self.path) {
            Ok(()) => {
                tracing::warn!(bytes = self.size.bytes, "disk full, reserve given up");
                Ok(())
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn folder(&self) -> io::Result<&Path> {
        self.path.parent().ok_or_else(|| io::Error::other("the reserve has no folder"))
    }
}

#[cfg(test)]
mod tests {
    use super::{DiskLimits, DiskSpace, Reserve, ReserveSize, disk_free};

    #[test]
    fn disk_is_nearly_full_below_both_limits() {
        let limits = DiskLimits { free_bytes_min: 100, free_percent_min: 5 };
        let space = |free_bytes, total_bytes| DiskSpace { free_bytes, total_bytes };
        assert!(!limits.nearly_full(space(100, 10_000)), "a large disk may go down to the amount");
        assert!(limits.nearly_full(space(99, 10_000)));
        assert!(!limits.nearly_full(space(50, 1000)), "a small one down to its share");
        assert!(limits.nearly_full(space(49, 1000)));
    }

    #[test]
    fn this_disk_has_a_size() {
        let space = disk_free(std::path::Path::new("/")).unwrap();
        assert!(space.total_bytes >= space.free_bytes && space.total_bytes > 0);
    }

    #[test]
    fn reserve_is_given_up_when_room_falls_below_the_floor() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("reserve");
        let size = ReserveSize { bytes: 1 << 20, floor_bytes: 1 };
        let mut reserve = Reserve::open(path.clone(), size).unwrap();
        reserve.make_room().unwrap();
        assert_eq!(reserve.held_bytes().unwrap(), 1 << 20);
        let full = ReserveSize { bytes: 1 << 20, floor_bytes: u64::MAX };
        let mut reserve = Reserve { path, size: full };
        reserve.make_room().unwrap();
        assert_eq!(reserve.held_bytes().unwrap(), 0);
    }

    #[test]
    fn reserve_is_not_made_on_a_disk_that_lacks_room() {
        let dir = tempfile::tempdir().unwrap();
        let size = ReserveSize { bytes: u64::MAX / 4, floor_bytes: 1 };
        let reserve = Reserve::open(dir.path().join("reserve"), size).unwrap();
        assert_eq!(reserve.held_bytes().unwrap(), 0);
    }
}
