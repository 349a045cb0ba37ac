//! A snapshot as the rest of the crate hands it around: a file, not bytes.

use std::path::PathBuf;

/// A complete snapshot on disk. What it covers is in openraft's `SnapshotMeta` beside it.
#[derive(Clone, Debug)]
pub struct SnapshotFile {
    /// Where it lies.
    pub path: PathBuf,
    /// Its length.
    pub bytes: u64,
    /// CRC-32 of the whole file.
    pub crc: u32,
}
