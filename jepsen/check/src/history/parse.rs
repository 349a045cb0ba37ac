//! From the text of a line to what it says, strictly: a field that is missing, unknown or of another type is an
//! error, and so is a kind of line that the format does not have.
//!
//! Does not know files, nor which lines may follow each other.

use crate::history::line::{
    FORMAT, Function, Header, Instant, Level, Note, Operation, Phase, Process, Revision, Verdict,
    present_or_null,
};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

/// Any line behind the first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// What a client did.
    Operation(Operation),
    /// Everything else.
    Note(Note),
}

/// Reads the first line.
///
/// # Errors
/// When it is not one of this format.
pub fn header(text: &str) -> Result<Header, serde_json::Error> {
    let fields: HeaderFields = serde_json::from_str(text)?;
    if fields.format != FORMAT {
        let what = format!("format {:?} is not {FORMAT:?}", fields.format);
        return Err(serde::de::Error::custom(what));
    }
    Ok(Header::new(fields.seed, fields.about))
}

/// Reads any other line.
///
/// # Errors
/// What is wrong with it, and where in it.
pub fn line(text: &str) -> Result<Line, serde_json::Error> {
    let tag: Tag = serde_json::from_str(text)?;
    if NOTES.contains(&tag.f.as_str()) {
        return Ok(Line::Note(serde_json::from_str(text)?));
    }
    let fields: OperationFields = serde_json::from_str(text)?;
    fields.operation().map(Line::Operation).map_err(serde::de::Error::custom)
}

#[derive(Deserialize)]
struct HeaderFields {
    format: String,
    seed: u64,
    #[serde(flatten)]
    about: Map<String, Value>,
}

/// What tells that a line is not an operation.
const NOTES: [&str; 5] = ["log", "fault", "leader", "snapshot", "end"];

#[derive(Deserialize)]
struct Tag {
    f: String,
}

/// The fields of an operation as they stand in the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OperationFields {
    p: Process,
    f: Function,
    key: Option<String>,
    #[serde(rename = "in", default, deserialize_with = "even_null")]
    input: Option<Value>,
    #[serde(rename = "out", default, deserialize_with = "even_null")]
    output: Option<Value>,
    t0: Instant,
    #[serde(deserialize_with = "present_or_null")]
    t1: Option<Instant>,
    r: Verdict,
    rev: Option<Revision>,
    lvl: Option<LevelName>,
    min_rev: Option<Revision>,
    age_ms: Option<u64>,
    node: Option<String>,
    rid: Option<String>,
    #[serde(default)]
    fin: bool,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum LevelName {
    Lin,
    Session,
    Stale,
}

impl OperationFields {
    fn operation(self) -> Result<Operation, &'static str> {
        let level = self.level()?;
        Ok(Operation {
            process: self.p,
            function: self.f,
            key: self.key,
            input: self.input,
            output: self.output,
            asked: self.t0,
            answered: self.t1,
            verdict: self.r,
            revision: self.rev,
            level,
            node: self.node,
            request_id: self.rid,
            phase: if self.fin { Phase::Final } else { Phase::UnderFaults },
        })
    }

    /// A level stands with what belongs to it, and with nothing else.
    fn level(&self) -> Result<Option<Level>, &'static str> {
        Ok(match (self.lvl, self.min_rev, self.age_ms) {
            (None, None, None) => None,
            (Some(LevelName::Lin), None, None) => Some(Level::Lin),
            (Some(LevelName::Session), Some(min_revision), None) => {
                Some(Level::Session { min_revision })
            }
            (Some(LevelName::Stale), None, Some(age_ms)) => Some(Level::Stale { age_ms }),
            (Some(LevelName::Session), None, _) => return Err("lvl session needs min_rev"),
            (Some(LevelName::Stale), _, None) => return Err("lvl stale needs age_ms"),
            (_, Some(_), _) => return Err("min_rev belongs to lvl session alone"),
            (_, _, Some(_)) => return Err("age_ms belongs to lvl stale alone"),
        })
    }
}

/// A value that is there, be it `null`: `null` is what is read where nothing is.
fn even_null<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(value).map(Some)
}

#[cfg(test)]
mod tests {
    use super::{Line, header, line};
    use crate::history::line::{FaultOutcome, Instant, Note};

    fn error(text: &str) -> String {
        line(text).unwrap_err().to_string()
    }

    #[test]
    fn unknown_kinds_of_line_are_refused_by_name() {
        let said = error(r#"{"p":1,"f":"guess","t0":1,"t1":2,"r":"ok"}"#);
        assert!(said.starts_with("unknown variant `guess`"), "{said}");
        assert!(error(r#"{"p":1}"#).starts_with("missing field `f`"));
    }

    #[test]
    fn missing_fields_are_named() {
        for (field, text) in [
            ("p", r#"{"f":"read","t0":1,"t1":2,"r":"ok"}"#),
            ("t0", r#"{"p":1,"f":"read","t1":2,"r":"ok"}"#),
            ("t1", r#"{"p":1,"f":"read","t0":1,"r":"ok"}"#),
            ("r", r#"{"p":1,"f":"read","t0":1,"t1":2}"#),
            ("rev", r#"{"f":"log","rid":"a"}"#),
        ] {
            let said = error(text);
            assert!(said.starts_with(&format!("missing field `{field}`")), "{said}");
        }
    }

    #[test]
    fn unknown_fields_and_wrong_types_are_refused() {
        let said = error(r#"{"p":1,"f":"read","t0":1,"t1":2,"r":"ok","level":"lin"}"#);
        assert!(said.starts_with("unknown field `level`"), "{said}");
        assert!(error(r#"{"p":"a","f":"read","t0":1,"t1":2,"r":"ok"}"#).contains("expected u64"));
        assert!(error(r#"{"p":1,"f":"read","t0":-1,"t1":2,"r":"ok"}"#).contains("expected u64"));
        let log = error(r#"{"f":"log","rid":"a","rev":5,"so":1}"#);
        assert!(log.starts_with("unknown field `so`"), "{log}");
    }

    #[test]
    fn level_of_a_read_comes_with_what_belongs_to_it() {
        let read =
            |level: &str| error(&format!(r#"{{"p":1,"f":"read","t0":1,"t1":2,"r":"ok",{level}}}"#));
        assert!(read(r#""lvl":"session""#).starts_with("lvl session needs min_rev"));
        assert!(read(r#""lvl":"stale""#).starts_with("lvl stale needs age_ms"));
        assert!(read(r#""lvl":"lin","min_rev":3"#).starts_with("min_rev belongs"));
        assert!(read(r#""age_ms":3"#).starts_with("age_ms belongs"));
        assert!(read(r#""lvl":"weak""#).starts_with("unknown variant `weak`"));
    }

    #[test]
    fn fault_that_does_not_say_otherwise_was_installed() {
        let read = line(r#"{"f":"fault","kind":"kill","node":"r1","t0":5,"t1":null}"#);
        let fault = Note::Fault {
            kind: "kill".to_owned(),
            node: "r1".to_owned(),
            began: Instant(5),
            healed: None,
            outcome: FaultOutcome::Installed,
        };
        assert_eq!(read.unwrap(), Line::Note(fault));
    }

    #[test]
    fn headers_of_other_formats_are_refused() {
        let said = header(r#"{"format":"regent-history/9","seed":1}"#).unwrap_err();
        assert!(said.to_string().contains("is not \"regent-history/1\""), "{said}");
        assert!(header(r#"{"format":"regent-history/1"}"#).is_err());
    }
}
