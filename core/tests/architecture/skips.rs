//! A skipped test must reach the summary of `.ci/test`, and what `print` macros say in a test does not.
//!
//! The runner keeps their output for itself when the test passes. CONTRIBUTING.md shows what to write.

use crate::tree::Tree;

/// How a line begins that says a test did not run.
const MARK: &str = "(\"SKIPPED ";

/// A sentence for each file that prints the mark with a macro the runner captures.
pub(crate) fn violations(tree: &Tree) -> Vec<String> {
    let captured =
        ["print!", "println!", "eprint!", "eprintln!"].map(|name| format!("{name}{MARK}"));
    tree.sources()
        .filter(|(_, text)| captured.iter().any(|start| text.contains(start)))
        .map(|(file, _)| format!("{file} prints SKIPPED where nobody sees it: see CONTRIBUTING.md"))
        .collect()
}

#[test]
fn a_skip_that_the_runner_would_swallow_is_reported() {
    let macros = ["println!", "eprintln!", "writeln!"];
    let found = macros.map(|name| {
        let text = format!("fn f() {{ {name}{MARK}dig: absent: dig\"); }}");
        violations(&Tree::planted(&[("c/tests/a.rs", &text)])).len()
    });
    assert_eq!(found, [1, 1, 0]);
}
