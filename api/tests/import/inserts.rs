//! Rows as `INSERT` statements, which `pg_dump --inserts` writes: the same site as from `COPY`.
//!
//! Damaged dumps, of either form and packed, are the fuzz target `dump`.

use crate::hand;
use regent_api::cli::import::dump::Dump;
use regent_api::cli::import::pg_dump::event::Event;
use regent_api::cli::import::pg_dump::reader::Reader;
use regent_api::cli::import::source::Source;
use std::io::Cursor;

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
    let source = Source::from_input(Box::new(Cursor::new(as_inserts())), "inserts");
    let dump = Dump::read(source.expect("a script"), &mut |_| {}).expect("a whole dump");
    assert_eq!(dump.digest, hand::read().digest);
    assert_eq!(dump.oddities, hand::read().oddities);
}
