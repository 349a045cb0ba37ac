//! The statements a dump is made of, as far as we read them: their heads and the few that are whole facts.

use crate::cli::import::pg_dump::event::{Sequence, TableName};
use crate::cli::import::pg_dump::tokens::Tokens;

/// What a statement is about, told by its first line.
#[derive(Debug, PartialEq, Eq)]
pub enum Kind {
    /// `COPY table …`.
    Copy,
    /// `INSERT INTO table …`.
    Insert(InsertHead),
    /// `CREATE TABLE table …`.
    CreateTable(TableName),
    /// `SELECT setval(…)`.
    SetValue,
    /// `SET name = value`.
    Set,
    /// Anything else: of no interest.
    Other,
}

/// The part of an `INSERT` before its values.
#[derive(Debug, PartialEq, Eq)]
pub struct InsertHead {
    /// The table.
    pub table: TableName,
    /// The columns, if they are named.
    pub columns: Option<Vec<String>>,
    /// Where in the statement the first row's bracket, or the space before it, stands.
    pub values_at: usize,
}

/// The head of a `COPY … FROM stdin`.
#[derive(Debug, PartialEq, Eq)]
pub struct CopyHead {
    /// The table.
    pub table: TableName,
    /// The columns, if they are named.
    pub columns: Option<Vec<String>>,
}

/// A `SET` that changes how the rest must be read.
#[derive(Debug, PartialEq, Eq)]
pub enum Setting {
    /// The name of the encoding all that follows is in.
    ClientEncoding(String),
    /// Whether a backslash in a text is nothing special.
    StandardConformingStrings(bool),
}

/// What the statement that begins with `first_line` is. `None` for a statement that begins like one we read and
/// then goes on in a way that pg_dump does not write.
#[must_use]
pub fn classify(first_line: &str) -> Option<Kind> {
    let mut tokens = Tokens::new(first_line);
    if tokens.keyword("copy") {
        return Some(Kind::Copy);
    }
    if tokens.keywords(&["insert", "into"]) {
        return insert_head(tokens).map(Kind::Insert);
    }
    if tokens.keyword("create") {
        tokens.keyword("unlogged");
        if tokens.keyword("table") {
            tokens.keywords(&["if", "not", "exists"]);
            return tokens.table().map(Kind::CreateTable);
        }
        return Some(Kind::Other);
    }
    if tokens.keyword("select") {
        let is_set_value = tokens.table().is_some_and(|function| function.name == "setval");
        return Some(if is_set_value { Kind::SetValue } else { Kind::Other });
    }
    Some(if tokens.keyword("set") { Kind::Set } else { Kind::Other })
}

fn insert_head(mut tokens: Tokens<'_>) -> Option<InsertHead> {
    let table = tokens.table()?;
    let columns = tokens.names();
    if !tokens.keywords(&["overriding", "system", "value"]) {
        tokens.keywords(&["overriding", "user", "value"]);
    }
    tokens.keyword("values").then(|| InsertHead { table, columns, values_at: tokens.offset() })
}

/// Reads a whole `COPY` statement. `None` unless it reads rows from the script in the default format.
#[must_use]
pub fn copy_head(statement: &str) -> Option<CopyHead> {
    let mut tokens = Tokens::new(statement);
    tokens.keyword("copy");
    let table = tokens.table()?;
    let columns = tokens.names();
    let is_plain = tokens.keywords(&["from", "stdin"]) && tokens.mark(b';');
    is_plain.then_some(CopyHead { table, columns })
}

/// The columns of a `CREATE TABLE` in their order. `None` if it has no list of columns.
#[must_use]
pub fn columns_of_create_table(statement: &str) -> Option<Vec<String>> {
    const CONSTRAINTS: [&str; 7] =
        ["constraint", "primary", "unique", "check", "foreign", "exclude", "like"];
    let mut tokens = Tokens::new(statement);
    tokens.keyword("create");
    tokens.keyword("unlogged");
    tokens.keyword("table");
    tokens.keywords(&["if", "not", "exists"]);
    tokens.table()?;
    if !tokens.mark(b'(') {
        return None;
    }
    let mut columns = Vec::new();
    loop {
        if tokens.mark(b')') {
            return Some(columns);
        }
        let mut ahead = tokens;
        if !CONSTRAINTS.iter().any(|word| ahead.keyword(word)) {
            columns.push(tokens.name()?);
        }
        loop {
            if tokens.mark(b',') {
                break;
            }
            let mut ahead = tokens;
            if ahead.mark(b')') {
                break;
            }
            if !tokens.skip() {
                return None;
            }
        }
    }
}

