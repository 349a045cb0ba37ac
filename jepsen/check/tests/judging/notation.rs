//! Histories as people write them, a line an operation:
//!
//! ```text
//! PROCESS ASKED-ANSWERED FUNCTION KEY [INPUT] [-> OUTPUT] ok|fail|unknown [NAME=VALUE|fin]...
//! log REQUEST REVISION
//! fault KIND NODE BEGAN-HEALED OUTCOME
//! leader NODE TERM SEEN
//! snapshot NODE REVISION SEEN
//! ```
//!
//! Moments are milliseconds, `?` is none. Input and output are JSON without spaces. Levels are `lvl=lin`,
//! `lvl=session:REVISION` and `lvl=stale:MILLISECONDS`. `#` begins a remark.
//!
//! They become lines of the format, and are read as any history is.

use regent_check::history::reader::{History, read};
use serde_json::{Map, Value, json};

const NANOSECONDS_PER_MILLISECOND: u64 = 1_000_000;

/// The whole history that these lines tell.
pub(crate) fn history(lines: &str) -> History {
    let mut file = "{\"format\":\"regent-history/1\",\"seed\":0}\n".to_owned();
    for line in lines.lines().map(|line| line.split('#').next().unwrap().trim()) {
        let words: Vec<_> = line.split_whitespace().collect();
        if !words.is_empty() {
            file += &format!("{}\n", told(&words).unwrap_or_else(|| panic!("not a line: {line}")));
        }
    }
    file += "{\"f\":\"end\"}\n";
    read(file.as_bytes()).unwrap_or_else(|error| panic!("{error:?}\n{file}"))
}

fn told(words: &[&str]) -> Option<Value> {
    Some(match words {
        ["log", request, revision] => json!({ "f": "log", "rid": request, "rev": json(revision)? }),
        ["fault", kind, node, span, outcome] => {
            let (began, healed) = span.split_once('-')?;
            let (began, healed) = (moment(began)?, moment(healed)?);
            json!({ "f": "fault", "kind": kind, "node": node, "t0": began, "t1": healed, "outcome": outcome })
        }
        ["leader", node, term, seen] => {
            json!({ "f": "leader", "node": node, "term": json(term)?, "t0": moment(seen)? })
        }
        ["snapshot", node, revision, seen] => {
            json!({ "f": "snapshot", "node": node, "rev": json(revision)?, "t0": moment(seen)? })
        }
        [process, span, function, key, rest @ ..] => {
            let (asked, answered) = span.split_once('-')?;
            let mut fields = Map::from_iter([
                ("p".to_owned(), json(process)?),
                ("f".to_owned(), json!(function)),
                ("key".to_owned(), json!(key)),
                ("t0".to_owned(), moment(asked)?),
                ("t1".to_owned(), moment(answered)?),
            ]);
            details(&mut fields, rest)?;
            fields.into()
        }
        _ => return None,
    })
}

fn details(fields: &mut Map<String, Value>, mut words: &[&str]) -> Option<()> {
    let is_verdict = |word: &str| matches!(word, "ok" | "fail" | "unknown");
    if let [input, rest @ ..] = words
        && *input != "->"
        && !is_verdict(input)
    {
        fields.insert("in".to_owned(), json(input)?);
        words = rest;
    }
    if let ["->", output, rest @ ..] = words {
        fields.insert("out".to_owned(), json(output)?);
        words = rest;
    }
    let [verdict, rest @ ..] = words else { return None };
    fields.insert("r".to_owned(), json!(is_verdict(verdict).then_some(verdict)?));
    for word in rest {
        let (name, value) = word.split_once('=').unwrap_or((word, "true"));
        let (value, detail) = value.split_once(':').unwrap_or((value, ""));
        match (name, value) {
            ("rev", _) => drop(fields.insert("rev".to_owned(), json(value)?)),
            ("lvl", "session") => drop(fields.insert("min_rev".to_owned(), json(detail)?)),
            ("lvl", "stale") => drop(fields.insert("age_ms".to_owned(), json(detail)?)),
            _ => {}
        }
        match name {
            "lvl" | "node" | "rid" => drop(fields.insert(name.to_owned(), json!(value))),
            "fin" => drop(fields.insert(name.to_owned(), json!(true))),
            "rev" => {}
            _ => return None,
        }
    }
    Some(())
}

fn json(word: &str) -> Option<Value> {
    serde_json::from_str(word).ok()
}

fn moment(word: &str) -> Option<Value> {
    if word == "?" {
        return Some(Value::Null);
    }
    Some(json!(word.parse::<u64>().ok()? * NANOSECONDS_PER_MILLISECOND))
}
