//! The state machine: whatever a proposal asks, on a state with something in it.
//!
//! It never fails; the same proposal does the same again; a refusal leaves the state as if only time had passed; every
//! rule holds afterwards; and the state comes back whole from its snapshot.

use crate::frames;
use crate::subject::sites::random_commands::choices::Choices;
use crate::subject::sites::random_commands::{command, guard};
use crate::subject::sites::{applied, imported, request, short_dump, small, transfer};
use crate::target::Target;
use regent_core::apply::Applied;
use regent_core::codec::{from_bare, to_bare};
use regent_core::command::import::{ImportCommand, ImportGuard};
use regent_core::command::session::SessionCommand;
use regent_core::command::{ClientKey, Command, Origin, Request};
use regent_core::id::SessionId;
use regent_core::invariant;
use regent_core::snapshot::{self, Loader};
use regent_core::state::State;
use regent_core::time::ClusterTime;
use std::collections::BTreeSet;

/// The target. Its first frame's first byte chooses the site; each frame is a byte that says how it is read, then a
/// request in bare form or the seed of a random one.
pub const TARGET: Target = Target {
    name: "apply",
    about: "applies a sequence of decoded proposals",
    run,
    seeds,
    words: &[
        frames::MARK,
        b"\x01",
        b"\xfc\xff\xff\xfe\xff",
        b"\xfc\0\0\xff\xff",
        b"\xfc\xff\xff\xff\xff",
        b"\xfd\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\xfb\x89\x13",
        b"10.0.0.0/28",
        b"\x04\x0a\0\0\x05",
        b"maas",
        b"\x05k1",
    ],
    input_bytes_max: 48 << 10,
    memory_bytes_max: 96 << 20,
    memory_factor: 256,
};

/// Proposals of one input.
const FRAMES_MAX: usize = 12;
/// What may pass between two proposals: nothing, a moment, half an hour and more, weeks, for ever.
const STEPS_MS: [u64; 5] = [0, 50, 31 * 60_000, 40 * 86_400_000, u64::MAX / 2];

fn run(input: &[u8]) -> String {
    let mut state =
        if input.first().is_some_and(|byte| byte & 0x80 == 0) { small() } else { imported() };
    let mut ways = BTreeSet::new();
    let mut sent: Vec<Request> = Vec::new();
    for frame in frames::split(input, FRAMES_MAX) {
        let Some((how, bytes)) = frame.split_first() else { continue };
        let how = usize::from(*how & 0x7F);
        let at = ClusterTime(state.meta().now.0.saturating_add(STEPS_MS[how % STEPS_MS.len()]));
        let repeated = (how / STEPS_MS.len()).is_multiple_of(7).then(|| sent.last().cloned());
        let request = repeated.flatten().or_else(|| from_bare(bytes).ok());
        let request = request.unwrap_or_else(|| drawn(bytes));
        let done = checked(&state, at, &request);
        ways.insert(way(&request, &done));
        state = done.state;
        sent.push(request);
    }
    check_snapshot(&state);
    ways.into_iter().collect::<Vec<_>>().join("\n")
}

/// A random request that the bytes determine.
fn drawn(bytes: &[u8]) -> Request {
    let mut choices = Choices(u64::from(crc32fast::hash(bytes)));
    let mut drawn = request(command(&mut choices));
    if choices.once_in(6) {
        drawn.guards.push(guard(&mut choices));
    }
    let sequence = choices.below(4);
    match choices.below(4) {
        0 => drawn.origin = Some(Origin { session: SessionId(1), sequence, floor: 1 }),
        1 => drawn.key = Some(ClientKey { key: format!("k{sequence}"), request_hash: [0; 32] }),
        _ => {}
    }
    drawn
}

