//! Explores the lease protocol and prints a table of what was seen.

use clap::Parser;
use regent_lease_model::check::{Verdict, check};
use regent_lease_model::configurations::{LONG, SHORT, without};
use regent_lease_model::model::NO_ADDRESS_TWICE;
use regent_lease_model::mutation::Mutation;
use regent_lease_model::setting::Setting;
use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::process::ExitCode;

/// Explores the lease protocol in small worlds, whole and with each rule taken away.
#[derive(Debug, Parser)]
#[command(name = "regent-lease-model", version)]
struct Arguments {
    /// Explores the larger worlds too.
    #[arg(long)]
    long: bool,
    /// Only rows whose configuration or missing rule has this in its name.
    #[arg(long, default_value = "")]
    only: String,
    /// Prints the steps that lead to each violation.
    #[arg(long)]
    steps: bool,
    /// Takes no two different worlds for one. Takes longer, and has to show the same.
    #[arg(long)]
    remember: bool,
    /// How many threads.
    #[arg(long, default_value = "2")]
    threads: NonZeroUsize,
}

/// One line of the table.
struct Row {
    setting: Setting,
    name: String,
    is_expected: fn(&Verdict) -> bool,
}

fn main() -> io::Result<ExitCode> {
    let arguments = Arguments::parse();
    let mut out = io::stdout();
    writeln!(out, "| world | without | worlds | depth | verdict | seconds |")?;
    writeln!(out, "|---|---|--:|--:|---|--:|")?;
    let mut is_as_expected = true;
    for row in rows(arguments.long).filter(|row| row.name.contains(&arguments.only)) {
        let remembers = arguments.remember;
        let setting = if remembers { row.setting.remembering() } else { row.setting };
        let verdict = check(setting, arguments.threads);
        is_as_expected &= (row.is_expected)(&verdict);
        write_row(&mut out, &row.name, &verdict)?;
        if let Some(violation) = verdict.violation.filter(|_| arguments.steps) {
            writeln!(out, "{}", violation.steps)?;
        }
    }
    Ok(if is_as_expected { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn rows(is_long: bool) -> impl Iterator<Item = Row> {
    let long = LONG.into_iter().filter(move |_| is_long);
    let whole = SHORT.into_iter().chain(long).map(|scenario| Row {
        setting: Setting::new(scenario, None),
        name: format!("{} | ", scenario.name),
        is_expected: |verdict| verdict.violation.is_none() && verdict.missing.is_empty(),
    });
    let lacking = Mutation::ALL.into_iter().map(|mutation| Row {
        setting: Setting::new(without(mutation), Some(mutation)),
        name: format!("{} | {}", without(mutation).name, mutation.name()),
        is_expected: |verdict| {
            verdict.violation.as_ref().is_some_and(|found| found.property == NO_ADDRESS_TWICE)
        },
    });
    whole.chain(lacking)
}

fn write_row(out: &mut impl Write, name: &str, verdict: &Verdict) -> io::Result<()> {
    let Verdict { worlds, depth, took, violation, missing } = verdict;
    let said = match violation {
        Some(violation) => format!("violated: {}", violation.property),
        None if missing.is_empty() => "holds".to_owned(),
        None => format!("holds, but never seen: {missing:?}"),
    };
    writeln!(out, "| {name} | {worlds} | {depth} | {said} | {:.1} |", took.as_secs_f64())
}
