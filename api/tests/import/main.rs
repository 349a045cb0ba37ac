//! The importer against whole dumps. What a single rule does is tested beside its code.

mod bad_dumps;
mod dns_answers;
mod expected;
mod hand;
mod mutation;
mod postgres;
mod region;
mod shared;
mod site;

use std::io::Write as _;

/// Says that a test did not run, in the form that the summary counts.
fn skipped(name: &str, reason: &str) {
    writeln!(std::io::stdout(), "SKIPPED {name}: {reason}").expect("standard output is open");
}
