//! The same log makes the same state: byte for byte, on a replica that read a snapshot on the way as well.
#![allow(clippy::unwrap_used, reason = "tests may fail loudly")]

mod beginning;
mod random_commands;
mod region;

use beginning::beginning;
use random_commands::choices::Choices;
use random_commands::command;
use regent_core::snapshot;
use regent_core::state::State;
use region::{Region, request};

/// Entries of one log.
const ENTRIES: usize = 120;

#[test]
fn replicas_of_one_log_are_equal_byte_for_byte() {
    for seed in 0..20 {
        let mut choices = Choices(seed);
        let mut log = beginning(&mut choices);
        log.extend((0..ENTRIES).map(|_| command(&mut choices)));

        let (mut plain, mut restored) = (Region::empty(), Region::empty());
        for (entry, command) in log.into_iter().enumerate() {
            if entry == ENTRIES / 2 {
                restored.state = restored.through_snapshot();
            }
            for region in [&mut plain, &mut restored] {
                region.now.0 += 50;
            }
            let first = plain.apply(request(command.clone()));
            let second = restored.apply(request(command));
            assert_eq!(first.reply, second.reply, "seed {seed}, entry {entry}");
            assert_eq!(first.changes, second.changes, "seed {seed}, entry {entry}");
            assert_eq!(plain.state.digest(), restored.state.digest(), "seed {seed}, entry {entry}");
        }
        assert_eq!(bytes(&plain.state), bytes(&restored.state), "seed {seed}");
        assert_eq!(plain.state, restored.state, "seed {seed}");
    }
}

fn bytes(state: &State) -> Vec<Vec<u8>> {
    let mut records = Vec::new();
    let write = snapshot::write(state, &mut |record| {
        records.push(record.to_vec());
        Ok::<(), std::convert::Infallible>(())
    });
    let Ok(()) = write;
    records
}