/// Reads `SELECT pg_catalog.setval('schema.name', value, is_called)`.
#[must_use]
pub fn sequence(statement: &str) -> Option<Sequence> {
    let mut tokens = Tokens::new(statement);
    tokens.keyword("select");
    tokens.table()?;
    if !tokens.mark(b'(') {
        return None;
    }
    let name = Tokens::new(&tokens.text()?).table()?;
    if !tokens.mark(b',') {
        return None;
    }
    let value = tokens.integer()?;
    let is_called = !tokens.mark(b',') || !tokens.keyword("false");
    Some(Sequence { name, next: value.saturating_add(i64::from(is_called)) })
}

/// Reads a `SET` statement; `None` if it changes nothing for a reader.
#[must_use]
pub fn setting(statement: &str) -> Option<Setting> {
    let mut tokens = Tokens::new(statement);
    tokens.keyword("set");
    let name = tokens.name()?;
    if !tokens.mark(b'=') && !tokens.keyword("to") {
        return None;
    }
    let value = tokens.text().or_else(|| tokens.name())?;
    match name.as_str() {
        "client_encoding" => Some(Setting::ClientEncoding(value)),
        "standard_conforming_strings" => {
            Some(Setting::StandardConformingStrings(!value.eq_ignore_ascii_case("off")))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strings(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn copy_heads_are_read_with_and_without_columns() {
        let head = copy_head("COPY public.\"T\" (id, \"time\") FROM stdin;").expect("a head");
        assert_eq!(head.table.to_string(), "public.T");
        assert_eq!(head.columns, Some(strings(&["id", "time"])));
        let head = copy_head("COPY t FROM STDIN;").expect("a head");
        assert_eq!((head.table.to_string().as_str(), head.columns), ("public.t", None));
    }

    #[test]
    fn copies_from_files_or_in_other_formats_are_not_read() {
        assert_eq!(copy_head("COPY t (a) FROM '/tmp/3141.dat';"), None);
        assert_eq!(copy_head("COPY t (a) FROM stdin WITH CSV;"), None);
        assert_eq!(copy_head("COPY t (a) TO stdout;"), None);
    }

    #[test]
    fn insert_heads_are_read_in_all_forms() {
        for (line, columns) in [
            ("INSERT INTO public.t VALUES (1);", None),
            ("INSERT INTO public.t (a, \"b\") VALUES (1, 2);", Some(strings(&["a", "b"]))),
            ("INSERT INTO public.t OVERRIDING SYSTEM VALUE VALUES (1);", None),
            ("insert into t (a) overriding user value values\n", Some(strings(&["a"]))),
        ] {
            let Some(Kind::Insert(head)) = classify(line) else { panic!("{line}") };
            assert_eq!(head.table.to_string(), "public.t");
            assert_eq!(head.columns, columns);
        }
        assert_eq!(classify("INSERT INTO t SELECT 1;"), None);
    }

    #[test]
    fn columns_of_a_table_are_its_columns_only() {
        let statement = "CREATE TABLE public.t (\n    id integer NOT NULL,\n    \
             \"time\" timestamp with time zone DEFAULT ('a,b)'::text),\n    \
             cost numeric(10,2) DEFAULT 1,\n    tags text[],\n    \
             CONSTRAINT c CHECK ((id > 0)),\n    UNIQUE (id)\n);";
        assert_eq!(
            columns_of_create_table(statement),
            Some(strings(&["id", "time", "cost", "tags"]))
        );
        assert_eq!(columns_of_create_table("CREATE TABLE t PARTITION OF u DEFAULT;"), None);
        assert_eq!(columns_of_create_table("CREATE TABLE t ();"), Some(vec![]));
    }

    #[test]
    fn a_sequence_that_was_never_used_starts_at_its_value() {
        let next = |text| sequence(text).expect("a sequence").next;
        assert_eq!(next("SELECT pg_catalog.setval('public.t_id_seq', 41, true);"), 42);
        assert_eq!(next("SELECT pg_catalog.setval('public.t_id_seq', 1, false);"), 1);
        let odd = sequence("SELECT setval('\"S\".\"it''s\"', 7);").expect("a sequence");
        assert_eq!((odd.name.to_string().as_str(), odd.next), ("S.it's", 8));
    }

    #[test]
    fn settings_that_matter_are_seen() {
        assert_eq!(
            setting("SET client_encoding = 'LATIN1';"),
            Some(Setting::ClientEncoding("LATIN1".to_owned()))
        );
        assert_eq!(
            setting("SET standard_conforming_strings TO off;"),
            Some(Setting::StandardConformingStrings(false))
        );
        assert_eq!(setting("SET row_security = off;"), None);
    }

    #[test]
    fn other_statements_are_other() {
        for line in [
            "CREATE FUNCTION f() RETURNS trigger",
            "SELECT pg_catalog.lo_create('24001');",
            "CREATE INDEX i ON t (a);",
            "ALTER TABLE ONLY public.t OWNER TO maas;",
        ] {
            assert_eq!(classify(line), Some(Kind::Other), "{line}");
        }
        assert!(matches!(classify("CREATE UNLOGGED TABLE t ("), Some(Kind::CreateTable(_))));
    }
}
