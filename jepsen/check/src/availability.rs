//! How long clients waited for an answer that helped them. Told, not judged: bars are set elsewhere.
//!
//! A wait is the time between two good answers of a service, or between the first question and the first answer, or
//! the last answer and the last question. It counts for every fault that it has a moment in common with; a fault that
//! met several nodes at once is one.

use crate::history::line::{FaultOutcome, Function, Instant, Note, Operation};
use crate::history::reader::History;
use serde::Serialize;
use std::collections::BTreeMap;

/// In the answer to a question for an address: how long it is held.
const TTL: &str = "ttl_ms";

/// What was to be waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Service {
    /// An acknowledged write.
    Writes,
    /// An address, held until it is given back.
    Addresses,
    /// An address for a time, or more time with it.
    Leases,
    /// A DNS answer.
    Dns,
}

/// The waits of a run, by service; of those that nobody asked for there are none.
pub type Availability = BTreeMap<Service, Waits>;

/// How long a service was waited for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Waits {
    /// Good answers.
    pub answers: u64,
    /// The longest wait of the run.
    pub longest_ns: u64,
    /// The longest wait at each fault, by kind of fault.
    pub by_fault: BTreeMap<String, FaultWaits>,
}

/// How long a service was waited for at the faults of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FaultWaits {
    /// How many of them were installed.
    pub faults: u64,
    /// The middle one of their longest waits; of an even number the longer one.
    pub median_ns: u64,
    /// The longest of them.
    pub worst_ns: u64,
    /// The longest wait at each of them, in order of length, so that those of several runs can be put together.
    pub each_ns: Vec<u64>,
}

/// A time between two moments.
pub type Span = (Instant, Instant);

/// When faults were there, by what they are to be called.
pub type FaultSpans = BTreeMap<String, Vec<Span>>;

/// Measures all services, by kind of fault.
#[must_use]
pub fn measure(history: &History) -> Availability {
    measure_at(history, &faults(history))
}

/// Measures all services at these faults.
#[must_use]
pub fn measure_at(history: &History, faults: &FaultSpans) -> Availability {
    let services = [Service::Writes, Service::Addresses, Service::Leases, Service::Dns];
    let measured = services.into_iter().filter_map(|service| {
        let answers = answers(history, service)?;
        Some((service, answers.waits(faults)))
    });
    measured.collect()
}

impl Service {
    /// The service that an operation asks for, if it is one of these. A refused question for an address does not tell
    /// what kind of hold it asked for, and counts for [`Self::Addresses`].
    #[must_use]
    pub fn of(operation: &Operation) -> Option<Self> {
        let is_lease = || operation.output.as_ref().is_some_and(|out| out.get(TTL).is_some());
        match operation.function {
            Function::Write | Function::Delete | Function::Cas => Some(Self::Writes),
            Function::Add | Function::Apply => Some(Self::Writes),
            Function::Alloc if is_lease() => Some(Self::Leases),
            Function::Alloc => Some(Self::Addresses),
            Function::Renew => Some(Self::Leases),
            Function::Dns => Some(Self::Dns),
            Function::Read | Function::ReadSet | Function::ReadCtr | Function::Usage => None,
            Function::Release | Function::Watch | Function::Digest => None,
        }
    }
}

/// When each installed fault was there, by kind.
fn faults(history: &History) -> FaultSpans {
    let mut faults = FaultSpans::new();
    for told in &history.notes {
        if let Note::Fault { kind, began, healed, outcome: FaultOutcome::Installed, .. } =
            &told.said
        {
            let span = (*began, healed.unwrap_or(Instant(u64::MAX)));
            let spans = faults.entry(kind.clone()).or_default();
            if !spans.contains(&span) {
                spans.push(span);
            }
        }
    }
    faults
}

/// When a service was asked first and last, and its good answers.
#[derive(Debug)]
struct Answers {
    first: Instant,
    last: Instant,
    good: Vec<Instant>,
}

fn answers(history: &History, service: Service) -> Option<Answers> {
    let operations = history.operations.iter().map(|told| &told.said);
    let asked = operations.filter(|operation| Service::of(operation) == Some(service));
    let asked: Vec<_> = asked.collect();
    let good = asked.iter().filter(|operation| operation.is_ok());
    let mut good: Vec<_> = good.filter_map(|operation| operation.answered).collect();
    good.sort_unstable();
    let first = asked.iter().map(|operation| operation.asked).min()?;
    let last = asked.iter().map(|operation| operation.asked).max()?;
    Some(Answers { first, last, good })
}

impl Answers {
    fn waits(&self, faults: &FaultSpans) -> Waits {
        let waits = self.spans();
        let by_fault = faults.iter().map(|(kind, faults)| {
            let longest = faults.iter().map(|fault| longest(&waits, *fault)).collect();
            (kind.clone(), FaultWaits::of(longest))
        });
        let by_fault = by_fault.collect();
        let longest_ns = longest(&waits, (Instant(0), Instant(u64::MAX)));
        Waits { answers: self.good.len() as u64, longest_ns, by_fault }
    }

    /// The times between good answers, with what came before the first and after the last.
    fn spans(&self) -> Vec<Span> {
        let begins = [self.first].into_iter().chain(self.good.iter().copied());
        let ends = self.good.iter().copied().chain([self.last]);
        begins.zip(ends).collect()
    }
}

/// The longest wait that has a moment in common with a fault.
fn longest(waits: &[Span], (began, healed): Span) -> u64 {
    let met = waits.iter().filter(|(begin, end)| *begin <= healed && began <= *end);
    met.map(|(begin, end)| end.0.saturating_sub(begin.0)).max().unwrap_or_default()
}

impl FaultWaits {
    /// Of at least one fault.
    fn of(mut longest: Vec<u64>) -> Self {
        longest.sort_unstable();
        let median_ns = longest[longest.len() / 2];
        let worst_ns = longest[longest.len() - 1];
        Self { faults: longest.len() as u64, median_ns, worst_ns, each_ns: longest }
    }
}
