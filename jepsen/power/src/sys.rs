//! The one system call that no library offers safely: to take a file system down without its log.

use rustix::ioctl::{Setter, ioctl};
use std::fs::File;
use std::io;
use std::path::Path;

/// `EXT4_IOC_SHUTDOWN`, `_IOR('X', 125, __u32)` in the kernel's `fs/ext4/ext4.h`.
const EXT4_IOC_SHUTDOWN: u32 = 0x8004_587D;
/// `EXT4_GOING_FLAGS_NOLOGFLUSH`: what is not on the disk by now never will be.
const NO_LOG_FLUSH: u32 = 2;

/// Cuts the power of the file system mounted at `mount`.
#[expect(unsafe_code, reason = "rustix has no safe call for file system shutdown")]
pub(crate) fn cut_power(mount: &Path) -> io::Result<()> {
    let root = File::open(mount)?;
    // SAFETY: the kernel reads one u32 through the pointer that `Setter` makes of its input, and keeps nothing.
    unsafe { ioctl(&root, Setter::<EXT4_IOC_SHUTDOWN, u32>::new(NO_LOG_FLUSH)) }?;
    Ok(())
}
