//! At no time do two clients hold one address.
//!
//! Judged in the clients' own time: a client holds an address from the answer that gives it until it sends its
//! release, or until the lease is over, counted from when it asked. The server may believe what it likes.

use crate::finding::{Findings, Violation};
use crate::history::line::{Function, Instant, Operation, Verdict};
use crate::history::reader::{History, LineNumber, Numbered};
use serde_json::Value;
use std::collections::BTreeMap;

const NANOSECONDS_PER_MILLISECOND: u64 = 1_000_000;

/// What a client did with its right to an address.
#[derive(Clone, Copy, Debug)]
enum Step {
    Hold,
    Release,
}

impl Step {
    /// Who sends a release stops using the address, whatever becomes of it; unless the release was refused.
    fn of(operation: &Operation) -> Option<Self> {
        let verdict = operation.verdict;
        if matches!(operation.function, Function::Alloc | Function::Renew) {
            return (verdict == Verdict::Ok).then_some(Self::Hold);
        }
        let released = operation.function == Function::Release && verdict != Verdict::Fail;
        released.then_some(Self::Release)
    }
}

/// One client and one address, for as long as the client may use it.
#[derive(Clone, Copy, Debug)]
struct Hold<'a> {
    client: &'a Value,
    since: Instant,
    until: Instant,
    line: LineNumber,
}

/// Holds and releases of one address.
#[derive(Debug, Default)]
struct Address<'a> {
    holds: Vec<Hold<'a>>,
    releases: Vec<(&'a Value, Instant)>,
}

/// Judges all addresses.
#[must_use]
pub fn judge(history: &History) -> Findings {
    let mut findings = Findings::default();
    let mut addresses: BTreeMap<&str, Address<'_>> = BTreeMap::new();
    for told in &history.operations {
        let noted = match Step::of(&told.said) {
            Some(Step::Hold) => hold(told)
                .map(|(address, hold)| addresses.entry(address).or_default().holds.push(hold)),
            Some(Step::Release) => release(&told.said).map(|(address, client, asked)| {
                addresses.entry(address).or_default().releases.push((client, asked));
            }),
            None => continue,
        };
        if noted.is_none() {
            findings.misshapen(told.line, "client and address");
        }
    }
    for (address, mut held) in addresses {
        held.shorten();
        for (one, other) in held.overlaps() {
            let why = format!("{} and {} hold {address}", one.client, other.client);
            findings.violated(Violation::OneHolder, [one.line, other.line], why);
        }
    }
    findings
}

fn hold(told: &Numbered<Operation>) -> Option<(&str, Hold<'_>)> {
    let (input, output) = (told.said.input.as_ref()?, told.said.output.as_ref()?);
    let (client, address) = (input.get("client")?, output.get("addr")?.as_str()?);
    let since = told.said.answered?;
    let until = match output.get("ttl_ms") {
        Some(ttl) => {
            let nanoseconds = ttl.as_u64()?.saturating_mul(NANOSECONDS_PER_MILLISECOND);
            Instant(told.said.asked.0.saturating_add(nanoseconds))
        }
        None => Instant(u64::MAX),
    };
    Some((address, Hold { client, since, until, line: told.line }))
}

fn release(operation: &Operation) -> Option<(&str, &Value, Instant)> {
    let input = operation.input.as_ref()?;
    Some((input.get("addr")?.as_str()?, input.get("client")?, operation.asked))
}

impl<'a> Address<'a> {
    /// Ends each hold when its client releases it, or has a newer answer.
    fn shorten(&mut self) {
        self.holds.sort_by_key(|hold| hold.since);
        self.releases.sort_by_key(|(_, asked)| *asked);
        let mut next: BTreeMap<String, Instant> = BTreeMap::new();
        for hold in self.holds.iter_mut().rev() {
            let of_client = |release: &&(&Value, Instant)| release.0 == hold.client;
            let mut own = self.releases.iter().filter(of_client);
            let released = own.find(|(_, asked)| *asked >= hold.since).map(|(_, asked)| *asked);
            let renewed = next.insert(hold.client.to_string(), hold.since);
            let ends = [released, renewed].into_iter().flatten();
            hold.until = ends.fold(hold.until, Ord::min);
        }
    }

    /// Pairs of holds by different clients that have more than a moment in common.
    fn overlaps(&self) -> Vec<(Hold<'a>, Hold<'a>)> {
        let mut running: Vec<Hold<'_>> = Vec::new();
        let mut overlaps = Vec::new();
        for hold in self.holds.iter().filter(|hold| hold.since < hold.until) {
            running.retain(|other| other.until > hold.since);
            let others = running.iter().filter(|other| other.client != hold.client);
            overlaps.extend(others.map(|other| (*other, *hold)));
            running.push(*hold);
        }
        overlaps
    }
}
