//! Snapshots: the file with its blocks, and the records in it.
//!
//! Whatever the file: a state or an error that names the place. Whatever the records, even with a header that fits
//! them: a state or an error. Memory is bounded by what one block may claim. A state that was read writes itself back.

use crate::frames;
use crate::subject::sites::{imported, small};
use crate::subject::way;
use crate::target::Target;
use regent_core::codec::{from_bare, to_bare};
use regent_core::snapshot::{self, Header, Loader, SnapshotError};
use regent_core::state::State;
use regent_raft::state_machine::snapshot_error::SnapshotFileError;
use regent_raft::state_machine::snapshot_file;
use regent_raft::type_config::SnapshotMeta;
use std::convert::Infallible;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

/// The target. Its first byte says whether the rest is a file as it is, a file whose checksums are put right, or
/// records in frames.
pub const TARGET: Target = Target {
    name: "snapshot",
    about: "reads a snapshot's file, or its records",
    run,
    seeds,
    words: &[
        frames::MARK,
        b"RGSNAP\x00\x01",
        b"\0\0\0\0",
        b"\xff\xff\xff\xff",
        b"\0\0\x10\x04",
        b"\x28\xb5\x2f\xfd",
        b"\xfc\xff\xff\xff\xff",
        b"\xfd\xff\xff\xff\xff\xff\xff\xff\xff",
    ],
    input_bytes_max: 48 << 10,
    // A block as it is stored and one as it is unpacked.
    memory_bytes_max: 150 << 20,
    memory_factor: 512,
};

const AS_IT_IS: u8 = 0;
const PUT_RIGHT: u8 = 1;
/// Rows of one snapshot.
const RECORDS_MAX: usize = 64;
/// Bytes before the head of a file.
const MAGIC_BYTES: usize = 8;

fn run(input: &[u8]) -> String {
    match input.split_first() {
        None => "nothing".into(),
        Some((&AS_IT_IS, file)) => read_file(file),
        Some((&PUT_RIGHT, file)) => {
            let mut file = file.to_vec();
            let whole = put_right(&mut file).is_some();
            format!("{} whole: {whole}", read_file(&file))
        }
        Some((_, records)) => load(&frames::split(records, RECORDS_MAX)),
    }
}

fn read_file(bytes: &[u8]) -> String {
    let folder = TempDir::new().expect("there is room for a file");
    let path = folder.path().join("snapshot");
    fs::write(&path, bytes).expect("there is room for a file");
    match (snapshot_file::read(&path), snapshot_file::read(&path)) {
        (Ok((meta, state)), Ok((again, same))) => {
            assert!((&meta, &state) == (&again, &same), "one file, two states");
            write_back(&path, &meta, &state);
            "file".into()
        }
        (Err(error), Err(_)) => {
            let text = error.to_string();
            assert!(text.contains("snapshot file"), "an error without its place: {text}");
            match error {
                SnapshotFileError::Damaged { what, .. } => way::plain(&what),
                error @ (SnapshotFileError::Io { .. }
                | SnapshotFileError::Head { .. }
                | SnapshotFileError::Records { .. }) => way::of(&error),
            }
        }
        _ => panic!("one file is read in two ways"),
    }
}

fn write_back(path: &Path, meta: &SnapshotMeta, state: &State) {
    let copy = path.with_extension("copy");
    snapshot_file::write(&copy, meta, state).expect("a state that was read can be written");
    let (again, same) = snapshot_file::read(&copy).expect("what was written can be read");
    assert!((meta, state) == (&again, &same), "a state changed on its way through a file");
}

