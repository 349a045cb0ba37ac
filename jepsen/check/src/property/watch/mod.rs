//! A watch tells every change once, in order, with its value, and nothing else.
//!
//! What there was to tell is known from acknowledged writes, from the committed log, and from the other watches.

pub(crate) mod stream;

use crate::finding::{Findings, Violation};
use crate::history::line::{Function, Revision};
use crate::history::reader::{History, LineNumber};
use crate::property::changes::{changes, written};
use crate::property::watch::stream::Stream;
use crate::request::{Fate, Requests};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// What was changed, and what the first who told of it said, by revision and key.
type Known<'a> = BTreeMap<(Revision, &'a str), (&'a Value, LineNumber)>;

/// Judges all watches.
#[must_use]
pub fn judge(history: &History, requests: &Requests<'_>) -> Findings {
    let mut findings = Findings::default();
    let streams = streams(history, &mut findings);
    for stream in &streams {
        judge_order(stream, &mut findings);
    }
    let mut known = known(requests);
    for stream in &streams {
        judge_values(stream, &mut known, &mut findings);
    }
    judge_origins(&streams, requests, &mut findings);
    for stream in &streams {
        judge_gaps(stream, &known, &mut findings);
    }
    findings
}

/// A connection that broke counts for what it told.
fn streams<'a>(history: &'a History, findings: &mut Findings) -> Vec<Stream<'a>> {
    let watches = history.operations.iter().filter(|told| {
        let told_something = told.said.is_ok() || told.said.output.is_some();
        told.said.function == Function::Watch && told_something
    });
    let mut streams = Vec::new();
    for told in watches {
        match Stream::of(told) {
            Some(stream) => streams.push(stream),
            None => findings.misshapen(told.line, "from, events and to"),
        }
    }
    streams
}

fn judge_order(stream: &Stream<'_>, findings: &mut Findings) {
    let mut violated = |violation, why: String| findings.violated(violation, [stream.line], why);
    if stream.to < stream.from {
        let why = format!("it was to go on after {} and ended at {}", stream.from.0, stream.to.0);
        violated(Violation::WatchResume, why);
    }
    let mut last = stream.from;
    let mut told = BTreeSet::new();
    for event in &stream.events {
        let (revision, key) = (event.revision.0, event.key);
        if !told.insert((event.revision, key)) {
            violated(Violation::WatchDuplicate, format!("{key:?} at {revision} was told twice"));
        } else if event.revision <= stream.from {
            let why = format!("{key:?} at {revision} came before its start at {}", stream.from.0);
            violated(Violation::WatchResume, why);
        } else if event.revision < last {
            let why = format!("{key:?} at {revision} was told after revision {}", last.0);
            violated(Violation::WatchOrder, why);
        } else if event.revision > stream.to {
            let why = format!("{key:?} at {revision} lies behind its end at {}", stream.to.0);
            violated(Violation::WatchOrder, why);
        }
        if !key.starts_with(stream.prefix) {
            let why = format!("{key:?} does not begin with {:?}", stream.prefix);
            violated(Violation::WatchFilter, why);
        }
        last = last.max(event.revision);
    }
}

fn known<'a>(requests: &Requests<'a>) -> Known<'a> {
    let registers = changes(requests);
    let mut known = Known::new();
    for (key, changes) in &registers {
        for (revision, change) in changes.effective() {
            known.insert((revision, *key), (change.value, change.line));
        }
    }
    known
}

/// Takes what the stream tells to be known, too, unless something else is.
fn judge_values<'a>(stream: &Stream<'a>, known: &mut Known<'a>, findings: &mut Findings) {
    for event in &stream.events {
        let told = (event.value, stream.line);
        let (value, line) = *known.entry((event.revision, event.key)).or_insert(told);
        if value != event.value {
            let (key, revision, other) = (event.key, event.revision.0, event.value);
            let why = format!("{key:?} at {revision} is {value} and was told as {other}");
            findings.violated(Violation::WatchValue, [line, stream.line], why);
        }
    }
}

/// Of registers that clients write, only what they wrote can be told.
fn judge_origins(streams: &[Stream<'_>], requests: &Requests<'_>, findings: &mut Findings) {
    let mut asked: BTreeMap<&str, HashSet<&Value>> = BTreeMap::new();
    for request in &requests.all {
        let asked_for = request.asked_for();
        let Some(value) = written(asked_for) else { continue };
        let values = asked.entry(asked_for.key_or_empty()).or_default();
        match request.fate() {
            Fate::Done(_) | Fate::Unknown => values.extend([value]),
            Fate::Refused => {}
        }
    }
    for stream in streams {
        for event in &stream.events {
            if asked.get(event.key).is_some_and(|values| !values.contains(event.value)) {
                let (key, value) = (event.key, event.value);
                let why = format!("{key:?} was told to be {value}, which nobody wrote");
                findings.violated(Violation::WatchValue, [stream.line], why);
            }
        }
    }
}

fn judge_gaps(stream: &Stream<'_>, known: &Known<'_>, findings: &mut Findings) {
    let told = stream.told();
    let within =
        known.range((stream.from, "")..).take_while(|((revision, _), _)| *revision <= stream.to);
    for ((revision, key), (value, line)) in within {
        if stream.covers(*revision, key) && !told.contains(&(*revision, *key)) {
            let why = format!("{key:?} became {value} at {}, and it was not told", revision.0);
            findings.violated(Violation::WatchGap, [*line, stream.line], why);
        }
    }
}
