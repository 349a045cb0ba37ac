//! Many runs at a glance: a line each, and what they come to.

use crate::outages::seconds;
use crate::report::{LEADER_CHANGES, Report, SNAPSHOT_INSTALLS, Word};
use crate::table::table;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Milliseconds of an hour.
const HOUR_MS: f64 = 3_600_000.0;

/// A table of runs, and a line below that counts them.
#[must_use]
pub fn summary(runs: &[(PathBuf, Report)]) -> String {
    let heads = [
        "tier",
        "seed",
        "nodes",
        "verdict",
        "operations",
        "faults",
        "leader changes",
        "snapshots",
        "write gap",
        "violations",
        "folder",
    ];
    let rows: Vec<_> = runs.iter().map(|(folder, report)| row(folder, report)).collect();
    let counts = counts(runs.iter().map(|(_, report)| report));
    format!("{}\n{counts}\n", table(&heads, &rows))
}

/// As in `3 runs, 1.25 h: 2 PASS, 1 FAIL`.
#[must_use]
pub fn counts<'a>(reports: impl Iterator<Item = &'a Report>) -> String {
    let (mut runs, mut tried_ms, mut words) = (0_u64, 0, BTreeMap::new());
    for report in reports {
        runs += 1;
        tried_ms += report.run.tried_ms();
        *words.entry(report.verdict).or_insert(0) += 1;
    }
    let words: Vec<_> = words
        .iter()
        .map(|(word, count): (&Word, &u64)| format!("{count} {}", word.name()))
        .collect();
    format!("{runs} runs, {:.2} h: {}", hours(tried_ms), words.join(", "))
}

/// Hours of milliseconds.
#[must_use]
pub fn hours(milliseconds: u64) -> f64 {
    milliseconds as f64 / HOUR_MS
}

fn row(folder: &std::path::Path, report: &Report) -> Vec<String> {
    let operations = report.coverage.iter().filter(|row| row.of.starts_with("operation "));
    let gap = report.availability.get("writes").map(|waited| seconds(waited.longest_ns));
    vec![
        report.run.tier.to_string(),
        report.run.seed.to_string(),
        report.run.nodes.to_string(),
        report.verdict.name().to_owned(),
        operations.map(|row| row.reached).sum::<u64>().to_string(),
        report.faults.values().map(|done| done.installed).sum::<u64>().to_string(),
        report.reached(LEADER_CHANGES).to_string(),
        report.reached(SNAPSHOT_INSTALLS).to_string(),
        gap.unwrap_or_default(),
        violations(&report.violations),
        folder.display().to_string(),
    ]
}

/// As in `acked-lost 2, divergence 1`.
#[must_use]
pub fn violations(counts: &BTreeMap<String, u64>) -> String {
    let told: Vec<_> =
        counts.iter().map(|(property, times)| format!("{property} {times}")).collect();
    told.join(", ")
}
