//! One connection of a change feed, as its line tells it.

use crate::history::line::{Operation, Revision};
use crate::history::reader::{LineNumber, Numbered};
use serde_json::Value;
use std::collections::BTreeSet;

/// A change as a watch told it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Event<'a> {
    pub(crate) revision: Revision,
    pub(crate) key: &'a str,
    pub(crate) value: &'a Value,
}

/// A connection: everything behind `from` and up to `to` was told.
///
/// An answer that the changes are gone ends it there, which is honest; so it is no matter here.
#[derive(Clone, Debug)]
pub(crate) struct Stream<'a> {
    pub(crate) line: LineNumber,
    /// It asked for the keys that begin with this.
    pub(crate) prefix: &'a str,
    pub(crate) from: Revision,
    pub(crate) to: Revision,
    /// In the order in which they came.
    pub(crate) events: Vec<Event<'a>>,
}

impl<'a> Stream<'a> {
    /// `None` if its shape is not that of a watch.
    pub(crate) fn of(told: &'a Numbered<Operation>) -> Option<Self> {
        let (input, output) = (told.said.input.as_ref()?, told.said.output.as_ref()?);
        let events = output.get("events")?.as_array()?.iter().map(event);
        Some(Self {
            line: told.line,
            prefix: told.said.key_or_empty(),
            from: Revision(input.get("from")?.as_u64()?),
            to: Revision(output.get("to")?.as_u64()?),
            events: events.collect::<Option<_>>()?,
        })
    }

    /// Whether it should have told of this key at this revision.
    pub(crate) fn covers(&self, revision: Revision, key: &str) -> bool {
        self.from < revision && revision <= self.to && key.starts_with(self.prefix)
    }

    /// What it told of.
    pub(crate) fn told(&self) -> BTreeSet<(Revision, &'a str)> {
        self.events.iter().map(|event| (event.revision, event.key)).collect()
    }
}

fn event(value: &Value) -> Option<Event<'_>> {
    let [revision, key, value] = value.as_array()?.as_slice() else { return None };
    Some(Event { revision: Revision(revision.as_u64()?), key: key.as_str()?, value })
}
