//! The HTTP face without its sockets: bodies, filters, cursors, references, and the commands they become.
//!
//! Whatever a client sends: a command or a problem that names a field and says what next. What was made can be shown,
//! and the state machine takes or refuses every command without failing. One filter has one form, in whatever order.

use crate::dice::Dice;
use crate::subject::sites::{applied, imported, request};
use crate::target::Target;
use bytes::Bytes;
use regent_api::http::body::{Body, object};
use regent_api::http::cursor::{Cursor, mark};
use regent_api::http::filter::Filter;
use regent_api::http::noun::{Noun, Seen};
use regent_api::http::nouns;
use regent_api::http::parameters::Parameters;
use regent_api::http::problem::Problem;
use regent_api::http::resource::{Access, Writes};
use regent_api::http::sort_key::SortKey;
use regent_api::problem_kind::ProblemKind;
use regent_core::command::Command;
use regent_core::invariant;
use regent_core::object::Key;
use regent_core::outcome::Outcome;
use serde_json::{Map, Value};
use std::ops::ControlFlow;

/// The target. Its first line is a noun, what is to be done and a reference; behind it stands the body or the query.
pub const TARGET: Target = Target {
    name: "http",
    about: "reads bodies, queries and cursors of every noun",
    run,
    seeds,
    words: WORDS,
    input_bytes_max: 16 << 10,
    memory_bytes_max: 48 << 20,
    memory_factor: 512,
};

const WORDS: &[&[u8]] = &[
    b"null",
    b"true",
    b"false",
    b"0",
    b"-1",
    b"1e999",
    b"1.5",
    b"4294967295",
    b"4294901760",
    b"18446744073709551616",
    b"\"\"",
    b"\"$0.id\"",
    b"[]",
    b"{}",
    b"[[[[[[[[[[[[[[[[",
    b"\"\\ud800\"",
    b"\"\\u0000\"",
    b"\"10.0.0.0/8\"",
    b"\"10.0.0.1\"",
    b"\"fe80::1\"",
    b"\"52:54:00:00:00:01\"",
    b"\"name\":",
    b"\"id\":",
    b",",
    b"create",
    b"change",
    b"delete",
    b"list",
    b"cursor",
    b"__ne=",
    b"__in=a,b",
    b"__within=10.0.0.0/8",
    b"__isnull=true",
    b"__lt=",
    b"&",
    b"limit=5",
    b"%00",
    b"%ff",
    b"+",
    b"name:",
];

/// Objects looked at by one filter.
const SEEN_MAX: usize = 40;

fn run(input: &[u8]) -> String {
    let end = input.iter().position(|byte| *byte == b'\n').unwrap_or(input.len());
    let (line, rest) = input.split_at(end);
    let rest = rest.get(1..).unwrap_or_default();
    let Ok(line) = std::str::from_utf8(line) else { return "no line".into() };
    let mut words = line.splitn(3, ' ');
    let noun = words.next().and_then(nouns::of_path);
    let (Some(noun), Some(verb)) = (noun, words.next()) else { return "no noun".into() };
    let segment = words.next().unwrap_or_default();
    let done = match verb {
        "create" => read_body(rest).and_then(|fields| noun.create(fields)),
        "change" => read_body(rest).and_then(|fields| noun.change(&found(noun, segment)?, fields)),
        "delete" => found(noun, segment).and_then(|key| noun.delete(&key)),
        "list" => return list(noun, rest),
        "cursor" => return cursor(rest, segment),
        _ => return "no verb".into(),
    };
    let went = match done {
        Ok(command) => try_out(noun, command),
        Err(problem) => checked(problem),
    };
    format!("{} {verb} {went}", noun.path())
}

fn read_body(bytes: &[u8]) -> Result<Map<String, Value>, Problem> {
    object(Body(Bytes::copy_from_slice(bytes)).json()?, "")
}

fn found(noun: &dyn Noun, segment: &str) -> Result<Key, Problem> {
    noun.find(&imported(), segment).ok_or_else(|| noun.missing(segment))
}

/// A problem tells what a client needs.
fn checked(problem: Problem) -> String {
    let kind = problem.kind();
    assert_ne!(kind, ProblemKind::Internal, "{problem:?}");
    let body = problem.into_body();
    assert!(!body.detail.is_empty() && !body.next.is_empty(), "{body:?}");
    assert!((400..500).contains(&body.status), "{body:?}");
    if kind == ProblemKind::Invalid {
        assert!(!body.errors.is_empty(), "no field is named: {body:?}");
        assert!(body.errors.iter().all(|error| !error.message.is_empty()), "{body:?}");
    }
    assert!(serde_json::to_string(&body).is_ok());
    format!("{kind:?}")
}

fn try_out(noun: &dyn Noun, command: Command) -> String {
    let state = imported();
    let done = applied(&state, state.meta().now, request(command.clone()));
    match done.reply.result {
        Err(no) => {
            assert_ne!(no.code(), "internal", "{no} by {command:?}");
            checked(Problem::from(no))
        }
        Ok(outcome) => {
            let violations = invariant::check(&done.state);
            assert!(violations.is_empty(), "{violations:#?} after {command:?}");
            if let Outcome::Created(made) | Outcome::Updated(made) = outcome {
                let view = noun.view(&done.state, &made.key);
                let view = view.unwrap_or_else(|| panic!("{made} is not shown: {command:?}"));
                assert!(serde_json::to_string(&view).is_ok_and(|text| text.len() > 2));
            }
            "done".into()
        }
    }
}

