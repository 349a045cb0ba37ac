//! Values in bytes: what goes to disk and wire.
//!
//! Whatever the bytes: a value or an error, in bounded memory. A value that was read has one form, which reads back as
//! the same value and is not much longer than what it was read from (rdata may be written shorter than its form has
//! it). One bit turned in a sealed value is noticed.

use crate::dice::Dice;
use crate::subject::sites::random_commands::choices::Choices;
use crate::subject::sites::random_commands::{command, guard};
use crate::subject::sites::{DUMP, applied, request, small, transfer};
use crate::subject::way;
use crate::target::Target;
use regent_api::http::cursor::Cursor;
use regent_core::apply::Reply;
use regent_core::codec::{from_bare, open, seal, to_bare};
use regent_core::command::import::ImportCommand;
use regent_core::command::{Command, Guard, Request};
use regent_core::id::SessionId;
use regent_core::model::import::{ImportId, StagedRow};
use regent_core::snapshot::Header;
use regent_core::state::table::Row;
use regent_core::state::tables::{KindVisitor, Stored, visit_kind};
use regent_core::time::{ClusterTime, WallTime};
use regent_raft::log_store::mark::{self, Mark};
use regent_raft::log_store::record::{Op, Record};
use regent_raft::region::message::{JoinAnswer, JoinRequest, NodeReport};
use regent_raft::type_config::{Entry, SnapshotMeta, Stamped, Vote};
use serde::{Serialize, de::DeserializeOwned};
use std::fmt::Debug;

/// The target. Its input is one byte for the type, one that may name a table, then the bare bytes.
pub const TARGET: Target = Target {
    name: "codec",
    about: "decodes every replicated and stored type, and encodes it again",
    run,
    seeds,
    words: &[
        b"\xfb\xff\xff",
        b"\xfc\xff\xff\xff\xff",
        b"\xfc\0\0\0\x04",
        b"\xfd\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\xfb\x05\0",
        b"\xfe",
        b"\xff",
        b"\x01\x01\x01\x01",
        b"maas",
        b"\xc3\x28",
    ],
    input_bytes_max: 64 << 10,
    // What a text or a list claims to be long is believed up to the codec's limit before its end is missed.
    memory_bytes_max: (64 << 20) + (4 << 20),
    memory_factor: 64,
};

/// How much longer a value's form may be than bytes it was read from: an octet of a text record may become `\\255`.
const GROWTH: usize = 8;

/// Types by their number in the first byte.
const TYPES: [fn(&[u8]) -> String; 17] = [
    held::<Request>,
    held::<Command>,
    held::<Guard>,
    held::<Reply>,
    held::<Header>,
    held::<StagedRow>,
    held::<ImportCommand>,
    held::<Cursor>,
    held::<Record>,
    held::<Op>,
    held::<Mark>,
    held::<Entry>,
    held::<Stamped>,
    held::<Vote>,
    held::<SnapshotMeta>,
    held::<(JoinRequest, JoinAnswer)>,
    held::<NodeReport>,
];

fn run(input: &[u8]) -> String {
    let [number, kind, bytes @ ..] = input else { return "nothing".into() };
    let way = match TYPES.get(usize::from(*number)) {
        Some(held) => held(bytes),
        None if *number == u8::MAX => slot(bytes),
        None => visit_kind(*kind, RowOf(bytes)).unwrap_or_else(|| "no such table".into()),
    };
    if usize::from(*number) < TYPES.len() { format!("{number} {way}") } else { way }
}

/// A row of a table, with its key, as snapshots have it.
struct RowOf<'a>(&'a [u8]);

impl KindVisitor for RowOf<'_> {
    type Output = String;

    fn visit<T: Stored>(self) -> String {
        format!("{:?} {}", T::KIND, held::<(T::Id, Row<T>)>(self.0))
    }
}

