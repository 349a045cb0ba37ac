//! Every trap a dump can hold, as text in and events out.

use super::*;

const PG_BODY: &str = "CREATE FUNCTION public.sys_dhcp() RETURNS trigger
    LANGUAGE plpgsql
    AS $_$
DECLARE
  x text := $$ ; $$;
BEGIN
COPY public.fake (id) FROM stdin;
1
\\.
  INSERT INTO public.fake VALUES ('it''s; \"odd');
  -- \\connect nowhere
END;
$_$;
";

fn wanted(table: &TableName) -> bool {
    table.schema == "public" && !table.name.starts_with("big")
}

/// The events of `text`, one line each; a row as its values between bars.
fn read(text: impl AsRef<[u8]>) -> Result<Vec<String>, ReadError> {
    let mut reader = Reader::new(text.as_ref(), wanted);
    let mut told = Vec::new();
    loop {
        told.push(match reader.next_event()? {
            Event::DatabaseStarted(name) => format!("database {name}"),
            Event::TableDefined(name) => format!("defined {name}"),
            Event::TableStarted(table) => {
                format!("{:?} {} ({})", table.form, table.name, table.columns.join(","))
            }
            Event::Row(row) => {
                row.iter().map(|v| v.unwrap_or("NULL")).collect::<Vec<_>>().join("|")
            }
            Event::RowsSkipped(rows) => format!("skipped {rows}"),
            Event::SequenceValue(sequence) => format!("{} next {}", sequence.name, sequence.next),
            Event::End => return Ok(told),
        });
    }
}

fn events(text: impl AsRef<[u8]>) -> Vec<String> {
    read(text).expect("a dump that can be read")
}

fn refusal(text: impl AsRef<[u8]>) -> String {
    read(text).expect_err("a dump that cannot be read").to_string()
}

#[test]
fn a_copy_section_becomes_a_table_and_its_rows() {
    let text = "SET row_security = off;\n\nCOPY public.t (id, \"time\", note) FROM stdin;\n\
        1\t2\ta\\tb\\nc\\\\d\n2\t\\N\t\n\\.\n\n\nSELECT pg_catalog.setval('public.t_id_seq', 2, true);\n";
    assert_eq!(
        events(text),
        ["Copy public.t (id,time,note)", "1|2|a\tb\nc\\d", "2|NULL|", "public.t_id_seq next 3"]
    );
}

#[test]
fn an_empty_table_is_told_and_has_no_rows() {
    assert_eq!(events("COPY t (a) FROM stdin;\n\\.\n"), ["Copy public.t (a)"]);
}

#[test]
fn a_row_of_one_empty_text_is_a_row() {
    assert_eq!(events("COPY t (a) FROM stdin;\n\n\\.\n"), ["Copy public.t (a)", ""]);
}

#[test]
fn fields_that_look_like_marks_are_only_fields() {
    let text = "COPY t (a, b) FROM stdin;\n\\\\N\t\\\\.\\n\\\\.\n\\\\.\tCOPY x FROM stdin;\n\\.\n";
    assert_eq!(events(text), ["Copy public.t (a,b)", "\\N|\\.\n\\.", "\\.|COPY x FROM stdin;"]);
}

#[test]
fn bodies_between_dollars_are_passed_over() {
    let text = format!("{PG_BODY}COPY t (a) FROM stdin;\n7\n\\.\n");
    assert_eq!(events(text), ["Copy public.t (a)", "7"]);
}

#[test]
fn bodies_between_quotes_are_passed_over() {
    let text = "CREATE FUNCTION f() RETURNS text AS '\nCOPY t (a) FROM stdin;\n\\.\nit''s;\n' LANGUAGE sql;\n\
        COMMENT ON TABLE t IS E'odd \\'; \n\\\\.\n';\nCOPY t (a) FROM stdin;\n7\n\\.\n";
    assert_eq!(events(text), ["Copy public.t (a)", "7"]);
}

#[test]
fn ddl_and_grants_are_passed_over() {
    let text = "CREATE VIEW v AS\n SELECT ';' AS x,\n  ( SELECT 1) AS y\n   FROM t;\nALTER TABLE v OWNER TO \"odd;name\";\n\
        GRANT ALL ON TABLE t TO maas;\nCREATE ROLE maas;\nALTER ROLE maas WITH LOGIN PASSWORD 'SCRAM-SHA-256$4096:x';\n\
        CREATE TRIGGER a AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION f();\n";
    assert_eq!(events(text), Vec::<String>::new());
}

