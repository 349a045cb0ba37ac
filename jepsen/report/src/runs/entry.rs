//! A line of the book: a run, or a batch of runs that differ in nothing but their seeds.

use crate::about::{About, Tier};
use crate::report::{Report, Word};
use crate::runs::seeds::Seeds;
use crate::source::Source;
use crate::summary::{hours, violations};
use std::collections::BTreeMap;

/// The columns, as they are headed.
pub const HEADS: [&str; 11] = [
    "date",
    "commit",
    "core, raft",
    "tier",
    "seeds",
    "runs",
    "hours",
    "nodes",
    "faults",
    "verdict",
    "violations",
];
/// Behind hours that nobody had to wait for.
const VIRTUAL: &str = "virtual";
const HOUR_MS: f64 = 3_600_000.0;

/// A line of the book.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The day on which it began, UTC.
    pub date: String,
    /// What was tried.
    pub source: Source,
    /// How much of it was real.
    pub tier: Tier,
    /// From what.
    pub seeds: Seeds,
    /// How many runs.
    pub runs: u64,
    /// For how long, all of them, in milliseconds; virtual ones for the simulation.
    pub tried_ms: u64,
    /// Nodes of the region.
    pub nodes: u64,
    /// Faults that were installed, by kind.
    pub faults: BTreeMap<String, u64>,
    /// How many runs had which verdict.
    pub verdicts: BTreeMap<Word, u64>,
    /// How often each property was violated.
    pub violations: BTreeMap<String, u64>,
}

/// Why a line is none of the book.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no line of the book of runs: {column} in {line:?}")]
pub struct NoEntry {
    /// What is wrong with it.
    column: &'static str,
    /// The line.
    line: String,
}

impl Entry {
    /// The line of one run.
    #[must_use]
    pub fn of(report: &Report) -> Self {
        let About { tier, seed, nodes, source, started, .. } = &report.run;
        let faults = report.faults.iter().filter(|(_, done)| done.installed > 0);
        Self {
            date: started.chars().take_while(|letter| *letter != 'T').collect(),
            source: source.clone(),
            tier: *tier,
            seeds: [*seed].into_iter().collect(),
            runs: 1,
            tried_ms: report.run.tried_ms(),
            nodes: *nodes,
            faults: faults.map(|(kind, done)| (kind.clone(), done.installed)).collect(),
            verdicts: BTreeMap::from([(report.verdict, 1)]),
            violations: report.violations.clone(),
        }
    }

    /// Whether two lines may be one.
    fn is_like(&self, other: &Self) -> bool {
        let like =
            |entry: &Self| (entry.date.clone(), entry.source.clone(), entry.tier, entry.nodes);
        like(self) == like(other)
    }

    fn and(mut self, other: Self) -> Self {
        self.seeds = self.seeds.and(other.seeds);
        self.runs += other.runs;
        self.tried_ms += other.tried_ms;
        other.faults.into_iter().for_each(|(kind, n)| *self.faults.entry(kind).or_default() += n);
        other
            .verdicts
            .into_iter()
            .for_each(|(word, n)| *self.verdicts.entry(word).or_default() += n);
        let violations = other.violations.into_iter();
        violations.for_each(|(kind, n)| *self.violations.entry(kind).or_default() += n);
        self
    }

    /// Its cells.
    #[must_use]
    pub fn cells(&self) -> Vec<String> {
        let unit = match self.tier {
            Tier::Sim => format!(" {VIRTUAL}"),
            Tier::Local | Tier::Netns => String::new(),
        };
        let words: Vec<_> =
            self.verdicts.iter().map(|(word, n)| format!("{} {n}", word.name())).collect();
        vec![
            self.date.clone(),
            self.source.commit.clone(),
            self.source.product.clone(),
            self.tier.to_string(),
            self.seeds.to_string(),
            self.runs.to_string(),
            format!("{:.4}{unit}", hours(self.tried_ms)),
            self.nodes.to_string(),
            violations(&self.faults),
            words.join(", "),
            violations(&self.violations),
        ]
    }

