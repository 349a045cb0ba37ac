//! The reader of MAAS dumps and all that follows until the region would have the site.
//!
//! Whatever the bytes: a dump or an error that names itself; the same one however the bytes are cut by the reads that
//! bring them; and of every dump a site that the state machine takes, since odd rows stay behind.

use crate::dice::Dice;
use crate::subject::sites::{DUMP, short_dump};
use crate::subject::way;
use crate::target::Target;
use flate2::{Compression, write::GzEncoder};
use regent_api::cli::import::dump::Dump;
use regent_api::cli::import::error::DumpError;
use regent_api::cli::import::mapping;
use regent_api::cli::import::oddity::Oddities;
use regent_api::cli::import::source::{Source, SourceError};
use regent_api::cli::import::transfer::{Transfer, TransferError};
use regent_core::invariant;
use std::collections::BTreeSet;
use std::error::Error;
use std::io::{self, Cursor, Read, Write as _};

/// The target.
pub const TARGET: Target = Target {
    name: "dump",
    about: "reads a dump of MAAS, maps it, packs it and tries the import",
    run,
    seeds,
    words: WORDS,
    input_bytes_max: 96 << 10,
    memory_bytes_max: 16 << 20,
    // A gzip of zeros unpacks to a thousand times its size, of which one line may be held.
    memory_factor: 4000,
};

const WORDS: &[&[u8]] = &[
    b"\\.\n",
    b"\n\\.\n",
    b"\\N",
    b"\\N\t",
    b"\t",
    b"\\\\",
    b"\\x41",
    b"\\101",
    b"\\\n",
    b"\r\n",
    b"\0",
    b"\xff\xfe",
    b"\xc3\xa9",
    b"$$",
    b"$_$",
    b"'",
    b"''",
    b"E'\\",
    b"\"",
    b"/*",
    b"*/",
    b"--",
    b";\n",
    b"(((",
    b"t",
    b"f",
    b"-1",
    b"0",
    b"2147483648",
    b"99999999999999999999",
    b"10.0.0.0/8",
    b"fe80::1/64",
    b"2026-05-01 12:00:00+00",
    b"infinity",
    b"{1,2,3}",
    b"{\"a\": [1, null]}",
    b"\\connect maasdb\n",
    b"\\connect -reuse-previous=on \"dbname='x'\"\n",
    b"SET client_encoding = 'LATIN1';\n",
    b"SET standard_conforming_strings = off;\n",
    b"SELECT pg_catalog.setval('public.maasserver_node_id_seq', 9, true);\n",
    b"COPY public.maasserver_node (id) FROM stdin;\n",
    b"INSERT INTO public.maasserver_tag VALUES (1, 'x', E'\\u12', NULL);\n",
    b"CREATE TABLE public.maasserver_tag (id integer, name text);\n",
];

type Outcome = Result<Dump, Failed>;

/// Why there is no dump.
#[derive(Debug)]
enum Failed {
    Source(SourceError),
    Dump(DumpError),
}

fn run(input: &[u8]) -> String {
    let whole = read(Box::new(Cursor::new(input.to_vec())));
    let seed = u64::from(crc32fast::hash(input));
    let cut = read(Box::new(InPieces { bytes: Cursor::new(input.to_vec()), dice: Dice(seed) }));
    // Of a packed dump that is broken, more or less was unpacked when that is noticed.
    if !(is_unreadable(&whole) && cut.is_err() || is_unreadable(&cut) && whole.is_err()) {
        assert_eq!(told(&whole), told(&cut), "what was read depends on how it came");
    }
    match whole {
        Ok(dump) => import(&dump),
        Err(Failed::Source(error)) => explained(&error),
        Err(Failed::Dump(error)) => explained(&error),
    }
}

fn read(bytes: Box<dyn Read + Send>) -> Outcome {
    let source = Source::from_input(bytes, "input").map_err(Failed::Source)?;
    Dump::read(source, &mut |_| {}).map_err(Failed::Dump)
}

/// Whether reading itself failed.
fn is_unreadable(outcome: &Outcome) -> bool {
    let error: &(dyn Error + 'static) = match outcome {
        Ok(_) => return false,
        Err(Failed::Source(error)) => error,
        Err(Failed::Dump(error)) => error,
    };
    std::iter::successors(Some(error), |&error| error.source()).any(<dyn Error>::is::<io::Error>)
}

/// All of an outcome, as a text that can be compared.
fn told(outcome: &Outcome) -> String {
    match outcome {
        Ok(dump) => format!("{dump:?}"),
        Err(error) => format!("{error:?}"),
    }
}

