//! What is drawn as bars: who led, and what was done to nodes. And snapshots, which are moments.

use crate::report::word;
use crate::timeline::lanes::Lanes;
use crate::timeline::scale::{Micros, Scale};
use regent_check::history::line::{FaultOutcome, Instant, Note};
use regent_check::history::reader::History;
use serde::Serialize;
use std::collections::BTreeMap;

/// Leaders drawn; a region that changes them more often than that has other troubles.
pub const LEADERS_MAX: usize = 5_000;

/// A node that led.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Led {
    /// Its lane.
    pub lane: usize,
    /// In which term.
    pub term: u64,
    /// From when it was seen to.
    pub from: Micros,
    /// From when on it may have led no more, because something was done to it.
    pub sure: Micros,
    /// Until another one was seen to.
    pub to: Micros,
}

/// A fault at one node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Bar {
    /// The node's lane.
    pub lane: usize,
    /// What was done.
    pub kind: String,
    /// Since when.
    pub from: Micros,
    /// Until when; `None` if it was never healed.
    pub to: Option<Micros>,
    /// Whether it really was.
    pub outcome: String,
    /// The line of the history.
    pub line: u64,
}

/// A snapshot that a node took from another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Install {
    /// The node's lane.
    pub lane: usize,
    /// When.
    pub at: Micros,
    /// The revision it holds.
    pub revision: u64,
}

/// Everybody that led.
#[must_use]
pub fn led(history: &History, lanes: &Lanes, scale: &Scale) -> Vec<Led> {
    let mut first: BTreeMap<u64, (Instant, &str)> = BTreeMap::new();
    for told in &history.notes {
        if let Note::Leader { node, term, seen } = &told.said {
            let known = first.entry(*term).or_insert((*seen, node));
            *known = (*known).min((*seen, node));
        }
    }
    let mut seen: Vec<_> = first.into_iter().collect();
    seen.truncate(LEADERS_MAX);
    let nexts = seen.iter().skip(1).map(|(_, (at, _))| *at).chain([Instant(u64::MAX)]);
    let led = seen.iter().zip(nexts).map(|((term, (from, node)), to)| {
        let lane = lanes.lane(Some(node));
        let struck = struck(history, lanes, lane).filter(|began| (*from..to).contains(began));
        let sure = struck.min().unwrap_or(to);
        let (from, sure, to) = (scale.at(*from), scale.at(sure), scale.at(to));
        Led { lane, term: *term, from, sure, to: to.max(from) }
    });
    led.collect()
}

/// When something began to be done to a node.
fn struck<'a>(
    history: &'a History,
    lanes: &'a Lanes,
    lane: usize,
) -> impl Iterator<Item = Instant> + 'a {
    history.notes.iter().filter_map(move |told| match &told.said {
        Note::Fault { node, began, outcome, .. } => {
            let is_here = lanes.lane(Some(node)) == lane && *outcome != FaultOutcome::Skipped;
            is_here.then_some(*began)
        }
        Note::Leader { .. } | Note::Snapshot { .. } | Note::Log { .. } | Note::End => None,
    })
}

/// Everything that was done.
#[must_use]
pub fn faults(history: &History, lanes: &Lanes, scale: &Scale) -> Vec<Bar> {
    let faults = history.notes.iter().filter_map(|told| {
        let Note::Fault { kind, node, began, healed, outcome } = &told.said else { return None };
        Some(Bar {
            lane: lanes.lane(Some(node)),
            kind: kind.clone(),
            from: scale.at(*began),
            to: healed.map(|healed| scale.at(healed)),
            outcome: word(outcome),
            line: told.line.0,
        })
    });
    faults.collect()
}

/// Snapshots that were installed.
#[must_use]
pub fn installs(history: &History, lanes: &Lanes, scale: &Scale) -> Vec<Install> {
    let installs = history.notes.iter().filter_map(|told| {
        let Note::Snapshot { node, revision, seen } = &told.said else { return None };
        let lane = lanes.lane(Some(node));
        Some(Install { lane, at: scale.at(*seen), revision: revision.0 })
    });
    installs.take(LEADERS_MAX).collect()
}
