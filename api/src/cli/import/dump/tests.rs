//! What makes a dump one of MAAS, and what does not.

use super::*;
use crate::cli::import::version::VersionError;

/// A whole dump; the tests bend it.
const HAND: &str = include_str!("../../../../tests/data/hand.sql");

fn read(text: &str) -> Result<Dump, DumpError> {
    Dump::read_script(text.as_bytes(), &mut |_| {})
}

fn refusal(text: &str) -> String {
    read(text).expect_err("a dump that is refused").to_string()
}

/// `HAND` with one place changed; the place must be there.
fn bent(from: &str, to: &str) -> String {
    assert!(HAND.contains(from), "{from}");
    HAND.replacen(from, to, 1)
}

fn copy_head(table: &str) -> &'static str {
    let head = format!("COPY public.{table} (");
    let start = HAND.find(&head).expect("the table's rows");
    HAND[start..].lines().next().expect("a line")
}

#[test]
fn of_several_databases_the_one_of_maas_is_read() {
    let other = "COPY public.auth_user (id, login) FROM stdin;\n1\troot\n\\.\n";
    let all = format!(
        "\\connect template1\n\n\\connect blog\n{other}\\connect maasdb\n{HAND}\\connect wiki\n{other}"
    );
    let dump = read(&all).expect("one of them is MAAS's");
    assert_eq!(dump.database, "maasdb");
    assert_eq!(dump.row_counts["auth_user"], 5, "rows of other databases do not count");
    assert_eq!(dump.digest, read(HAND).expect("the same alone").digest);
}

#[test]
fn two_databases_of_maas_are_refused_by_name() {
    let both = format!("\\connect maas_old\n{HAND}\\connect maas_new\n{HAND}");
    assert_eq!(
        refusal(&both),
        "two databases in the dump are MAAS's: maas_old and maas_new; dump one of them with pg_dump"
    );
    assert!(refusal(&format!("{HAND}\\connect more\n{HAND}")).contains("(unnamed) and more"));
}

#[test]
fn connecting_twice_to_one_database_is_one_database() {
    let text = format!("\\connect maasdb\nSET row_security = off;\n\\connect maasdb\n{HAND}");
    assert_eq!(read(&text).expect("one database").database, "maasdb");
}

#[test]
fn two_dumps_in_one_file_are_refused() {
    assert!(refusal(&format!("{HAND}{HAND}")).contains("comes twice in one database"));
}

#[test]
fn a_dump_of_something_else_is_refused() {
    for text in ["", "hello;\n", "COPY public.auth_user (id) FROM stdin;\n1\n\\.\n"] {
        assert!(
            refusal(text).starts_with("no database in the dump holds the table maasserver_node")
        );
    }
}

#[test]
fn a_required_column_that_is_missing_is_named_with_its_table() {
    let head = copy_head("maasserver_interface");
    let text = bent(head, &head.replace(", vlan_id,", ", vlan_no,"));
    assert_eq!(refusal(&text), "table maasserver_interface has no column vlan_id");
}

#[test]
fn columns_that_nothing_is_made_of_may_be_missing() {
    let mut text = HAND.to_owned();
    for (table, columns) in [
        ("maasserver_bmcroutablerackcontrollerrelationship", &["bmc_id", "routable"][..]),
        ("maasserver_nodekey", &["token_id", "node_id"]),
        ("maasserver_versionedtextfile", &["comment"]),
        ("maasserver_eventtype", &["description"]),
    ] {
        let head = copy_head(table);
        let other = columns.iter().fold(head.to_owned(), |other, column| {
            assert!(other.contains(column), "{table} has no {column}");
            other.replace(column, "other_name")
        });
        text = text.replacen(head, &other, 1);
    }
    let (bent, whole) = (read(&text).expect("a dump"), read(HAND).expect("a dump"));
    assert_eq!(bent.tables.event_types, whole.tables.event_types);
    assert_eq!(bent.tables.versioned_text_files, whole.tables.versioned_text_files);
    assert_eq!(bent.oddities.as_slice(), whole.oddities.as_slice());
}

#[test]
fn a_table_that_is_missing_is_named() {
    let text = HAND.replace("public.maasserver_subnet ", "public.maasserver_sobnet ");
    assert_eq!(refusal(&text), "table maasserver_subnet is missing: this is a dump of a part only");
}

#[test]
fn rows_of_tables_that_came_with_later_versions_may_be_missing() {
    let text = HAND.replace("public.maasserver_reservedip ", "public.maasserver_other ");
    assert_eq!(read(&text).expect("3.5 has no such table").tables.reserved_ips, []);
}

#[test]
fn an_unknown_version_is_refused() {
    let mark = |number: &str| bent("\n0004\n", &format!("\n{number}\n"));
    let error = read(&mark("0099")).expect_err("a version that is not out yet");
    let expected = VersionError::TooNew { mark: "0099".to_owned() };
    assert!(matches!(error, DumpError::Version(error) if error == expected));
}

#[test]
fn a_dump_cut_anywhere_is_never_taken_for_whole() {
    let whole = HAND.trim_end().len();
    for end in (0..whole).step_by(499).filter(|end| HAND.is_char_boundary(*end)) {
        if !HAND[end..].contains("database dump complete") {
            continue;
        }
        assert!(read(&HAND[..end]).is_err(), "cut at byte {end}");
    }
}

#[test]
fn the_same_content_has_the_same_digest_and_other_content_another() {
    let digest = |text: &str| read(text).expect("a dump").digest;
    let own = digest(HAND);
    assert_eq!(own, digest(&HAND.replace("HarborDump", "AnotherKey")));
    assert_eq!(own, digest(&HAND.replace('\n', "\r\n")));
    assert_ne!(own, digest(&bent("\tcrane-01\t", "\tcrane-o1\t")));
}

#[test]
fn progress_is_told_up_to_the_last_row() {
    let mut told = Vec::new();
    let dump = Dump::read_script(HAND.as_bytes(), &mut |rows| told.push(rows)).expect("a dump");
    let all: u64 = dump.row_counts.values().sum();
    assert!(told.last().is_some_and(|rows| *rows > all), "rows of other schemas count, too");
}

#[test]
fn secrets_are_read_and_never_printed() {
    let dump = read(HAND).expect("a dump");
    let secret = dump.tables.tokens.first().map(|token| token.secret.0.clone()).expect("a token");
    assert!(HAND.contains(&secret));
    let printed = format!("{dump:?}");
    for secret in [secret.as_str(), "pbkdf2_sha256", "left behind", "wet\\\"rope"] {
        assert!(!printed.contains(secret), "{secret}");
    }
}

#[test]
fn progress_is_told_while_long_rows_pass_that_nobody_needs() {
    let row = "x".repeat(1 << 20) + "\n";
    let skipped = format!("COPY public.unknown (a) FROM stdin;\n{}\\.\n", row.repeat(40));
    let mut calls = 0;
    let read = Dump::read_script((skipped + HAND).as_bytes(), &mut |_| calls += 1);
    assert!(read.is_ok());
    assert!(calls >= 3, "40 MiB are told of in parts: {calls}");
}