/// An error says something at every level, in words that do not hold the whole input.
fn explained(error: &(dyn Error + 'static)) -> String {
    const MESSAGE_BYTES_MAX: usize = 4096;
    let causes = std::iter::successors(Some(error), |&error| error.source());
    for cause in causes {
        let message = cause.to_string();
        assert!(!message.trim().is_empty(), "an error without words: {error:?}");
        assert!(message.len() <= MESSAGE_BYTES_MAX, "an error of {} bytes", message.len());
    }
    way::of(&error)
}

fn import(dump: &Dump) -> String {
    let as_of = dump.as_of.unwrap_or_default();
    let (mapped, again) = (mapping::map(dump, as_of), mapping::map(dump, as_of));
    let packed = Transfer::pack(&mapped, dump.digest);
    let packed_again = Transfer::pack(&again, dump.digest);
    let mut ways = reasons(&dump.oddities, "unread");
    ways.extend(reasons(&mapped.report.skipped, "skipped"));
    ways.extend(reasons(&mapped.report.noted, "noted"));
    match (packed, packed_again) {
        (Ok(transfer), Ok(same)) => {
            assert_eq!(transfer.chunks, same.chunks, "one dump makes two sites");
            assert_eq!(transfer.digest, same.digest, "one dump makes two digests");
            match transfer.rehearse() {
                Ok(state) => {
                    let violations = invariant::check(&state);
                    assert!(
                        violations.is_empty(),
                        "the imported site breaks rules: {violations:#?}"
                    );
                }
                Err(error) => panic!("the state machine does not take what was mapped: {error}"),
            }
        }
        (Err(TransferError::TooLarge { .. }), Err(_)) => drop(ways.insert("too large".into())),
        (left, right) => panic!(
            "one dump is packed in two ways: {left:?}, {right:?}",
            left = left.map(|t| t.count),
            right = right.map(|t| t.count)
        ),
    }
    ways.insert("imported".into());
    ways.into_iter().collect::<Vec<_>>().join("\n")
}

fn reasons(oddities: &Oddities, what: &str) -> BTreeSet<String> {
    let reason = |reason: &str| format!("{what}: {}", way::plain(reason));
    oddities.as_slice().iter().map(|oddity| reason(&oddity.reason)).collect()
}

/// Bytes that come a few at a time.
struct InPieces {
    bytes: Cursor<Vec<u8>>,
    dice: Dice,
}

impl Read for InPieces {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        const PIECE_BYTES_MAX: usize = 600;
        let count = buffer.len().min(1 + self.dice.below(PIECE_BYTES_MAX));
        self.bytes.read(buffer.get_mut(..count).unwrap_or_default())
    }
}

fn seeds() -> Vec<Vec<u8>> {
    const HEAD_OBJECTS: usize = 24;
    const BETWEEN: &str = "\n\n\n--\n-- Name: ";
    const END: &str = "--\n-- PostgreSQL database dump complete\n--\n";
    let short = short_dump();
    let head: Vec<&str> = DUMP.split(BETWEEN).take(HEAD_OBJECTS).collect();
    let two = format!("\\connect postgres\n{short}\\connect maasdb\n{short}");
    let bare = short.lines().filter(|line| !line.starts_with("--")).collect::<Vec<_>>().join("\n");
    vec![
        short.clone().into_bytes(),
        bare.clone().into_bytes(),
        format!("{}\n{bare}\n{END}", head.join(BETWEEN)).into_bytes(),
        two.into_bytes(),
        as_inserts(&short).into_bytes(),
        gzipped(short.as_bytes()),
    ]
}

fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).expect("in memory");
    encoder.finish().expect("in memory")
}

/// The rows of a script as `INSERT` statements, now with one kind of quotes, now with the other.
fn as_inserts(script: &str) -> String {
    let mut head = None;
    let mut inserts = String::new();
    for (number, line) in script.lines().enumerate() {
        if let Some(copy) = line.strip_prefix("COPY ") {
            head = copy.strip_suffix(" FROM stdin;").map(ToOwned::to_owned);
        } else if line == "\\." {
            head = None;
        } else if let Some(head) = &head {
            let values: Vec<String> = line.split('\t').map(|text| literal(text, number)).collect();
            inserts.push_str(&format!("INSERT INTO {head} VALUES ({});\n", values.join(", ")));
        }
    }
    inserts
}

fn literal(copied: &str, number: usize) -> String {
    match copied {
        "\\N" => "NULL".to_owned(),
        "t" => "true".to_owned(),
        text if number.is_multiple_of(2) => format!("E'{}'", text.replace('\'', "\\'")),
        text => format!("'{}'", text.replace('\'', "''")),
    }
}

#[cfg(test)]
mod tests {
    use super::{run, seeds};

    #[test]
    fn seeds_go_all_the_way_but_the_one_with_two_databases() {
        let ways: Vec<String> = seeds().iter().map(|seed| run(seed)).collect();
        let whole = ways.iter().filter(|way| way.contains("imported")).count();
        assert_eq!(whole, ways.len() - 1, "{ways:?}");
        assert!(ways.contains(&"TwoDatabases".to_owned()), "{ways:?}");
    }
}
