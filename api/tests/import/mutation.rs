//! Damaged dumps: whatever happens to the bytes, reading ends with a dump or an error, in bounded memory.
//!
//! Seeded, so that a failure repeats; it prints what was done to which seed.

use crate::hand;
use flate2::{Compression, write::GzEncoder};
use regent_api::cli::import::dump::Dump;
use regent_api::cli::import::pg_dump::event::Event;
use regent_api::cli::import::pg_dump::reader::Reader;
use regent_api::cli::import::source::Source;
use std::io::{Cursor, Write};
use std::ops::Range;

const SCRIPT_ROUNDS: u64 = 600;
const PACKED_ROUNDS: u64 = 150;

/// Of the whole test process. The dump itself has a tenth of a mebibyte.
const PEAK_MEMORY_KIB_MAX: u64 = 512 << 10;

/// Pieces that mean something to the reader, put where they do not belong.
const PIECES: [&[u8]; 18] = [
    b"\\.\n",
    b"\n\\.\n",
    b"$$",
    b"$_$",
    b"'",
    b"''",
    b"E'\\",
    b"\"",
    b"/*",
    b"*/",
    b";\n",
    b"\t",
    b"\\N",
    b"\0",
    b"\xff\xfe",
    b"\\connect maasdb\n",
    b"COPY public.maasserver_node (id) FROM stdin;\n",
    b"INSERT INTO public.maasserver_tag VALUES (1, 'x', E'\\u12', (((;\n",
];

/// SplitMix64: small, and the same on every machine.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.roll() % end.max(1) as u64).expect("below a length in memory")
    }

    /// A stretch of up to `bytes_max` bytes within `length`.
    fn stretch(&mut self, length: usize, bytes_max: usize) -> Range<usize> {
        let start = self.below(length + 1);
        start..(start + self.below(bytes_max)).min(length)
    }
}

/// Does one thing to `bytes` and says what.
fn damage(bytes: &mut Vec<u8>, dice: &mut Dice) -> &'static str {
    let length = bytes.len();
    match dice.below(7) {
        0 => {
            bytes.truncate(dice.below(length));
            "cut short"
        }
        1 => {
            for _ in 0..=dice.below(8) {
                let at = dice.below(length);
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << dice.below(8);
                }
            }
            "bits flipped"
        }
        2 => {
            let piece = PIECES[dice.below(PIECES.len())];
            let at = dice.below(length + 1);
            bytes.splice(at..at, piece.iter().copied());
            "piece put in"
        }
        3 => {
            let from = dice.stretch(length, 4000);
            let copy = bytes[from].to_vec();
            let at = dice.below(length + 1);
            bytes.splice(at..at, copy);
            "stretch doubled"
        }
        4 => {
            let gone = dice.stretch(length, 4000);
            bytes.drain(gone);
            "stretch taken out"
        }
        5 => {
            let at = dice.stretch(length, 64);
            bytes[at].reverse();
            "stretch reversed"
        }
        _ => {
            splice_line(bytes, dice);
            "line moved"
        }
    }
}

fn splice_line(bytes: &mut Vec<u8>, dice: &mut Dice) {
    let mut lines: Vec<Vec<u8>> =
        bytes.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
    if !lines.is_empty() {
        let line = lines.remove(dice.below(lines.len()));
        let at = dice.below(lines.len() + 1);
        lines.insert(at, line);
    }
    *bytes = lines.concat();
}

/// Reads what is left; an error must be told to the end of its chain.
fn read(bytes: Vec<u8>) -> Option<Dump> {
    let source = Source::from_input(Box::new(Cursor::new(bytes)), "damaged").ok()?;
    match Dump::read(source, &mut |_| {}) {
        Ok(dump) => Some(dump),
        Err(error) => {
            let causes =
                std::iter::successors(Some(&error as &dyn std::error::Error), |e| e.source());
            assert!(causes.into_iter().all(|cause| !cause.to_string().is_empty()));
            None
        }
    }
}