fn held<T: Serialize + DeserializeOwned + Debug + PartialEq>(bytes: &[u8]) -> String {
    let value: T = match from_bare(bytes) {
        Ok(value) => value,
        Err(error) => return way::of(&error),
    };
    let form = to_bare(&value);
    let form_bytes_max = GROWTH * bytes.len() + GROWTH;
    assert!(form.len() <= form_bytes_max, "{} bytes became {}", bytes.len(), form.len());
    let back: T = from_bare(&form).unwrap_or_else(|error| panic!("{value:?}: {error:?}"));
    assert_eq!(back, value, "a value changed on its way through bytes");
    assert_eq!(to_bare(&back), form, "a value has two forms");
    sealed(&value, bytes);
    "held".into()
}

fn sealed<T: Serialize + DeserializeOwned + Debug + PartialEq>(value: &T, bytes: &[u8]) {
    let mut sealed = seal(value);
    assert_eq!(&open::<T>(&sealed).expect("it was just sealed"), value);
    let bit = Dice(u64::from(crc32fast::hash(bytes))).below(sealed.len() * 8);
    sealed[bit / 8] ^= 1 << (bit % 8);
    assert!(open::<T>(&sealed).is_err(), "bit {bit} of {value:?} may be turned");
}

/// A slot of the high-water mark, which has a length of its own in front.
fn slot(bytes: &[u8]) -> String {
    match mark::decode(bytes) {
        Ok(found) => {
            assert_eq!(mark::decode(&mark::encode(&found)).expect("it was just encoded"), found);
            "slot".into()
        }
        Err(error) => way::of(&error),
    }
}

fn seeds() -> Vec<Vec<u8>> {
    const COMMANDS: usize = 60;
    const SHORT_STEPS: usize = 60_000;
    let mut choices = Choices(7);
    let mut seeds = Vec::new();
    let mut add = |number: u8, kind: u8, bytes: Vec<u8>| {
        seeds.push([&[number, kind], bytes.as_slice()].concat());
    };
    let state = small();
    for _ in 0..COMMANDS {
        let mut request = request(command(&mut choices));
        request.guards.push(guard(&mut choices));
        add(0, 0, to_bare(&request));
        add(1, 0, to_bare(&request.command));
        add(2, 0, to_bare(&request.guards[0]));
        add(3, 0, to_bare(&applied(&state, ClusterTime(5), request).reply));
    }
    add(4, 0, to_bare(&Header { meta: state.meta().clone(), rows: 3, digest: state.digest() }));
    let transfer = transfer(DUMP);
    for row in transfer.chunks.iter().flatten().step_by(5) {
        add(5, 0, to_bare(row));
        add(200, row.kind, row.bytes.to_vec());
    }
    add(6, 0, to_bare(&ImportCommand::Abandon { id: ImportId("x".into()) }));
    // The shortest step takes one byte here and hundreds once it is decoded.
    add(1, 0, to_bare(&Command::Batch(vec![Command::Tick; SHORT_STEPS])));
    add(12, 0, to_bare(&stamped()));
    add(16, 0, to_bare(&SessionId(1)));
    seeds.extend(rows(&state));
    seeds
}

fn stamped() -> Stamped {
    let request = seal(&request(Command::Tick)).into();
    Stamped { at: ClusterTime(9), wall: WallTime(-1), request }
}

/// Every row of a state, as its snapshot has it: the table's number first.
fn rows(state: &regent_core::state::State) -> Vec<Vec<u8>> {
    let mut rows = Vec::new();
    let written = regent_core::snapshot::write(state, &mut |record| {
        rows.push([&[200], record].concat());
        Ok::<(), std::convert::Infallible>(())
    });
    let Ok(()) = written;
    rows
}

#[cfg(test)]
mod tests {
    use super::{run, seeds};

    #[test]
    fn most_seeds_are_values() {
        let ways: Vec<String> = seeds().iter().map(|seed| run(seed)).collect();
        let held = ways.iter().filter(|way| way.ends_with("held")).count();
        assert!(held * 4 > ways.len() * 3, "{held} of {}: {ways:#?}", ways.len());
    }
}