    /// The entry of these cells.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn read(cells: &[&str]) -> Result<Self, NoEntry> {
        let wrong = |column| NoEntry { column, line: cells.join(" | ") };
        let cells: [&str; HEADS.len()] = cells.try_into().map_err(|_| wrong("number of cells"))?;
        let [date, commit, product, tier, seeds, runs, hours, nodes, faults, verdicts, violations] =
            cells;
        let words = counts(verdicts).ok_or_else(|| wrong("verdict"))?;
        let words = words.into_iter().map(|(word, n)| Some((Word::named(&word)?, n)));
        Ok(Self {
            date: date.to_owned(),
            source: Source { commit: commit.to_owned(), product: product.to_owned() },
            tier: Tier::named(tier).ok_or_else(|| wrong("tier"))?,
            seeds: seeds.parse().map_err(|_| wrong("seeds"))?,
            runs: runs.parse().map_err(|_| wrong("runs"))?,
            tried_ms: milliseconds(hours).ok_or_else(|| wrong("hours"))?,
            nodes: nodes.parse().map_err(|_| wrong("nodes"))?,
            faults: counts(faults).ok_or_else(|| wrong("faults"))?,
            verdicts: words.collect::<Option<_>>().ok_or_else(|| wrong("verdict"))?,
            violations: counts(violations).ok_or_else(|| wrong("violations"))?,
        })
    }
}

/// Has runs that differ in nothing but their seeds be one line each, in the order of their first ones.
#[must_use]
pub fn together(entries: Vec<Entry>) -> Vec<Entry> {
    let mut lines: Vec<Entry> = Vec::new();
    for entry in entries {
        match lines.iter().position(|line| line.is_like(&entry)) {
            Some(place) => lines[place] = lines[place].clone().and(entry),
            None => lines.push(entry),
        }
    }
    lines
}

/// From `kill 3, power-off 2`. Names may have spaces.
fn counts(text: &str) -> Option<BTreeMap<String, u64>> {
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    let count = |part: &str| {
        let (name, count) = part.rsplit_once(' ')?;
        Some((name.to_owned(), count.parse().ok()?))
    };
    parts.map(count).collect()
}

/// Of hours, to the nearest.
#[expect(
    clippy::cast_possible_truncation,
    reason = "what is not a number of hours that anybody can wait is refused before"
)]
fn milliseconds(hours: &str) -> Option<u64> {
    const HOURS_MAX: f64 = 1e9;
    let hours: f64 = hours.trim_end_matches(VIRTUAL).trim().parse().ok()?;
    (0.0..HOURS_MAX).contains(&hours).then(|| (hours * HOUR_MS).round() as u64)
}

#[cfg(test)]
mod tests {
    use super::{Entry, together};
    use crate::about::Tier;
    use crate::report::{Done, Report, Word, sample};
    use std::collections::BTreeMap;

    fn run(seed: u64, verdict: Word) -> Report {
        let mut report = sample();
        report.run.seed = seed;
        report.verdict = verdict;
        let done = Done { installed: 2, ..Done::default() };
        report.faults = BTreeMap::from([("power-off".to_owned(), done)]);
        if verdict == Word::Fail {
            report.violations = BTreeMap::from([("acked-lost".to_owned(), 3)]);
        }
        report
    }

    fn entries(runs: &[Report]) -> Vec<Entry> {
        runs.iter().map(Entry::of).collect()
    }

    #[test]
    fn entry_is_read_as_it_was_written() {
        let mut entry = Entry::of(&run(3, Word::Fail));
        for tier in Tier::ALL {
            entry.tier = tier;
            let cells = entry.cells();
            let cells: Vec<_> = cells.iter().map(String::as_str).collect();
            assert_eq!(Entry::read(&cells), Ok(entry.clone()));
        }
        let cells = entry.cells();
        let expected = [
            "2026-11-22",
            "abc",
            "def",
            "netns",
            "3",
            "1",
            "0.0250",
            "3",
            "power-off 2",
            "FAIL 1",
            "acked-lost 3",
        ];
        assert_eq!(cells, expected);
    }

    #[test]
    fn runs_that_differ_in_their_seeds_only_are_one_line() {
        let mut five = run(4, Word::Pass);
        five.run.nodes = 5;
        let runs = [run(1, Word::Pass), five, run(2, Word::Fail), run(3, Word::Pass)];
        let lines = together(entries(&runs));
        assert_eq!(lines.len(), 2);
        assert_eq!((lines[0].seeds.to_string().as_str(), lines[0].runs), ("1-3", 3));
        assert_eq!(lines[0].tried_ms, 270_000);
        assert_eq!(lines[0].verdicts, BTreeMap::from([(Word::Pass, 2), (Word::Fail, 1)]));
        assert_eq!(lines[0].faults["power-off"], 6);
        assert_eq!(lines[1].nodes, 5);
    }

    #[test]
    fn line_that_somebody_spoilt_is_refused_by_its_column() {
        let good = Entry::of(&run(3, Word::Pass)).cells();
        for (column, bad) in [(3, "moon"), (4, "x"), (6, "-1"), (6, "NaN"), (9, "GOOD 1")] {
            let mut cells: Vec<_> = good.iter().map(String::as_str).collect();
            cells[column] = bad;
            assert!(Entry::read(&cells).is_err(), "{bad}");
        }
    }
}
