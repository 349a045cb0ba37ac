//! How long clients waited, by kind of fault, over many runs: the table that the documentation shows.

use crate::report::Report;
use crate::table::table;
use std::collections::BTreeMap;
use std::time::Duration;

/// The services of the table: as verdicts call them, and as people do.
const SERVICES: [(&str, &str); 3] =
    [("writes", "write gap"), ("dns", "DNS gap"), ("leases", "DHCP gap")];

/// A table with a row for each kind of fault: how many there were, and the middle and the worst of the longest waits at each.
#[must_use]
pub fn outages(reports: &[Report]) -> String {
    let mut kinds: BTreeMap<&str, BTreeMap<&str, Vec<u64>>> = BTreeMap::new();
    for report in reports {
        for (service, waited) in &report.availability {
            for (kind, at) in &waited.by_fault {
                let waits = kinds.entry(kind).or_default().entry(service).or_default();
                waits.extend(&at.each_ns);
            }
        }
    }
    let heads: Vec<String> = ["fault".to_owned(), "times".to_owned()]
        .into_iter()
        .chain(
            SERVICES.iter().flat_map(|(_, name)| [format!("{name}, median"), "worst".to_owned()]),
        )
        .collect();
    let heads: Vec<&str> = heads.iter().map(String::as_str).collect();
    let rows: Vec<_> = kinds.iter_mut().map(|(kind, services)| row(kind, services)).collect();
    table(&heads, &rows)
}

fn row(kind: &str, services: &mut BTreeMap<&str, Vec<u64>>) -> Vec<String> {
    let times = services.values().map(Vec::len).max().unwrap_or_default();
    let mut row = vec![kind.to_owned(), times.to_string()];
    for (service, _) in SERVICES {
        let waits = services.entry(service).or_default();
        waits.sort_unstable();
        row.push(waits.get(waits.len() / 2).copied().map_or_else(String::new, seconds));
        row.push(waits.last().copied().map_or_else(String::new, seconds));
    }
    row
}

/// As in `0.43 s`.
#[must_use]
pub fn seconds(nanoseconds: u64) -> String {
    format!("{:.2} s", Duration::from_nanos(nanoseconds).as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::outages;
    use crate::report::{Report, Waited, WaitedAt};
    use std::collections::BTreeMap;

    /// Longest waits at kills of leaders, in tenths of a second.
    fn killed(service: &str, tenths: &[u64]) -> Report {
        let each_ns = tenths.iter().map(|tenths| tenths * 100_000_000).collect();
        let at = WaitedAt { median_ns: 0, worst_ns: 0, each_ns };
        let by_fault = BTreeMap::from([("kill, leader".to_owned(), at)]);
        let waited = Waited { answers: 1, longest_ns: 0, by_fault };
        let mut report = crate::report::sample();
        report.availability = BTreeMap::from([(service.to_owned(), waited)]);
        report
    }

    #[test]
    fn median_is_of_all_faults_of_all_runs_and_not_of_their_medians() {
        let reports = [killed("writes", &[1]), killed("writes", &[2, 3, 9]), killed("dns", &[4])];
        let table = outages(&reports);
        let row: Vec<_> = table.lines().last().unwrap().split('|').map(str::trim).collect();
        let expected =
            ["", "kill, leader", "4", "0.30 s", "0.90 s", "0.40 s", "0.40 s", "", "", ""];
        assert_eq!(row, expected, "{table}");
    }
}
