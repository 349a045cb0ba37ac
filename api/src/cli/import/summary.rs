//! What people and programs are told of an import: what came in, what did not, and why.

use crate::cli::import::dump::Dump;
use crate::cli::import::mapping::Mapped;
use crate::cli::import::oddity::{Oddities, Oddity, Reason, printable};
use crate::moment::rfc3339;
use regent_core::object::Kind;
use regent_core::time::WallTime;
use serde_json::{Value, json};
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
    writeln!(out, "database  {}, MAAS {}", printable(name), dump.release)?;
    writeln!(out, "as of     {}; leases run on from there", rfc3339(as_of))?;
    writeln!(out, "content   {}\n", dump.digest)?;
    writeln!(out, "{:<20} {:>9}", "WHAT", "COMES IN")?;
    for (kind, count) in coming(mapped) {
        writeln!(out, "{:<20} {count:>9}", kind.noun())?;
    }
    if mapped.leases_run_out > 0 {
        writeln!(out, "\nleases left out, for they had run out: {}", mapped.leases_run_out)?;
    }
    if !mapped.left_out.is_empty() {
        writeln!(out, "\ntables left behind, with their rows:")?;
        for (table, rows) in &mapped.left_out {
            writeln!(out, "  {} {rows}", printable(table))?;
        }
    }
    let events = dump.events_left_out;
    if events.too_old + events.too_many > 0 {
        let (old, many) = (events.too_old, events.too_many);
        writeln!(out, "\nevents left behind: {old} too old, {many} beyond the limit")?;
    }
    section(out, "rows that stay behind", &[&dump.oddities, &mapped.report.skipped])?;
    section(out, "rows that come in, with a remark", &[&mapped.report.noted])
}

/// The summary for programs.
#[must_use]
pub fn json(dump: &Dump, mapped: &Mapped, as_of: WallTime) -> Value {
    let comes_in: serde_json::Map<_, _> =
        coming(mapped).map(|(kind, count)| (kind.noun().to_owned(), count.into())).collect();
    let (stay, remarks) = ([&dump.oddities, &mapped.report.skipped], [&mapped.report.noted]);
    let events = dump.events_left_out;
    json!({
        "database": dump.database,
        "release": dump.release.to_string(),
        "as_of": rfc3339(as_of),
        "content": dump.digest.to_string(),
        "comes_in": comes_in,
        "leases_run_out": mapped.leases_run_out,
        "tables_left_behind": mapped.left_out,
        "events_left_behind": { "too_old": events.too_old, "beyond_the_limit": events.too_many },
        "rows_that_stay_behind": count(&stay),
        "rows_with_a_remark": count(&remarks),
        "why_rows_stay_behind": reasons(&stay),
        "remarks": reasons(&remarks),
    })
}

fn coming(mapped: &Mapped) -> impl Iterator<Item = (Kind, usize)> {
    mapped.site.counts().into_iter().filter(|(_, count)| *count > 0)
}

fn count(parts: &[&Oddities]) -> u64 {
    parts.iter().map(|part| part.count_all()).sum()
}

fn reasons(parts: &[&Oddities]) -> Vec<Value> {
    let mut told = Vec::new();
    for Reason { count, example } in parts.iter().flat_map(|part| part.reasons()) {
        let Oddity { table, key, reason } = example;
        told.push(json!({ "table": table, "count": count, "such_as": key, "reason": reason }));
    }
    told
}

fn section(out: &mut impl Write, title: &str, parts: &[&Oddities]) -> io::Result<()> {
    let total = count(parts);
    writeln!(out, "\n{title}: {total}")?;
    if total <= SHOWN_MAX as u64 {
        let mut rows = parts.iter().flat_map(|part| part.as_slice());
        return rows.try_for_each(|row| writeln!(out, "  {}", row.line()));
    }
    // Many: by reason, each with an example.
    let reasons: Vec<_> = parts.iter().flat_map(|part| part.reasons()).collect();
    for Reason { count, example: Oddity { table, key, reason } } in reasons.iter().take(SHOWN_MAX) {
        let (key, reason) = (key.escape_debug(), printable(reason));
        writeln!(out, "  {count:>6}  {table}, such as {key}: {reason}")?;
    }
    if reasons.len() > SHOWN_MAX {
        let more = reasons.len() - SHOWN_MAX;
        writeln!(out, "  and {more} more reasons; --report FILE writes every row down")?;
    }
    Ok(())
}

/// Writes every row down that stays behind or comes in with a remark, one a line.
///
/// # Errors
/// When it cannot be written.
pub fn write_report(out: &mut impl Write, dump: &mut Dump, mapped: &mut Mapped) -> io::Result<()> {
    if mapped.leases_run_out > 0 {
        writeln!(out, "leases that had run out\t{}", mapped.leases_run_out)?;
    }
    dump.oddities.write(out, "unreadable\t")?;
    mapped.report.skipped.write(out, "skipped\t")?;
    mapped.report.noted.write(out, "noted\t")
}
