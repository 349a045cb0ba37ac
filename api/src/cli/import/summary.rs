//! What people are told of an import: what came in, what did not, and why.

use crate::cli::import::dump::Dump;
use crate::cli::import::mapping::Mapped;
use crate::cli::import::oddity::{Oddities, Oddity};
use crate::moment::rfc3339;
use regent_core::time::WallTime;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{self, Write};

/// Rows told one by one on the screen; the report file has them all.
const SHOWN_MAX: usize = 20;

/// Writes the summary.
///
/// # Errors
/// When it cannot be written.
pub fn write(
    out: &mut impl Write,
    dump: &Dump,
    mapped: &Mapped,
    as_of: WallTime,
) -> io::Result<()> {
    let name = if dump.database.is_empty() { "(unnamed)" } else { &dump.database };
    writeln!(out, "database  {name}, MAAS {:?}", dump.release)?;
    writeln!(out, "as of     {}; leases run on from there", rfc3339(as_of))?;
    writeln!(out, "content   {}\n", dump.digest)?;
    writeln!(out, "{:<20} {:>9}", "WHAT", "COMES IN")?;
    for (kind, count) in mapped.site.counts().into_iter().filter(|(_, count)| *count > 0) {
        writeln!(out, "{:<20} {count:>9}", kind.noun())?;
    }
    if mapped.leases_run_out > 0 {
        writeln!(out, "\nleases left out, for they had run out: {}", mapped.leases_run_out)?;
    }
    if !mapped.left_out.is_empty() {
        writeln!(out, "\ntables left behind, with their rows:")?;
        mapped.left_out.iter().try_for_each(|(table, rows)| writeln!(out, "  {table} {rows}"))?;
    }
    let events = dump.events_left_out;
    if events.too_old + events.too_many > 0 {
        let (old, many) = (events.too_old, events.too_many);
        writeln!(out, "\nevents left behind: {old} too old, {many} beyond the limit")?;
    }
    let unreadable = dump.oddities.as_slice();
    let skipped: Vec<_> = unreadable.iter().chain(mapped.report.skipped.as_slice()).collect();
    let further = dump.oddities.further() + mapped.report.skipped.further();
    section(out, "rows that stay behind", &skipped, further)?;
    let noted: Vec<_> = mapped.report.noted.as_slice().iter().collect();
    section(out, "rows that come in, with a remark", &noted, mapped.report.noted.further())
}

/// The summary for programs.
#[must_use]
pub fn json(dump: &Dump, mapped: &Mapped, as_of: WallTime) -> Value {
    let counts = mapped.site.counts().into_iter().filter(|(_, count)| *count > 0);
    let comes_in: serde_json::Map<_, _> =
        counts.map(|(kind, count)| (kind.noun().to_owned(), count.into())).collect();
    let all = |rows: &Oddities| rows.as_slice().len() as u64 + rows.further();
    json!({
        "database": dump.database,
        "as_of": rfc3339(as_of),
        "content": dump.digest.to_string(),
        "comes_in": comes_in,
        "leases_run_out": mapped.leases_run_out,
        "rows_that_stay_behind": all(&dump.oddities) + all(&mapped.report.skipped),
        "rows_with_a_remark": all(&mapped.report.noted),
    })
}

fn section(out: &mut impl Write, title: &str, rows: &[&Oddity], further: u64) -> io::Result<()> {
    let total = rows.len() as u64 + further;
    writeln!(out, "\n{title}: {total}")?;
    if rows.len() <= SHOWN_MAX {
        return rows.iter().try_for_each(|row| line(out, "  ", row));
    }
    // Many: by reason, each with an example.
    let mut reasons: BTreeMap<(&str, String), (u64, &Oddity)> = BTreeMap::new();
    for row in rows {
        reasons.entry((row.table, without_numbers(&row.reason))).or_insert((0, row)).0 += 1;
    }
    for ((table, _), (count, row)) in reasons.iter().take(SHOWN_MAX) {
        writeln!(out, "  {count:>6}  {table}, such as {}: {}", row.key, row.reason)?;
    }
    if reasons.len() > SHOWN_MAX {
        let more = reasons.len() - SHOWN_MAX;
        writeln!(out, "  and {more} more reasons; --report FILE writes every row down")?;
    }
    Ok(())
}

/// What reasons of one sort have in common.
fn without_numbers(reason: &str) -> String {
    reason.chars().filter(|character| !character.is_ascii_digit()).collect()
}

/// Writes every row down that stays behind or comes in with a remark, one a line.
///
/// # Errors
/// When it cannot be written.
pub fn write_report(out: &mut impl Write, dump: &Dump, mapped: &Mapped) -> io::Result<()> {
    let all: [(&str, &Oddities); 3] = [
        ("unreadable", &dump.oddities),
        ("skipped", &mapped.report.skipped),
        ("noted", &mapped.report.noted),
    ];
    if mapped.leases_run_out > 0 {
        writeln!(out, "leases that had run out\t{}", mapped.leases_run_out)?;
    }
    for (what, rows) in all {
        rows.as_slice().iter().try_for_each(|row| line(out, &format!("{what}\t"), row))?;
        if rows.further() > 0 {
            writeln!(out, "{what}\tand {} more", rows.further())?;
        }
    }
    Ok(())
}

fn line(out: &mut impl Write, before: &str, row: &Oddity) -> io::Result<()> {
    let Oddity { table, key, reason } = row;
    writeln!(out, "{before}{table}\t{}\t{reason}", key.escape_debug())
}
