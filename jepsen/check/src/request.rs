//! Writes as clients mean them: one request, with all the attempts that share its idempotency key.
//!
//! Whether a repeated request was really done only once is for the judges to say. Here it is only put together.

use crate::history::line::{Function, Instant, Nature, Note, Operation, Revision, Verdict};
use crate::history::reader::{History, LineNumber, Numbered};
use serde_json::Value;
use std::collections::BTreeMap;

/// One request to change something.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// In the order of the file; never empty.
    attempts: Vec<&'a Numbered<Operation>>,
}

/// What is certain about a request.
#[derive(Clone, Copy, Debug)]
pub enum Fate<'a> {
    /// It was done. This attempt was the first to be told so.
    Done(&'a Numbered<Operation>),
    /// No attempt had an effect, and none will.
    Refused,
    /// Nobody was told.
    Unknown,
}

impl<'a> Request<'a> {
    /// All attempts, in the order of the file.
    #[must_use]
    pub fn attempts(&self) -> &[&'a Numbered<Operation>] {
        &self.attempts
    }

    /// What was asked for; the same in all attempts.
    #[must_use]
    pub fn asked_for(&self) -> &'a Operation {
        &self.attempts[0].said
    }

    /// The first line that tells of it.
    #[must_use]
    pub fn line(&self) -> LineNumber {
        self.attempts[0].line
    }

    /// All lines that tell of it.
    pub fn lines(&self) -> impl Iterator<Item = LineNumber> {
        self.attempts.iter().map(|attempt| attempt.line)
    }

    /// The earliest moment at which it may have had an effect.
    #[must_use]
    pub fn asked(&self) -> Instant {
        let effective = self.attempts.iter().filter(|told| told.said.verdict != Verdict::Fail);
        effective.map(|told| told.said.asked).min().unwrap_or(self.asked_for().asked)
    }

    /// The attempts that were answered with success.
    pub fn answers(&self) -> impl Iterator<Item = &'a Numbered<Operation>> {
        self.attempts.iter().copied().filter(|told| told.said.is_ok())
    }

    /// What is certain about it.
    #[must_use]
    pub fn fate(&self) -> Fate<'a> {
        let first = self.answers().min_by_key(|told| told.said.answered);
        match first {
            Some(told) => Fate::Done(told),
            None if self.attempts.iter().all(|told| told.said.verdict == Verdict::Fail) => {
                Fate::Refused
            }
            None => Fate::Unknown,
        }
    }

    /// The answer of a done request that changed something: a compare-and-set that did not match did not.
    #[must_use]
    pub fn change(&self) -> Option<&'a Numbered<Operation>> {
        match self.fate() {
            Fate::Done(told) => changed(&told.said).then_some(told),
            Fate::Refused | Fate::Unknown => None,
        }
    }
}

/// Whether a successful write changed anything.
#[must_use]
pub fn changed(operation: &Operation) -> bool {
    operation.function != Function::Cas || operation.output != Some(Value::Bool(false))
}

/// The requests of a history, and what its committed log says of them.
#[derive(Clone, Debug, Default)]
pub struct Requests<'a> {
    /// In the order of their first lines.
    pub all: Vec<Request<'a>>,
    /// Lines that use the idempotency key of a different request: the harness's mistake.
    pub mixed: Vec<LineNumber>,
    /// The entries of the committed log by idempotency key; none if it was not read.
    pub log: BTreeMap<&'a str, Vec<(Revision, LineNumber)>>,
}

impl<'a> Requests<'a> {
    /// Puts attempts together that share their idempotency key.
    #[must_use]
    pub fn of(history: &'a History) -> Self {
        let mut requests = Self { log: log(history), ..Self::default() };
        let mut by_key: BTreeMap<&str, usize> = BTreeMap::new();
        for told in &history.operations {
            if told.said.function.nature() != Nature::Write {
                continue;
            }
            let request_id = told.said.request_id.as_deref();
            let known = request_id.and_then(|request_id| by_key.get(request_id)).copied();
            match known {
                Some(place) if asks_the_same(requests.all[place].asked_for(), &told.said) => {
                    requests.all[place].attempts.push(told);
                }
                Some(_) => requests.mixed.push(told.line),
                None => {
                    by_key.extend(request_id.map(|request_id| (request_id, requests.all.len())));
                    requests.all.push(Request { attempts: vec![told] });
                }
            }
        }
        requests
    }

    /// Whether the committed log was read.
    #[must_use]
    pub fn has_log(&self) -> bool {
        !self.log.is_empty()
    }

    /// The revision at which the log says that a request was applied.
    #[must_use]
    pub fn logged(&self, request: &Request<'_>) -> Option<Revision> {
        let entries = self.log.get(request.asked_for().request_id.as_deref()?)?;
        entries.first().map(|(revision, _)| *revision)
    }

    /// Whether a request may have had an effect, or may have one yet. The log settles what clients were not told.
    #[must_use]
    pub fn is_possible(&self, request: &Request<'_>) -> bool {
        match request.fate() {
            Fate::Done(_) => true,
            Fate::Refused => false,
            Fate::Unknown => {
                let named = request.asked_for().request_id.is_some();
                !(named && self.has_log()) || self.logged(request).is_some()
            }
        }
    }
}

fn log(history: &History) -> BTreeMap<&str, Vec<(Revision, LineNumber)>> {
    let mut log: BTreeMap<&str, Vec<_>> = BTreeMap::new();
    for told in &history.notes {
        if let Note::Log { request_id, revision } = &told.said {
            log.entry(request_id).or_default().push((*revision, told.line));
        }
    }
    log
}

fn asks_the_same(one: &Operation, other: &Operation) -> bool {
    (one.function, &one.key, &one.input) == (other.function, &other.key, &other.input)
}
