//! A file takes up nearly all that is left of a disk, or all; later it is removed.

use crate::chaos::plan::{Planned, Whom};
use crate::chaos::record::{NO_TARGET, Record};
use crate::chaos::rig::Rig;
use rustix::fs::{FallocateFlags, fallocate, statvfs};
use rustix::io::Errno;
use std::fs::{self, File};
use std::io;
use std::path::Path;
use tokio::time::sleep;

/// The file, beside the data of the node.
const BALLAST: &str = "ballast";
const MEBIBYTE: u64 = 1 << 20;

/// Does it. A node that cannot write may end; then it is started again.
///
/// # Errors
/// When the disk cannot be filled, or a node does not come back.
pub async fn strike(
    rig: &Rig,
    planned: &Planned,
    (whom, left_mib): (Whom, u64),
    record: &mut Record,
) -> anyhow::Result<()> {
    if rig.disks.is_empty() {
        record.is_skipped("nodes have no disks of their own");
        return Ok(());
    }
    let Some(claim) = rig.claim(whom, planned.dice).await else {
        record.is_skipped(NO_TARGET);
        return Ok(());
    };
    record.begins(rig.now(), rig.names(&claim.nodes));
    let disks = || claim.nodes.iter().map(|node| rig.disks[*node].path());
    disks().try_for_each(|disk| fill(disk, left_mib * MEBIBYTE))?;
    record.is_done();
    sleep(planned.hold()).await;
    disks().try_for_each(empty)?;
    for node in claim.nodes.iter().filter(|node| !rig.runs(**node)) {
        rig.start(*node)?;
    }
    rig.ready(&claim.nodes).await?;
    record.healed = Some(rig.now());
    Ok(())
}

/// Takes the file away, if it is there.
///
/// # Errors
/// When it cannot be removed.
pub fn empty(disk: &Path) -> io::Result<()> {
    match fs::remove_file(disk.join(BALLAST)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

/// Blocks are taken, not written, so that this is quick.
fn fill(disk: &Path, left: u64) -> io::Result<()> {
    let room = statvfs(disk)?;
    let free = room.f_bavail * room.f_frsize;
    let ballast = File::create(disk.join(BALLAST))?;
    match free.saturating_sub(left) {
        0 => Ok(()),
        bytes => match fallocate(&ballast, FallocateFlags::empty(), 0, bytes) {
            // What keeps account of the blocks takes some itself: it is full a little earlier.
            Err(Errno::NOSPC) => Ok(()),
            taken => Ok(taken?),
        },
    }
}