fn parameters(query: &str) -> Option<Parameters> {
    match Parameters::of(&format!("/v1/x?{query}").parse().ok()?) {
        Ok(parameters) => Some(parameters),
        Err(problem) => {
            checked(problem);
            None
        }
    }
}

fn list(noun: &dyn Noun, query: &[u8]) -> String {
    let query = std::str::from_utf8(query).unwrap_or_default();
    let Some(mut forward) = parameters(query) else { return "no query".into() };
    let turned: Vec<&str> = query.split('&').rev().collect();
    // A fragment ends a query: what stands behind it counts only if it is turned to the front.
    let turned = if query.contains('#') { query.to_owned() } else { turned.join("&") };
    let mut backward = parameters(&turned).expect("the same parameters, turned round");
    let limit = forward.take_number("limit");
    let _same = backward.take_number("limit");
    if let Err(problem) = limit {
        return format!("limit {}", checked(problem));
    }
    let filter = match (Filter::take(&mut forward, noun), Filter::take(&mut backward, noun)) {
        (Ok(filter), Ok(same)) => {
            assert_eq!(filter.canonical(), same.canonical(), "one filter has two forms");
            filter
        }
        (Err(problem), Err(_)) => return format!("filter {}", checked(problem)),
        _ => panic!("a filter depends on the order of its conditions"),
    };
    assert!(forward.finish().is_ok(), "a parameter nobody took");
    format!("{} list, some: {}", noun.path(), passes(noun, &filter))
}

/// Whether a filter lets anything through; what it lets through has a place in every order.
fn passes(noun: &dyn Noun, filter: &Filter) -> bool {
    let (mut seen, mut accepted) = (0, 0);
    noun.scan(&imported(), None, &mut |object: &dyn Seen| {
        seen += 1;
        if filter.accepts(object) {
            accepted += 1;
            let key = SortKey::of(&object.field("id"));
            assert_eq!(key.cmp(&key), std::cmp::Ordering::Equal);
        }
        if seen < SEEN_MAX { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    assert!(!filter.is_empty() || accepted == seen, "no filter keeps something back");
    accepted > 0
}

fn cursor(bytes: &[u8], list: &str) -> String {
    let text = String::from_utf8_lossy(bytes);
    let list = mark(list);
    match Cursor::decode(&text, list, 0) {
        Ok(cursor) => {
            assert_eq!(cursor.list, list);
            let again = Cursor::decode(&cursor.encode(), list, 0);
            assert_eq!(again.ok(), Some(cursor), "a cursor changed on its way");
            "cursor".into()
        }
        Err(problem) => format!("cursor {}", checked(problem)),
    }
}

fn seeds() -> Vec<Vec<u8>> {
    let state = imported();
    let mut seeds = Vec::new();
    for noun in nouns::ALL.iter().copied() {
        let path = noun.path();
        let mut shown: Vec<(String, Value)> = Vec::new();
        noun.scan(&state, None, &mut |object: &dyn Seen| {
            let view = serde_json::to_value(object.view()).expect("views are JSON");
            shown.push((object.key().to_string(), view));
            if shown.len() < 3 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        });
        for (key, view) in &shown {
            seeds.push(format!("{path} delete {key}\n"));
            let sent = sent(noun, view, |access| access == Access::Write);
            seeds.push(format!("{path} change {key}\n{sent}"));
        }
        if let (Writes::All, Some((_, view))) = (noun.writes(), shown.last()) {
            let sent = sent(noun, view, |access| access != Access::ReadOnly);
            seeds.push(format!("{path} create\n{sent}"));
        }
        let fields: Vec<&str> = noun.fields().iter().map(|field| field.name).collect();
        let field = Dice(fields.len() as u64).of(&fields).copied().unwrap_or("id");
        seeds.push(format!("{path} list\nid__gt=0&{field}__ne=x&limit=5"));
        seeds.push(format!("{path} list\n{field}__isnull=false&{field}__in=a,b"));
    }
    let (list, key) = (mark("machines"), Key::Number(7));
    let sort_key = Some(SortKey::of_text("10.0.0.1"));
    let cursor = Cursor { list, epoch: 0, start_revision: 9, sort_key, key };
    seeds.push(format!("machines cursor machines\n{}", cursor.encode()));
    seeds.extend(made().iter().map(|text| (*text).to_owned()));
    seeds.into_iter().map(String::into_bytes).collect()
}

/// Writes that are allowed, by hand.
const fn made() -> [&'static str; 4] {
    [
        "spaces create\n{\"name\":\"dmz\",\"description\":\"x\"}",
        "tags create\n{\"name\":\"fast\"}",
        "domains create\n{\"name\":\"lab.example\",\"ttl\":60}",
        "fabrics create\n{\"name\":\"fabric-x\"}",
    ]
}

/// What is shown of an object, as far as it may be sent.
fn sent(noun: &dyn Noun, view: &Value, may: impl Fn(Access) -> bool) -> Value {
    let fields = noun.fields();
    let sent = fields.iter().filter(|field| may(field.access));
    sent.filter_map(|field| Some((field.name.to_owned(), view.get(field.name)?.clone()))).collect()
}

#[cfg(test)]
mod tests {
    use super::{run, seeds};
    use std::collections::BTreeSet;

    #[test]
    fn seeds_are_done_and_refused_in_many_ways() {
        let ways: BTreeSet<String> = seeds().iter().map(|seed| run(seed)).collect();
        for end in ["create done", "change done", "delete done", "InUse", "list, some: true"] {
            assert!(ways.iter().any(|way| way.ends_with(end)), "{end}: {ways:#?}");
        }
        assert!(ways.contains("cursor"), "{ways:#?}");
    }
}
