//! Saying that a test did not run.

use std::io::Write as _;
use std::process::{Command, Stdio};

/// Tells the summary of `.ci/test` that this test did not run. `print` macros would be swallowed.
pub(crate) fn skip(test: &str, reason: &str) {
    writeln!(std::io::stdout(), "SKIPPED {test}: {reason}").expect("standard output is open");
}

/// Whether a program is there; if not, the test is told as skipped.
pub(crate) fn has(test: &str, program: &str, argument: &str) -> bool {
    let tried =
        Command::new(program).arg(argument).stdout(Stdio::null()).stderr(Stdio::null()).status();
    if tried.is_err() {
        skip(test, &format!("needs {program}, which .ci/test installs"));
    }
    tried.is_ok()
}