#[test]
fn databases_are_told_apart() {
    let text = "\\restrict k\n\\connect template1\nCOPY t (a) FROM stdin;\n1\n\\.\n\\unrestrict k\n\
        \\connect -reuse-previous=on \"dbname='maas db'\"\nCOPY t (a) FROM stdin;\n2\n\\.\n";
    assert_eq!(
        events(text),
        [
            "database template1",
            "Copy public.t (a)",
            "1",
            "database maas db",
            "Copy public.t (a)",
            "2"
        ]
    );
}

#[test]
fn an_unwanted_table_is_counted_and_not_looked_at() {
    let mut text =
        b"COPY temporal.big (a, b) FROM stdin;\n\\\\x00\t\xff\xfe\0\nonly one field\n\\.\n"
            .to_vec();
    text.extend_from_slice(b"COPY t (a) FROM stdin;\n1\n\\.\n");
    assert_eq!(events(text), ["Copy temporal.big (a,b)", "skipped 2", "Copy public.t (a)", "1"]);
}

#[test]
fn large_objects_are_passed_over() {
    let text = "SELECT pg_catalog.lo_create('24001');\n\nALTER LARGE OBJECT 24001 OWNER TO maas;\nBEGIN;\n\n\
        SELECT pg_catalog.lo_open('24001', 131072);\nSELECT pg_catalog.lowrite(0, '\\x6c65');\n\
        SELECT pg_catalog.lo_close(0);\n\nCOMMIT;\n";
    assert_eq!(events(text), Vec::<String>::new());
}

#[test]
fn inserts_take_their_columns_from_the_table() {
    let text = "CREATE TABLE public.t (\n    id integer NOT NULL,\n    \"on\" boolean,\n    note text,\n    CONSTRAINT c CHECK ((id > 0))\n);\n\
        INSERT INTO public.t VALUES (1, true, 'it''s;\nso');\nINSERT INTO public.t VALUES (2, NULL, 'x');\n";
    assert_eq!(
        events(text),
        ["defined public.t", "Insert public.t (id,on,note)", "1|t|it's;\nso", "2|NULL|x"]
    );
}

#[test]
fn inserts_with_columns_need_no_table() {
    let text = "INSERT INTO public.t (b, a) OVERRIDING SYSTEM VALUE VALUES (1, -2);\n\
        INSERT INTO public.t (a) VALUES ('z'), ('y');\nINSERT INTO big VALUES (1, '(a)'), (2, ');');\n";
    assert_eq!(
        events(text),
        [
            "Insert public.t (b,a)",
            "1|-2",
            "Insert public.t (a)",
            "z",
            "y",
            "Insert public.big ()",
            "skipped 2"
        ]
    );
}

#[test]
fn inserts_without_columns_or_table_say_what_to_do() {
    assert_eq!(
        refusal("\nINSERT INTO public.t VALUES (1);\n"),
        "the columns of public.t are not named at line 2, byte 1 and the dump has no CREATE TABLE for it; \
         make the dump with plain pg_dump, or with --column-inserts"
    );
}

#[test]
fn a_table_of_another_database_does_not_lend_its_columns() {
    let text = "\\c one\nCREATE TABLE t (a int);\n\\c two\nINSERT INTO t VALUES (1);\n";
    assert!(refusal(text).starts_with("the columns of public.t are not named"));
}

#[test]
fn the_same_table_in_the_next_database_starts_anew() {
    let text = "\\c one\nINSERT INTO t (a) VALUES (1);\n\\c two\nINSERT INTO t (a) VALUES (2);\n";
    assert_eq!(
        events(text),
        ["database one", "Insert public.t (a)", "1", "database two", "Insert public.t (a)", "2"]
    );
}

#[test]
fn without_standard_strings_backslashes_escape() {
    let text = "SET standard_conforming_strings = off;\nINSERT INTO t (a) VALUES ('a\\\\b\\'c');\n";
    assert_eq!(events(text), ["Insert public.t (a)", "a\\b'c"]);
}

#[test]
fn line_ends_of_windows_and_a_byte_order_mark_do_no_harm() {
    let text = "\u{feff}SET row_security = off;\r\nCOPY t (a, b) FROM stdin;\r\n1\tx\\r\r\n\\.\r\n";
    assert_eq!(events(text), ["Copy public.t (a,b)", "1|x\r"]);
}

#[test]
fn several_statements_in_a_line_are_all_read() {
    let text = "BEGIN; INSERT INTO t (a) VALUES (1); INSERT INTO t (a) VALUES (2); COMMIT;\n";
    assert_eq!(events(text), ["Insert public.t (a)", "1", "2"]);
}