fn checked(state: &State, at: ClusterTime, request: &Request) -> Applied {
    let first = applied(state, at, request.clone());
    let second = applied(state, at, request.clone());
    assert_eq!(first.reply, second.reply, "{request:?}");
    assert_eq!(first.changes, second.changes, "{request:?}");
    assert_eq!(first.is_replaced, second.is_replaced, "{request:?}");
    assert!(first.state == second.state, "two states of one proposal: {request:?}");
    if let Err(no) = &first.reply.result {
        assert_ne!(no.code(), "internal", "{no} at {at} by {request:?}");
        check_refused(state, at, request);
    }
    // The rules are what takes longest to check, and where nothing changed they hold as before.
    if !first.changes.is_empty() || first.is_replaced || first.reply.result.is_ok() {
        let violations = invariant::check(&first.state);
        assert!(violations.is_empty(), "{violations:#?} at {at} after {request:?}");
    }
    let (before, after) = (state.meta(), first.state.meta());
    assert!(after.now >= before.now, "time went back");
    assert!(after.revision > before.revision, "an entry without a revision");
    first
}

/// Without a session or a key, whose answers are kept, a refusal leaves nothing behind.
fn check_refused(state: &State, at: ClusterTime, refused: &Request) {
    let plain = Request { origin: None, key: None, ..refused.clone() };
    let done = applied(state, at, plain);
    if done.reply.result.is_err() {
        let passed = applied(state, at, request(Command::Tick));
        assert_eq!(done.state.digest(), passed.state.digest(), "left behind by {refused:?}");
        assert!(done.state == passed.state, "left behind by {refused:?}");
    }
}

fn check_snapshot(state: &State) {
    let mut loader = Loader::default();
    let written = snapshot::write(state, &mut |record| loader.record(record));
    let loaded = written.and_then(|()| loader.finish());
    let loaded = loaded.unwrap_or_else(|error| panic!("its own snapshot is refused: {error:?}"));
    assert!(loaded == *state, "a state changed on its way through its snapshot");
}

fn way(request: &Request, done: &Applied) -> String {
    let command = format!("{:?}", request.command);
    let command: String = command.chars().take_while(|c| c.is_alphanumeric()).collect();
    let answer = done.reply.result.as_ref().map_or_else(|no| no.code(), |_| "done");
    let replayed = if done.reply.replayed { " again" } else { "" };
    format!("{command} {answer}{replayed}")
}

fn seeds() -> Vec<Vec<u8>> {
    const SEQUENCES: u64 = 40;
    const LENGTH: usize = 5;
    let session = request(Command::Session(SessionCommand::Open { holder: "r1".into() }));
    let mut seeds = vec![import()];
    for seed in 0..SEQUENCES {
        let mut choices = Choices(seed);
        let site = if seed % 4 == 3 { 0x80 } else { 0 };
        let mut sequence = vec![[vec![site], to_bare(&session)].concat()];
        for step in 0..LENGTH {
            let request = drawn(&(seed, step).0.to_le_bytes().map(|byte| byte.wrapping_add(41)));
            let request = Request { command: command(&mut choices), ..request };
            let how = u8::try_from(choices.below(0x80)).expect("is below a byte's end");
            sequence.push([vec![how], to_bare(&request)].concat());
        }
        seeds.push(frames::join(&sequence));
    }
    seeds
}

/// The import of a short dump, in place of the small site: refused for its machines, then allowed.
fn import() -> Vec<u8> {
    let transfer = transfer(&short_dump());
    let steps = [transfer.begin(ImportGuard::NoMachines)]
        .into_iter()
        .chain([transfer.begin(ImportGuard::EarlierImport)])
        .chain(transfer.pieces())
        .chain([transfer.commit()]);
    let abandon = ImportCommand::Abandon { id: transfer.id.clone() };
    let steps = steps.chain([abandon]);
    let frame = |step| [vec![1], to_bare(&request(Command::Import(step)))].concat();
    frames::join(&steps.map(frame).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::{run, seeds};
    use std::collections::BTreeSet;

    #[test]
    fn seeds_are_allowed_and_refused() {
        let told: Vec<String> = seeds().iter().map(|seed| run(seed)).collect();
        let ways: BTreeSet<&str> = told.iter().flat_map(|ways| ways.lines()).collect();
        let done = ways.iter().filter(|way| way.ends_with("done")).count();
        assert!(done >= 12 && ways.len() >= 30, "{done} done: {ways:#?}");
    }
}
