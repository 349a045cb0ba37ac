//! Every file under `src` and `tests` opens with the sign `//!` that says what the room is for.

use crate::tree::Tree;

/// A sentence for each file without a sign.
pub(crate) fn violations(tree: &Tree) -> Vec<String> {
    tree.sources()
        .filter(|(file, _)| file.contains("/src/") || file.contains("/tests/"))
        .filter(|(_, text)| !text.starts_with("//!"))
        .map(|(file, _)| format!("{file} does not start with //!: say what it is for and what not"))
        .collect()
}

#[test]
fn a_file_without_a_sign_on_its_first_line_is_reported() {
    let tree = Tree::planted(&[
        ("c/src/a.rs", "//! Fine."),
        ("c/src/b.rs", "use x::y;\n//! Too late."),
        ("c/tests/d.rs", "// Not a sign."),
        ("c/build.rs", "fn main() {}"),
    ]);
    let found = violations(&tree);
    assert_eq!(found.len(), 2);
    assert!(found[0].starts_with("c/src/b.rs") && found[1].starts_with("c/tests/d.rs"));
}