#[test]
fn rows_without_end_are_a_dump_cut_short() {
    let cut = "dump is cut short: the rows of public.t, begun at line 1, byte 0, have no end";
    for text in
        ["COPY t (a) FROM stdin;\n1\n", "COPY t (a) FROM stdin;\n1\n2", "COPY t (a) FROM stdin;\n"]
    {
        assert_eq!(refusal(text), cut);
    }
    assert!(refusal("COPY public.big (a) FROM stdin;\n1\n").contains("cut short"));
}

#[test]
fn a_statement_without_end_is_a_dump_cut_short() {
    let cut = "dump is cut short: the statement begun at line 2, byte 1 has no end";
    for text in
        ["\nINSERT INTO t (a) VALUES ('x", "\nCREATE FUNCTION f() AS $$ ; $\n;", "\nCOPY t (a"]
    {
        assert_eq!(refusal(text), cut, "{text}");
    }
}

#[test]
fn an_opening_line_without_its_closing_line_is_a_dump_cut_short() {
    let opening = "--\n-- PostgreSQL database dump\n--\n\nSET row_security = off;\n";
    assert!(refusal(opening).contains("closing line"));
    let closing = "--\n-- PostgreSQL database dump complete\n--\n";
    assert_eq!(events(format!("{opening}{closing}")), Vec::<String>::new());
}

#[test]
fn bytes_that_are_no_text_are_told_with_their_place() {
    let in_row = b"COPY t (a) FROM stdin;\nok\nb\xc3\x28\n\\.\n";
    assert_eq!(refusal(in_row), "text is not UTF-8 at line 3, byte 27");
    let by_escape = b"COPY t (a) FROM stdin;\n\\377\n\\.\n";
    assert_eq!(refusal(by_escape), "text is not UTF-8 at line 2, byte 23");
    let across_fields = b"COPY t (a, b) FROM stdin;\n\\303\t\\244\n\\.\n";
    assert_eq!(refusal(across_fields), "text is not UTF-8 at line 2, byte 26");
    let in_statement = b"INSERT INTO t (a) VALUES ('\xff');\n";
    assert_eq!(refusal(in_statement), "text is not UTF-8 at line 1, byte 27");
    assert!(refusal(b"SELECT 1;\n\x7fELF\0\0\n").starts_with("binary data at line 2, byte 14"));
}

#[test]
fn another_encoding_is_refused_with_the_way_out() {
    assert_eq!(
        refusal("SET client_encoding = 'LATIN1';\n"),
        "dump is in encoding LATIN1 (line 1, byte 0); make it with pg_dump --encoding=UTF8"
    );
    assert_eq!(events("SET client_encoding = 'UTF8';\n"), Vec::<String>::new());
}

#[test]
fn a_row_of_another_shape_is_damage() {
    assert_eq!(
        refusal("COPY t (a, b) FROM stdin;\n1\t2\t3\n\\.\n"),
        "row of public.t at line 2, byte 26 has 3 values where 2 are due"
    );
    assert!(refusal("INSERT INTO t (a, b) VALUES (1);\n").contains("has 1 values where 2 are due"));
}

#[test]
fn an_end_mark_outside_rows_is_damage() {
    assert!(
        refusal("SELECT 1;\n\\.\n").starts_with("end of rows without their beginning at line 2")
    );
}

#[test]
fn what_pg_dump_does_not_write_is_not_guessed_at() {
    assert!(refusal("COPY t (a) FROM '/x/3141.dat';\n").contains("only COPY … FROM stdin"));
    assert!(refusal("INSERT INTO t (a) VALUES (now());\n").contains("not a plain literal"));
    assert!(refusal("INSERT INTO t SELECT 1;\n").contains("not written the way pg_dump"));
    assert!(refusal("\\i other.sql\n").contains("refers to another file"));
}

#[test]
fn a_line_longer_than_the_limit_is_refused_and_one_that_nobody_wants_is_not() {
    let mut text = b"COPY public.big (a) FROM stdin;\n".to_vec();
    text.resize(text.len() + LINE_BYTES_MAX + 1, b'x');
    text.extend_from_slice(b"\n\\.\n");
    assert_eq!(events(&text), ["Copy public.big (a)", "skipped 1", "skipped 0"]);
    text[12..15].copy_from_slice(b"sma");
    assert!(refusal(&text).starts_with("line longer than 67108864 bytes at line 2"));
}

#[test]
fn a_statement_longer_than_the_limit_is_refused_while_it_grows() {
    let row = format!("('{}'),\n", "x".repeat(1 << 20));
    let text = format!("INSERT INTO t (a) VALUES\n{}", row.repeat(65));
    assert!(refusal(text).starts_with("statement longer than 67108864 bytes at line 1"));
}
