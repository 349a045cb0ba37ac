//! Dumps that are wrong, each with what the command says: what is wrong, where, and what to do. Nothing is ever sent.
//!
//! One row, one dump: most are the hand-written one with one place changed.

use crate::hand;
use flate2::{Compression, write::GzEncoder};
use std::io::Write as _;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// What the file is, how it is made, what is told of it.
type Row = (&'static str, fn() -> Vec<u8>, &'static [&'static str]);

const VERSIONS: &[Row] = &[
    ("MAAS 3.4", || django("0299_old"), &["0299_old is older than MAAS 3.5", "upgrade MAAS first"]),
    ("a MAAS to come", || bent("\n0004\n", "\n0042\n"), &["0042 is newer", "up to MAAS 3.8"]),
    ("a migration to come", || django("0341_new"), &["0341_new is newer"]),
    ("marks that are not MAAS's", || bent("\n0004\n", "\na1b2c3d4\n"), &["a1b2c3d4 is not one"]),
    ("no marks", || django(""), &["no version mark", "dump the whole database"]),
];

const DATABASES: &[Row] = &[
    ("nothing at all", Vec::new, &["maasserver_node", "not a dump of MAAS"]),
    ("another database", || copied("auth_user (id)", "1"), &["not a dump of MAAS"]),
    ("a web page", || b"<!DOCTYPE html>\n<p>404</p>\n".to_vec(), &["cannot read the dump"]),
    ("roles only", || b"CREATE ROLE maas;\nALTER ROLE maas LOGIN;\n".to_vec(), &["not a dump"]),
    ("two MAAS", two_databases, &["maas_old and maas_new", "dump one of them with pg_dump"]),
    ("two dumps joined", || hand().repeat(2), &["comes twice", "two dumps were joined"]),
    (
        "a table left out",
        || without("maasserver_vlan"),
        &["maasserver_vlan is missing", "a part only"],
    ),
    (
        "a column left out",
        || {
            bent(
                "COPY public.maasserver_domain (id, updated, created, name,",
                "COPY public.maasserver_domain (id, updated, created, nom,",
            )
        },
        &["maasserver_domain has no column name"],
    ),
    (
        "MySQL's dump",
        || b"INSERT INTO `maasserver_node` VALUES (1);\n".to_vec(),
        &["line 1, byte 0"],
    ),
    ("another file", || b"\\i part2.sql\n".to_vec(), &["\\i at line 1", "one complete dump"]),
    ("a client-side copy", || b"\\copy t from 'x'\n".to_vec(), &["\\copy at line 1"]),
    ("LATIN1", || b"SET client_encoding = 'LATIN1';\n".to_vec(), &["LATIN1", "--encoding=UTF8"]),
];

const CUTS: &[Row] = &[
    ("cut in a row", || cut("maas-init-node"), &["cut short", "public.auth_user", "have no end"]),
    ("cut behind a row", || cut("2\t!unusable2"), &["cut short", "public.auth_user"]),
    ("cut in a function", || cut("count(*)"), &["cut short", "has no end", "line "]),
    ("cut before its closing line", || cut("PostgreSQL database dump complete"), &["closing line"]),
    ("cut in a text", || b"INSERT INTO t VALUES (1, 'x".to_vec(), &["cut short", "line 1, byte 0"]),
    ("cut in a comment", || b"/* never closed\n".to_vec(), &["cut short", "line 1"]),
    ("gzip, cut short", || halved(gzip(&hand())), &["input failed"]),
    ("gzip, one bit turned", turned_gzip, &["input failed"]),
    ("gzip, of which only the head is left", || gzip(&hand())[..12].to_vec(), &["cannot read"]),
];

const PACKINGS: &[Row] = &[
    (
        "the custom format",
        || b"PGDMP\x01\x0e\0".to_vec(),
        &["pg_restore is not installed", "pg_restore -f -"],
    ),
    ("the tar format", || tar("toc.dat"), &["pg_restore is not installed", "pg_restore -f -"]),
    ("a custom format in gzip", || gzip(b"PGDMP\x01\x0e\0"), &["unpack it into a file"]),
    ("any other tar", || tar("etc/passwd"), &["is no dump of a database"]),
    ("a zip", || b"PK\x03\x04rest".to_vec(), &["is no dump of a database"]),
    ("gzip in gzip", || gzip(&gzip(&hand())), &["is no dump of a database"]),
    ("zstd", || b"\x28\xb5\x2f\xfdrest".to_vec(), &["zstd -dc FILE | regent import maas-dump -"]),
    ("xz", || b"\xfd7zXZ\0rest".to_vec(), &["xz -dc FILE |"]),
    ("bzip2", || b"BZh91AY".to_vec(), &["bzip2 -dc FILE |"]),
    ("lz4", || b"\x04\x22\x4d\x18rest".to_vec(), &["lz4 -dc FILE |"]),
    ("UTF-16", || b"\xff\xfeS\0E\0".to_vec(), &["UTF-16", "its option -f"]),
    ("noise", || vec![0x00, 0x17, 0xa5, 0x00], &["binary data at line 1, byte 0"]),
];

const ROWS: &[Row] = &[
    ("a value too many", || copied("t_wanted", "1\t2\t3"), &["3 values where 2 are due", "line 2"]),
    ("a value too few", || copied("t_wanted", "1"), &["1 values where 2 are due", "line 2"]),
    (
        "an end without rows",
        || b"\\.\n".to_vec(),
        &["end of rows without their beginning", "line 1"],
    ),
    ("octets that are no text", || tagged(b"1\t\xff\xfe"), &["not UTF-8 at line 2, byte 52"]),
    ("an escape that makes no text", || tagged(b"1\t\\377"), &["not UTF-8 at line 2"]),
    ("a character cut in two by an escape", || tagged(b"\\303\t\\251"), &["not UTF-8 at line 2"]),
    ("a zero in a row", || tagged(b"1\tx\0y"), &["binary data at line 2"]),
    ("rows as CSV", || headed("FROM stdin WITH CSV;"), &["cannot read the statement at line 1"]),
    (
        "rows in another file",
        || headed("FROM '/tmp/3141.dat';"),
        &["cannot read the statement at line 1"],
    ),
    ("rows going out", || headed("TO stdout;"), &["cannot read the statement at line 1"]),
    (
        "columns that are named nowhere",
        || b"COPY public.maasserver_tag FROM stdin;\n1\n\\.\n".to_vec(),
        &["columns of public.maasserver_tag are not named at line 1", "--column-inserts"],
    ),
    (
        "a function as a value",
        || inserted("VALUES (1, now());"),
        &["not a plain literal", "line 1"],
    ),
    ("rows of a query", || inserted("SELECT 1, 'x';"), &["cannot read the statement at line 1"]),
    ("brackets that do not close", || inserted("VALUES (1, 'x';"), &["cut short", "line 1"]),
    ("a comma instead of a value", || inserted("VALUES (,);"), &["cannot read the statement"]),
    ("an inserted value too few", || inserted("VALUES (1);"), &["1 values where 2 are due"]),
    ("an inserted value too many", || inserted("VALUES (1, 2, 3);"), &["3 values where 2 are due"]),
    (
        "an escape that makes no text",
        || inserted("VALUES (1, E'\\xff');"),
        &["not UTF-8 at line 1"],
    ),
    (
        "a sequence without a number",
        || b"SELECT pg_catalog.setval('public.t_id_seq', 'x', true);\n".to_vec(),
        &["setval is not called with a name and a number"],
    ),
];

#[test]
fn versions_that_cannot_be_imported_are_named() {
    check(VERSIONS);
}

#[test]
fn what_is_no_single_whole_database_of_maas_is_refused() {
    check(DATABASES);
}

#[test]
fn cut_and_damaged_dumps_are_never_taken_for_whole_ones() {
    check(CUTS);
}

#[test]
fn other_packings_are_refused_with_the_command_that_helps() {
    check(PACKINGS);
}

#[test]
fn rows_that_cannot_be_read_are_told_with_their_place() {
    check(ROWS);
}

#[test]
fn what_is_no_file_is_told_by_its_name() {
    let desk = Desk::new();
    desk.told(
        "a file that is not there",
        Path::new("nowhere.sql"),
        &["cannot read nowhere.sql", "name a file that is there"],
    );
    let folder = desk.folder.path().join("folder");
    std::fs::create_dir(&folder).expect("made");
    desk.told("a folder", &folder, &["folder is no dump of a database", "name what `pg_dump"]);
}

fn check(rows: &[Row]) {
    let desk = Desk::new();
    for (what, make, parts) in rows {
        let file = desk.folder.path().join("dump");
        std::fs::write(&file, make()).expect("written");
        desk.told(what, &file, parts);
    }
}

/// Where the command is run: without other programs, and with a region that nobody may speak to.
struct Desk {
    folder: tempfile::TempDir,
    region: TcpListener,
}

impl Desk {
    fn new() -> Self {
        let region = TcpListener::bind("127.0.0.1:0").expect("a free port");
        region.set_nonblocking(true).expect("a socket");
        Self { folder: tempfile::tempdir().expect("a folder"), region }
    }

    fn told(&self, what: &str, file: &Path, parts: &[&str]) {
        let Output { status, stderr, stdout } = self.import(file);
        let told = String::from_utf8_lossy(&stderr);
        assert_eq!(status.code(), Some(1), "{what}: {told}");
        assert!(stdout.is_empty(), "{what} prints what would come in");
        for part in parts {
            assert!(told.contains(part), "{what}: no {part:?} in\n{told}");
        }
        let next = told.lines().find(|line| line.trim_start().starts_with("next"));
        let next = next.unwrap_or_else(|| panic!("{what}: nothing to do next in\n{told}"));
        assert!(next.contains("pg_dump"), "{what}: {next}");
        let asked = self.region.accept().map(|_| ());
        assert!(asked.is_err(), "{what}: the region was spoken to");
    }

    fn import(&self, file: &Path) -> Output {
        let region = self.region.local_addr().expect("a port").to_string();
        let program = PathBuf::from(env!("CARGO_BIN_EXE_regent"));
        let mut command = Command::new(program);
        command.args(["import", "maas-dump", "--addr", &region]).arg(file);
        // Whether PostgreSQL's programs are installed must make no difference.
        command.env("PATH", self.folder.path()).current_dir(self.folder.path());
        command.output().expect("the program is there")
    }
}

fn hand() -> Vec<u8> {
    std::fs::read(hand::path()).expect("the dump is there")
}

/// The hand-written dump with one place changed.
fn bent(from: &str, to: &str) -> Vec<u8> {
    let hand = String::from_utf8(hand()).expect("it is text");
    assert!(hand.contains(from), "{from}");
    hand.replacen(from, to, 1).into_bytes()
}

/// The hand-written dump without Alembic's mark and with this one of Django, if any.
fn django(mark: &str) -> Vec<u8> {
    let hand = String::from_utf8(bent("\n0004\n", "\n")).expect("it is text");
    let row = |line: &str| !line.contains("\tmaasserver\t03");
    let kept: Vec<&str> = hand.lines().filter(|line| row(line)).collect();
    let head = "COPY public.django_migrations (id, app, name, applied) FROM stdin;";
    let rows = if mark.is_empty() {
        head.to_owned()
    } else {
        format!("{head}\n301\tmaasserver\t{mark}\t2024-01-16 01:30:00+00")
    };
    (kept.join("\n").replacen(head, &rows, 1) + "\n").into_bytes()
}

fn two_databases() -> Vec<u8> {
    let hand = hand();
    [b"\\connect maas_old\n", hand.as_slice(), b"\\connect maas_new\n", hand.as_slice()].concat()
}

/// The hand-written dump without the rows of one table, as `--exclude-table-data` leaves it.
fn without(table: &str) -> Vec<u8> {
    let hand = String::from_utf8(hand()).expect("it is text");
    let start = hand.find(&format!("COPY public.{table} (")).expect("its rows");
    let end = start + hand[start..].find("\\.\n").expect("their end") + 3;
    (hand[..start].to_owned() + &hand[end..]).into_bytes()
}

/// The hand-written dump up to a place, which is left out.
fn cut(place: &str) -> Vec<u8> {
    let hand = String::from_utf8(hand()).expect("it is text");
    let end = hand.find(place).expect("the place is there");
    hand.as_bytes()[..end].to_vec()
}

fn copied(table: &str, row: &str) -> Vec<u8> {
    let head = match table {
        "t_wanted" => "maasserver_tag (id, name)",
        other => other,
    };
    format!("COPY public.{head} FROM stdin;\n{row}\n\\.\n").into_bytes()
}

fn tagged(row: &[u8]) -> Vec<u8> {
    [b"COPY public.maasserver_tag (id, name) FROM stdin;\n", row, b"\n\\.\n"].concat()
}

fn headed(tail: &str) -> Vec<u8> {
    format!("COPY public.maasserver_tag (id, name) {tail}\n").into_bytes()
}

fn inserted(tail: &str) -> Vec<u8> {
    format!("INSERT INTO public.maasserver_tag (id, name) {tail}\n").into_bytes()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("in memory");
    encoder.finish().expect("in memory")
}

fn halved(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.truncate(bytes.len() / 2);
    bytes
}

/// The checksum at the end of a gzip with one bit turned.
fn turned_gzip() -> Vec<u8> {
    let mut bytes = gzip(&hand());
    let at = bytes.len() - 8;
    bytes[at] ^= 1;
    bytes
}

/// The beginning of a tar whose first file has this name.
fn tar(first: &str) -> Vec<u8> {
    const MAGIC_AT: usize = 257;
    let mut bytes = first.as_bytes().to_vec();
    bytes.resize(MAGIC_AT, 0);
    bytes.extend_from_slice(b"ustar  ");
    bytes.resize(512, 0);
    bytes
}
