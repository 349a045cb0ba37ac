//! The importer against whole dumps. What a single rule does is tested beside its code.

mod expected;
mod hand;
mod mutation;
mod postgres;
mod shared;

/// Says that a test did not run, in the form that the summary counts.
#[expect(clippy::print_stdout, reason = "the summary reads it from the test's output")]
fn skipped(name: &str, reason: &str) {
    println!("SKIPPED {name}: {reason}");
}