/// Gives every block, and the end, the checksum that fits it; nothing if the blocks do not add up.
fn put_right(file: &mut [u8]) -> Option<()> {
    let number = |file: &[u8], at: usize| -> Option<usize> {
        let four = file.get(at..at + 4)?.try_into().ok()?;
        usize::try_from(u32::from_le_bytes(four)).ok()
    };
    let head = number(file, MAGIC_BYTES)?;
    let mut at = MAGIC_BYTES + 4;
    let payload = file.get(at + 5..at.checked_add(head)?)?;
    let crc = crc32fast::hash(payload).to_le_bytes();
    file.get_mut(at + 1..at + 5)?.copy_from_slice(&crc);
    at += head;
    let (mut blocks, mut crcs) = (0_u32, crc32fast::Hasher::new());
    loop {
        let stored = number(file, at)?;
        if stored == 0 {
            file.get_mut(at + 4..at + 8)?.copy_from_slice(&blocks.to_le_bytes());
            file.get_mut(at + 8..at + 12)?.copy_from_slice(&crcs.finalize().to_le_bytes());
            return Some(());
        }
        let end = (at + 12).checked_add(stored)?;
        let crc = crc32fast::hash(file.get(at + 12..end)?).to_le_bytes();
        file.get_mut(at + 8..at + 12)?.copy_from_slice(&crc);
        crcs.update(&crc);
        blocks += 1;
        at = end;
    }
}

/// Loads rows behind a header that fits them: the first frame's if it is one, else an empty one.
fn load(records: &[&[u8]]) -> String {
    let mut rows = records.iter().skip(1);
    let header = records.first().and_then(|first| from_bare::<Header>(first).ok());
    let meta = header.map(|header| header.meta).unwrap_or_default();
    let count = rows.len() as u64;
    let header = |digest| Header { meta: meta.clone(), rows: count, digest };
    let try_all = |digest| -> Result<State, SnapshotError> {
        let mut loader = Loader::default();
        loader.record(&to_bare(&header(digest)))?;
        rows.clone().try_for_each(|row| loader.record(row))?;
        loader.finish()
    };
    let first = try_all(regent_core::state::digest::Digest::default());
    let loaded = match first {
        Err(SnapshotError::Digest { found, .. }) => try_all(found),
        other => other,
    };
    match loaded {
        Ok(state) => {
            assert_eq!(state.digest(), reloaded(&state).digest(), "another state of its snapshot");
            format!("rows: {}", rows.next().is_some())
        }
        Err(error) => way::of(&error),
    }
}

fn reloaded(state: &State) -> State {
    let mut loader = Loader::default();
    let written = snapshot::write(state, &mut |record| loader.record(record));
    let loaded = written.and_then(|()| loader.finish());
    loaded.unwrap_or_else(|error| panic!("its own snapshot is refused: {error:?}"))
}

fn seeds() -> Vec<Vec<u8>> {
    let folder = TempDir::new().expect("there is room for a file");
    let mut seeds = Vec::new();
    for (name, state) in [("small", small()), ("imported", imported())] {
        let path = folder.path().join(name);
        snapshot_file::write(&path, &SnapshotMeta::default(), &state).expect("it can be written");
        let file = fs::read(&path).expect("it was just written");
        seeds.push([&[AS_IT_IS], file.as_slice()].concat());
        seeds.push([&[PUT_RIGHT], file.as_slice()].concat());
        let mut records = Vec::new();
        let written = snapshot::write(&state, &mut |record| {
            records.push(record.to_vec());
            Ok::<(), Infallible>(())
        });
        let Ok(()) = written;
        let (header, rows) = records.split_first().expect("a snapshot has a header");
        for rows in rows.chunks(RECORDS_MAX / 2) {
            let frames: Vec<&Vec<u8>> = [header].into_iter().chain(rows).collect();
            seeds.push([vec![2], frames::join(&frames)].concat());
        }
    }
    seeds
}

#[cfg(test)]
mod tests {
    use super::{run, seeds};

    #[test]
    fn seeds_are_whole() {
        for seed in seeds() {
            let way = run(&seed);
            assert!(way.starts_with("file") || way == "rows: true", "{way}");
        }
    }
}