fn check_memory(after: &str) {
    // Only Linux tells; elsewhere the rounds themselves are the test.
    let Ok(status) = std::fs::read_to_string("/proc/self/status") else { return };
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let peak: u64 = peak
        .and_then(|peak| peak.trim().strip_suffix(" kB"))
        .map_or(0, |kib| kib.parse().expect("a number of KiB"));
    assert!(peak < PEAK_MEMORY_KIB_MAX, "{peak} KiB at the peak after {after}");
}

fn rounds(count: u64, whole: &[u8]) -> u64 {
    let mut survived = 0;
    for seed in 0..count {
        let mut dice = Dice(seed);
        let mut bytes = whole.to_vec();
        let mut done = Vec::new();
        for _ in 0..=dice.below(3) {
            done.push(damage(&mut bytes, &mut dice));
        }
        let outcome = std::panic::catch_unwind(|| read(bytes).is_some());
        assert!(outcome.is_ok(), "seed {seed} panicked: {done:?}");
        survived += u64::from(outcome.is_ok_and(|is_dump| is_dump));
    }
    survived
}

#[test]
fn damaged_scripts_end_with_a_dump_or_an_error() {
    let whole = std::fs::read(hand::path()).expect("the dump is there");
    let survived = rounds(SCRIPT_ROUNDS, &whole);
    assert!((1..SCRIPT_ROUNDS).contains(&survived), "{survived}: the damage is of one kind only");
    check_memory("damaged scripts");
}

/// The hand-written dump in `INSERT` form; every other row with escapes instead of plain quotes.
fn as_inserts() -> Vec<u8> {
    let source = Source::open(&hand::path()).expect("the dump opens");
    let mut reader = Reader::new(source, |table| table.schema == "public");
    let (mut head, mut inserts) = (String::new(), String::new());
    let mut is_escaped = false;
    loop {
        match reader.next_event().expect("the dump is whole") {
            Event::TableStarted(table) => {
                let quote = |name: &String| format!("\"{}\"", name.replace('"', "\"\""));
                let columns: Vec<String> = table.columns.iter().map(quote).collect();
                let (name, columns) = (quote(&table.name.name), columns.join(", "));
                head = format!("INSERT INTO public.{name} ({columns})");
            }
            Event::Row(row) => {
                is_escaped = !is_escaped;
                let literals = row.iter().map(|value| match value {
                    None => "NULL".to_owned(),
                    Some("t") => "true".to_owned(),
                    Some(text) if is_escaped => {
                        let text =
                            text.replace('\\', "\\\\").replace('\'', "\\'").replace('\n', "\\n");
                        format!("E'{text}'")
                    }
                    Some(text) => format!("'{}'", text.replace('\'', "''")),
                });
                let literals: Vec<String> = literals.collect();
                inserts.push_str(&format!("{head} VALUES ({});\n", literals.join(", ")));
            }
            Event::End => return inserts.into_bytes(),
            Event::DatabaseStarted(_)
            | Event::TableDefined(_)
            | Event::RowsSkipped(_)
            | Event::SequenceValue(_) => {}
        }
    }
}

#[test]
fn rows_read_the_same_as_inserts() {
    let dump = read(as_inserts()).expect("a whole dump");
    assert_eq!(dump.digest, hand::read().digest);
    assert_eq!(dump.oddities, hand::read().oddities);
}

#[test]
fn damaged_inserts_end_with_a_dump_or_an_error() {
    let survived = rounds(SCRIPT_ROUNDS, &as_inserts());
    assert!((1..SCRIPT_ROUNDS).contains(&survived), "{survived}: the damage is of one kind only");
    check_memory("damaged inserts");
}

#[test]
fn damaged_gzip_ends_with_a_dump_or_an_error() {
    let whole = std::fs::read(hand::path()).expect("the dump is there");
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(&whole).expect("in memory");
    let survived = rounds(PACKED_ROUNDS, &encoder.finish().expect("in memory"));
    assert!(survived < PACKED_ROUNDS / 4, "{survived}: gzip's checksum is not looked at");
    check_memory("damaged gzip");
}
